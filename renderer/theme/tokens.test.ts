import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DARK_THEME, getContrast, LIGHT_THEME } from '../charts/palette.ts';
import { cssName, EVENT_TOKENS, TOKENS, type TokenName } from './tokens.ts';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const MODES = ['light', 'dark'] as const;
const SURFACES = ['bg', 'panel', 'raised'] as const;
const TEXTS = ['text', 'muted', 'accent', 'danger', 'warning', 'good'] as const;
const MARKS = [
  'accent',
  'danger',
  'warning',
  'good',
  'stageLead',
  'stageProspect',
  'stageCustomer',
  'stageChurn',
  'remainder',
  ...EVENT_TOKENS,
] as const;

/** The declarations of one scheme in the stylesheet. */
function declared(mode: 'light' | 'dark'): ReadonlyMap<string, string> {
  const start = css.indexOf(`[data-mantine-color-scheme='${mode}'] {`);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map([...block.matchAll(/(--[\w-]+): (#[\da-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

describe.each(MODES)('%s', (mode) => {
  const tokens = TOKENS[mode];

  test('the stylesheet and the data are the same', () => {
    const names = Object.keys(tokens) as TokenName[];
    expect(Object.fromEntries(declared(mode))).toEqual(Object.fromEntries(names.map((n) => [cssName(n), tokens[n]])));
  });

  test.each(SURFACES)('text on %s has 4.5 : 1', (surface) => {
    const low = TEXTS.filter((text) => getContrast(tokens[text], tokens[surface]) < 4.5);
    expect(low).toEqual([]);
  });

  test('text on accent has 4.5 : 1', () => {
    expect(getContrast(tokens.accentText, tokens.accent)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['bg', 'panel'] as const)('marks on %s have 3 : 1', (surface) => {
    const low = MARKS.filter((mark) => getContrast(tokens[mark], tokens[surface]) < 3);
    expect(low).toEqual([]);
  });

  test('charts draw with the same colours', () => {
    const theme = mode === 'light' ? LIGHT_THEME : DARK_THEME;
    expect(theme).toMatchObject({
      background: tokens.bg,
      panel: tokens.panel,
      raised: tokens.raised,
      border: tokens.border,
      borderStrong: tokens.borderStrong,
      text: tokens.text,
      muted: tokens.muted,
      accent: tokens.accent,
      danger: tokens.danger,
      warning: tokens.warning,
      good: tokens.good,
      remainder: tokens.remainder,
      stages: [tokens.stageLead, tokens.stageProspect, tokens.stageCustomer, tokens.stageChurn],
      types: EVENT_TOKENS.map((name) => tokens[name]),
    });
  });
});

/** The table of visual.md, so that a slip in both files is seen. */
test('the values are those that were agreed', () => {
  const agreed: Readonly<Record<string, readonly [string, string]>> = {
    bg: ['#f7f7f5', '#141517'],
    panel: ['#ffffff', '#1b1c1f'],
    raised: ['#ffffff', '#232428'],
    border: ['#e4e3df', '#2b2c31'],
    borderStrong: ['#cfcdc7', '#3c3d44'],
    text: ['#1d1c1a', '#ecebe7'],
    muted: ['#66645e', '#a09e97'],
    accent: ['#2b66d9', '#7aa5ff'],
    accentText: ['#ffffff', '#0f1420'],
    danger: ['#c2362b', '#ff8377'],
    warning: ['#946000', '#f0b24a'],
    good: ['#1d7a4f', '#58c48f'],
    stageLead: ['#3d8fd1', '#6db8f0'],
    stageProspect: ['#6a4fb3', '#9a82e0'],
    stageCustomer: ['#0f8a68', '#33b48d'],
    stageChurn: ['#d1592a', '#ef7f52'],
    remainder: ['#8f8c84', '#77756f'],
    event1: ['#157f8f', '#45b8c8'],
    event2: ['#946000', '#e0a83a'],
    event3: ['#b0408f', '#e082c4'],
    event4: ['#5d6b82', '#9aa8bd'],
    event5: ['#6d7a1f', '#b3c04f'],
    event6: ['#8a5a3a', '#c99a78'],
    event7: ['#4f57c4', '#929af0'],
    event8: ['#c0445f', '#f08aa0'],
  };
  expect(TOKENS.light).toEqual(Object.fromEntries(Object.entries(agreed).map(([k, [light]]) => [k, light])));
  expect(TOKENS.dark).toEqual(Object.fromEntries(Object.entries(agreed).map(([k, [, dark]]) => [k, dark])));
});
