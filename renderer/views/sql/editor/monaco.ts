// The one place that loads Monaco; everything here comes when the SQL view is first shown.
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/caretOperations/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/parameterHints/register';
import 'monaco-editor/features/placeholderText/register';
import 'monaco-editor/features/smartSelect/register';
import 'monaco-editor/features/snippet/register';
// 0.57.0: features/suggest/register forgets the controller itself.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import 'monaco-editor/features/suggest/register';
import 'monaco-editor/features/wordHighlighter/register';
import 'monaco-editor/features/wordOperations/register';
// oxlint-disable-next-line import/default -- made by Vite
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import { defineThemes } from './editor-theme.ts';
import { registerLanguages } from './monarch.ts';
import { registerProviders } from './providers.ts';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
registerLanguages(monaco);
registerProviders(monaco);
defineThemes(monaco);
// Widths of letters are measured once: with the bundled font, not with the one before it is there.
void document.fonts.load('12.5px "JetBrains Mono Variable"').then(() => monaco.editor.remeasureFonts());

export { monaco };
