import type { editor } from 'monaco-editor/editor';
import type { Monaco, TextModel } from './monaco-types.ts';

/** Texts by tab, with their undo and the place one was at: they outlive the view. */
const models = new Map<string, TextModel>();
const views = new Map<string, editor.ICodeEditorViewState>();

export function modelOf(monaco: Monaco, tabId: string, text: string, language: string): TextModel {
  const known = models.get(tabId);
  if (known === undefined) {
    const made = monaco.editor.createModel(text, language);
    made.setEOL(monaco.editor.EndOfLineSequence.LF);
    models.set(tabId, made);
    return made;
  }
  if (known.getLanguageId() !== language) monaco.editor.setModelLanguage(known, language);
  if (known.getValue() !== text) known.setValue(text);
  return known;
}
export const viewOf = (tabId: string): editor.ICodeEditorViewState | null => views.get(tabId) ?? null;
export function rememberView(tabId: string, view: editor.ICodeEditorViewState | null): void {
  if (view !== null) views.set(tabId, view);
}

/** Forgets the texts of tabs that are no longer open. */
export function keepModels(tabIds: readonly string[]): void {
  for (const [id, model] of models)
    if (!tabIds.includes(id)) {
      model.dispose();
      models.delete(id);
      views.delete(id);
    }
}
