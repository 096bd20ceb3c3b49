import { meaningAt } from '../language/hover.ts';
import { editorContext } from './editor-context.ts';
import type { CodeEditor } from './monaco-types.ts';
import { rangeOf } from './providers.ts';

/** To what the name at the offset means: a CTE is in the text, a table is shown in the tree. */
export function goToDefinition(editor: CodeEditor, offset: number): void {
  const model = editor.getModel();
  if (model === null) return;
  const meaning = meaningAt(model.getValue(), offset, editorContext.catalogue);
  if (meaning?.kind === 'cte') {
    const range = rangeOf(model, meaning.cte.at.start, meaning.cte.at.end);
    editor.setSelection(range);
    editor.revealRangeInCenterIfOutsideViewport(range);
    return;
  }
  const table = meaning?.kind === 'table' ? meaning.table : meaning?.kind === 'column' ? meaning.source.table : null;
  if (table !== null && table !== undefined) editorContext.showTable(table.schema, table.name);
}
