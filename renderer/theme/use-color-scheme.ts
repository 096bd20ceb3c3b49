import { useSyncExternalStore } from 'react';

const query = '(prefers-color-scheme: dark)';
function subscribe(listener: () => void): () => void {
  const media = matchMedia(query);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** The scheme in force for the user's choice. */
export function useColorScheme(theme: 'system' | 'light' | 'dark'): 'light' | 'dark' {
  const system = useSyncExternalStore(subscribe, () => (matchMedia(query).matches ? 'dark' : 'light'));
  return theme === 'system' ? system : theme;
}
