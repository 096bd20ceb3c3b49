import { TOKENS, type Tokens } from '../../../theme/tokens.ts';
import type { Monaco } from './monaco-types.ts';

const bare = (color: string): string => color.slice(1);
const faint = (color: string, alpha: string): string => `${color}${alpha}`;

/** Quiet: words of SQL in the accent, what comes from the data in colour, the rest as text. */
function rulesOf(t: Tokens) {
  return [
    { token: '', foreground: bare(t.text) },
    { token: 'keyword', foreground: bare(t.accent) },
    { token: 'function', foreground: bare(t.event7) },
    { token: 'string', foreground: bare(t.good) },
    { token: 'number', foreground: bare(t.event2) },
    { token: 'parameter', foreground: bare(t.event3) },
    { token: 'comment', foreground: bare(t.muted), fontStyle: 'italic' },
    { token: 'quoted', foreground: bare(t.event1) },
    { token: 'operator', foreground: bare(t.muted) },
    { token: 'delimiter', foreground: bare(t.muted) },
  ];
}

function colorsOf(t: Tokens): Record<string, string> {
  return {
    'editor.background': t.panel,
    'editor.foreground': t.text,
    'editorLineNumber.foreground': t.muted,
    'editorLineNumber.activeForeground': t.text,
    'editorCursor.foreground': t.accent,
    'editor.selectionBackground': faint(t.accent, '40'),
    'editor.inactiveSelectionBackground': faint(t.accent, '20'),
    'editor.lineHighlightBackground': faint(t.text, '08'),
    'editor.lineHighlightBorder': '#00000000',
    'editor.wordHighlightBackground': faint(t.accent, '22'),
    'editor.wordHighlightStrongBackground': faint(t.accent, '22'),
    'editor.findMatchBackground': faint(t.warning, '66'),
    'editor.findMatchHighlightBackground': faint(t.warning, '33'),
    'editorBracketMatch.background': faint(t.accent, '22'),
    'editorBracketMatch.border': '#00000000',
    'editorBracketHighlight.foreground1': t.muted,
    'editorBracketHighlight.foreground2': t.muted,
    'editorBracketHighlight.foreground3': t.muted,
    'editorBracketHighlight.unexpectedBracket.foreground': t.danger,
    'editorIndentGuide.background1': t.border,
    'editorWidget.background': t.raised,
    'editorWidget.foreground': t.text,
    'editorWidget.border': t.borderStrong,
    'editorHoverWidget.background': t.raised,
    'editorHoverWidget.border': t.borderStrong,
    'editorSuggestWidget.background': t.raised,
    'editorSuggestWidget.border': t.borderStrong,
    'editorSuggestWidget.foreground': t.text,
    'editorSuggestWidget.highlightForeground': t.accent,
    'editorSuggestWidget.focusHighlightForeground': t.accent,
    'editorSuggestWidget.selectedBackground': faint(t.accent, '2b'),
    'editorSuggestWidget.selectedForeground': t.text,
    'editorSuggestWidget.selectedIconForeground': t.accent,
    'editorError.foreground': t.danger,
    'editorWarning.foreground': t.warning,
    'editorGutter.background': t.panel,
    'editorOverviewRuler.border': '#00000000',
    'input.background': t.panel,
    'input.border': t.borderStrong,
    'input.foreground': t.text,
    'inputOption.activeBackground': faint(t.accent, '33'),
    'inputOption.activeForeground': t.text,
    'list.hoverBackground': faint(t.text, '10'),
    'menu.background': t.raised,
    'menu.foreground': t.text,
    'menu.border': t.borderStrong,
    'menu.selectionBackground': faint(t.accent, '2b'),
    'menu.selectionForeground': t.text,
    'menu.separatorBackground': t.border,
    'scrollbar.shadow': '#00000000',
    'scrollbarSlider.background': faint(t.muted, '44'),
    'scrollbarSlider.hoverBackground': faint(t.muted, '77'),
    'scrollbarSlider.activeBackground': faint(t.muted, '99'),
    'widget.shadow': '#00000030',
    'symbolIcon.fieldForeground': t.event1,
    'symbolIcon.structForeground': t.event2,
    'symbolIcon.functionForeground': t.event7,
    'symbolIcon.keywordForeground': t.muted,
    'symbolIcon.enumeratorMemberForeground': t.good,
    'symbolIcon.propertyForeground': t.event3,
    focusBorder: t.accent,
  };
}

export const themeName = (scheme: 'light' | 'dark'): string => `tributary-${scheme}`;
export function defineThemes(monaco: Monaco): void {
  for (const scheme of ['light', 'dark'] as const)
    monaco.editor.defineTheme(themeName(scheme), {
      base: scheme === 'light' ? 'vs' : 'vs-dark',
      inherit: false,
      rules: rulesOf(TOKENS[scheme]),
      colors: colorsOf(TOKENS[scheme]),
    });
}
