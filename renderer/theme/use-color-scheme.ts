import { useSyncExternalStore } from 'react';

let kept: MediaQueryList | null = null;
const getMedia = (): MediaQueryList => (kept ??= matchMedia('(prefers-color-scheme: dark)'));
function subscribe(listener: () => void): () => void {
  const media = getMedia();
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** The scheme in force for the user's choice. */
export function useColorScheme(theme: 'system' | 'light' | 'dark'): 'light' | 'dark' {
  const system = useSyncExternalStore(subscribe, () => (getMedia().matches ? 'dark' : 'light'));
  return theme === 'system' ? system : theme;
}
