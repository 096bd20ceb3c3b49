import { describe, expect, test } from 'vitest';
import { formatShortcut, matchesShortcut } from './shortcuts.ts';

const press = (
  key: string,
  mods: { ctrl?: boolean; meta?: boolean; shift?: boolean; alt?: boolean; code?: string } = {},
): KeyboardEvent =>
  ({
    key,
    code: mods.code ?? '',
    ctrlKey: mods.ctrl ?? false,
    metaKey: mods.meta ?? false,
    shiftKey: mods.shift ?? false,
    altKey: mods.alt ?? false,
  }) as KeyboardEvent;

describe('shortcuts', () => {
  test('are written as the system writes them', () => {
    expect(['mod+S', 'mod+shift+S', 'mod++', 'mod+\\', '?'].map((s) => formatShortcut(s, true))).toEqual([
      '⌘S',
      '⌘⇧S',
      '⌘+',
      '⌘\\',
      '?',
    ]);
    expect(['mod+S', 'mod+shift+S', 'mod++', 'mod+Enter', '?'].map((s) => formatShortcut(s, false))).toEqual([
      'Ctrl+S',
      'Ctrl+Shift+S',
      'Ctrl++',
      'Ctrl+Enter',
      '?',
    ]);
  });
  test('tell modifiers apart', () => {
    expect(matchesShortcut(press('s', { ctrl: true }), 'mod+S', false)).toBe(true);
    expect(matchesShortcut(press('S', { ctrl: true, shift: true }), 'mod+S', false)).toBe(false);
    expect(matchesShortcut(press('S', { ctrl: true, shift: true }), 'mod+shift+S', false)).toBe(true);
    expect(matchesShortcut(press('s', { meta: true }), 'mod+S', false)).toBe(false);
    expect(matchesShortcut(press('s', { meta: true }), 'mod+S', true)).toBe(true);
    expect(matchesShortcut(press('s', { ctrl: true, alt: true }), 'mod+S', false)).toBe(false);
    expect(matchesShortcut(press('s'), 'mod+S', false)).toBe(false);
  });
  test('reach plus, digits and symbols on any keyboard', () => {
    expect(matchesShortcut(press('=', { ctrl: true }), 'mod++', false)).toBe(true);
    expect(matchesShortcut(press('+', { ctrl: true, shift: true }), 'mod++', false)).toBe(true);
    expect(matchesShortcut(press('&', { ctrl: true, code: 'Digit1' }), 'mod+1', false)).toBe(true);
    expect(matchesShortcut(press('?', { shift: true }), '?', false)).toBe(true);
    expect(matchesShortcut(press('/'), '?', false)).toBe(false);
  });
});
