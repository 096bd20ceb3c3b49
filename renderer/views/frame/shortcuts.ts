import type { Command } from './command-registry.ts';

export const isMac = (): boolean => /Mac|iP(hone|ad)/.test(navigator.platform);

/** `mod+shift+S` → its parts; the last may be `+` itself: `mod++`. */
const partsOf = (shortcut: string): readonly string[] =>
  shortcut.endsWith('++') ? [...shortcut.slice(0, -2).split('+'), '+'] : shortcut.split('+');

/** `mod+shift+S` → `⇧⌘S` on macOS, `Ctrl+Shift+S` elsewhere. */
export function formatShortcut(shortcut: string, mac = isMac()): string {
  const parts = partsOf(shortcut);
  const names: Readonly<Record<string, string>> = mac
    ? { mod: '⌘', shift: '⇧', alt: '⌥', Enter: '↵', Escape: 'esc' }
    : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', Enter: 'Enter', Escape: 'Esc' };
  const shown = parts.map((part) => names[part] ?? part);
  return mac ? shown.join('') : shown.join('+');
}

/** Does this key press mean this shortcut? `=` and `+` are the same key on many keyboards, with or without Shift. */
export function matchesShortcut(event: KeyboardEvent, shortcut: string, mac = isMac()): boolean {
  const parts = partsOf(shortcut);
  const key = parts.at(-1) ?? '';
  const mod = mac ? event.metaKey : event.ctrlKey;
  const otherMod = mac ? event.ctrlKey : event.metaKey;
  if (mod !== parts.includes('mod') || otherMod || event.altKey !== parts.includes('alt')) return false;
  if (key === '+') return event.key === '+' || event.key === '=';
  const isSymbol = !/^[a-z0-9]$/i.test(key) && key.length === 1;
  if (!isSymbol && event.shiftKey !== parts.includes('shift')) return false;
  // Digits by their key, so that layouts with shifted digits (AZERTY) work too.
  if (/^\d$/.test(key)) return event.code === `Digit${key}` || event.key === key;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** Is a text being edited there? */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)));

/** In a text field, undo and redo belong to the text; keys without a modifier are typing. */
const belongsToText = (command: Command): boolean =>
  command.id === 'edit.undo' || command.id === 'edit.redo' || command.shortcut?.includes('mod') !== true;

/** The command this key press runs, or undefined. */
export function findCommand(event: KeyboardEvent, commands: readonly Command[]): Command | undefined {
  return commands.find(
    (c) =>
      c.shortcut !== undefined && matchesShortcut(event, c.shortcut) && !(isTyping(event.target) && belongsToText(c)),
  );
}
