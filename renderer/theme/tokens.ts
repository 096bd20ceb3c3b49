/**
 * The colours of visual.md as data, for canvas and charts; `tokens.css` has the same as CSS variables (a test holds
 * them equal). A key `stageLead` is the variable `--stage-lead`.
 */
export const LIGHT = {
  bg: '#f7f7f5',
  panel: '#ffffff',
  raised: '#ffffff',
  border: '#e4e3df',
  borderStrong: '#cfcdc7',
  text: '#1d1c1a',
  muted: '#66645e',
  accent: '#2b66d9',
  accentText: '#ffffff',
  danger: '#c2362b',
  warning: '#946000',
  good: '#1d7a4f',
  stageLead: '#3d8fd1',
  stageProspect: '#6a4fb3',
  stageCustomer: '#0f8a68',
  stageChurn: '#d1592a',
  remainder: '#8f8c84',
  event1: '#157f8f',
  event2: '#946000',
  event3: '#b0408f',
  event4: '#5d6b82',
  event5: '#6d7a1f',
  event6: '#8a5a3a',
  event7: '#4f57c4',
  event8: '#c0445f',
} as const;
export type TokenName = keyof typeof LIGHT;
export type Tokens = Readonly<Record<TokenName, string>>;

export const DARK: Tokens = {
  bg: '#141517',
  panel: '#1b1c1f',
  raised: '#232428',
  border: '#2b2c31',
  borderStrong: '#3c3d44',
  text: '#ecebe7',
  muted: '#a09e97',
  accent: '#7aa5ff',
  accentText: '#0f1420',
  danger: '#ff8377',
  warning: '#f0b24a',
  good: '#58c48f',
  stageLead: '#6db8f0',
  stageProspect: '#9a82e0',
  stageCustomer: '#33b48d',
  stageChurn: '#ef7f52',
  remainder: '#77756f',
  event1: '#45b8c8',
  event2: '#e0a83a',
  event3: '#e082c4',
  event4: '#9aa8bd',
  event5: '#b3c04f',
  event6: '#c99a78',
  event7: '#929af0',
  event8: '#f08aa0',
};

export const TOKENS: Readonly<Record<'light' | 'dark', Tokens>> = { light: LIGHT, dark: DARK };
export const EVENT_TOKENS = ['event1', 'event2', 'event3', 'event4', 'event5', 'event6', 'event7', 'event8'] as const;

/** `stageLead` → `--stage-lead`, `event1` → `--event-1`. */
export const cssName = (token: string): string =>
  `--${token.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`).replace(/(\d)/, '-$1')}`;
