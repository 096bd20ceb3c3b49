import { useSyncExternalStore } from 'react';
import { DARK_THEME, LIGHT_THEME, type ChartTheme } from './palette.ts';

const SCHEME = 'data-mantine-color-scheme';
const getMode = (): 'light' | 'dark' => (document.documentElement.getAttribute(SCHEME) === 'dark' ? 'dark' : 'light');

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [SCHEME] });
  return () => observer.disconnect();
}

/** The theme in use; a switch of light and dark renders the charts anew. */
export function useChartTheme(): ChartTheme {
  return useSyncExternalStore(subscribe, getMode) === 'dark' ? DARK_THEME : LIGHT_THEME;
}

/** Kept: to ask anew costs more than the rest of a small picture. */
let kept: MediaQueryList | null = null;
const getMotion = (): MediaQueryList => (kept ??= matchMedia('(prefers-reduced-motion: reduce)'));
function subscribeMotion(onChange: () => void): () => void {
  const query = getMotion();
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}
/** The system asks for no animation. */
export function useReducedMotion(): boolean {
  return useSyncExternalStore(subscribeMotion, () => getMotion().matches);
}
