import { EVENT_TOKENS, TOKENS } from '../theme/tokens.ts';

/**
 * The colours a chart may use. The tokens live in the window's stylesheet (visual.md, "Colour tokens"); charts need
 * them as plain values, because a canvas knows no CSS variables.
 */
export interface ChartTheme {
  readonly mode: 'light' | 'dark';
  readonly background: string;
  readonly panel: string;
  readonly raised: string;
  readonly border: string;
  readonly borderStrong: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly danger: string;
  readonly warning: string;
  readonly good: string;
  readonly remainder: string;
  /** Lead, Prospect, Customer, Churn. */
  readonly stages: readonly [string, string, string, string];
  /** The eight hues of event types, in order; the ninth and later are `remainder`. */
  readonly types: readonly string[];
}

function toTheme(mode: 'light' | 'dark'): ChartTheme {
  const t = TOKENS[mode];
  const { bg, panel, raised, border, borderStrong, text, muted, accent, danger, warning, good, remainder } = t;
  return {
    mode,
    background: bg,
    panel,
    raised,
    border,
    borderStrong,
    text,
    muted,
    accent,
    danger,
    warning,
    good,
    remainder,
    stages: [t.stageLead, t.stageProspect, t.stageCustomer, t.stageChurn],
    types: EVENT_TOKENS.map((token) => t[token]),
  };
}
export const LIGHT_THEME: ChartTheme = toTheme('light');
export const DARK_THEME: ChartTheme = toTheme('dark');

export const STAGE_NAMES = ['Lead', 'Prospect', 'Customer', 'Churn'] as const;
/** Name of the series that gathers what has no hue or row of its own. */
export const OTHER = 'Other';

/** Name → colour, the same in every view. */
export type ColorOf = (name: string) => string;

/**
 * Event types take the hues in the order of the vocabulary (most frequent first), so a type keeps its colour in every
 * view; the ninth and later share the remainder colour.
 */
export function getEventColors(theme: ChartTheme, vocabulary: readonly string[]): ColorOf {
  const byName = new Map(vocabulary.map((name, i) => [name, theme.types[i] ?? theme.remainder]));
  return (name) => byName.get(name) ?? theme.remainder;
}

/** The four stages have their own hues; states of an edited model take type hues, so that the four keep their meaning. */
export function getStateColors(theme: ChartTheme, states: readonly string[]): ColorOf {
  const byName = new Map<string, string>();
  let next = 0;
  for (const state of states) {
    const stage = STAGE_NAMES.findIndex((name) => name === state);
    byName.set(state, (stage >= 0 ? theme.stages[stage] : theme.types[next++]) ?? theme.remainder);
  }
  return (name) => byName.get(name) ?? theme.remainder;
}

/** Values of one property have no fixed colour: hues in the order given. */
export function getSeriesColors(theme: ChartTheme, names: readonly string[]): ColorOf {
  return getEventColors(
    theme,
    names.filter((name) => name !== OTHER),
  );
}

/** `#rrggbb` mixed towards another: 0 = a, 1 = b. */
export function mixColors(a: string, b: string, share: number): string {
  const parts = [1, 3, 5].map((i) => {
    const from = Number.parseInt(a.slice(i, i + 2), 16);
    const to = Number.parseInt(b.slice(i, i + 2), 16);
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}

/** Relative luminance contrast of two `#rrggbb` colours, 1..21 (WCAG). */
export function getContrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((i) => {
      const c = Number.parseInt(color.slice(i, i + 2), 16) / 255;
      return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
