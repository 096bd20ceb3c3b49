import { useEffect } from 'react';
import type { Diagnostic, SqlCheck } from '../../../../protocol/query-schema.ts';
import { query } from '../../../engine/query-client.ts';
import type { CodeEditor, Monaco, TextModel } from './monaco-types.ts';
import { rangeOf } from './providers.ts';

const AFTER_MS = 250;
const OWNER = 'tributary';

/** What the database's own parser says about the text, under the place it means, a moment after typing. */
export function useDiagnostics(
  monaco: Monaco,
  editor: CodeEditor | null,
  sessionId: string | null,
  text: string,
  onCheck: (check: SqlCheck | null) => void,
): void {
  useEffect(() => {
    const model = editor?.getModel() ?? null;
    if (model === null || sessionId === null) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      query.check(sessionId, text, { signal: stop.signal }).then(
        (check) => {
          if (stop.signal.aborted || model.isDisposed() || model.getValue() !== text) return;
          monaco.editor.setModelMarkers(
            model,
            OWNER,
            check.diagnostics.map((d) => toMarker(monaco, model, d)),
          );
          onCheck(check);
        },
        () => onCheck(null), // the run will say what is wrong
      );
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [monaco, editor, sessionId, text, onCheck]);
}

function toMarker(monaco: Monaco, model: TextModel, d: Diagnostic) {
  // Something must be seen: an error at the end of the text has no width.
  const to = Math.max(d.to, d.from + 1);
  const from = to > model.getValueLength() ? Math.max(0, d.from - 1) : d.from;
  return {
    ...rangeOf(model, from, to),
    message: d.message,
    severity: d.severity === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
    source: d.kind === 'refused' ? 'read-only' : 'SQL',
  };
}
