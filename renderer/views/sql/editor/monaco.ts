// The one place that loads Monaco; everything here comes when the SQL view is first shown.
import * as monaco from 'monaco-editor/editor';
import './slices/features.ts';
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
