import { useCallback, useMemo, useState, type RefObject } from 'react';
import type { SqlTab } from '../../../protocol/index.ts';
import type { Dialect, Estimate } from '../../../protocol/query-schema.ts';
import { bindParameters } from '../../stores/sql-params.ts';
import { useSqlRuns, type RunKind, type ToRun } from '../../stores/sql-runs.ts';
import { getTab } from '../../stores/sql-tabs.ts';
import type { SqlEditorHandle } from './editor/SqlEditor.tsx';
import { getParameters, splitStatements, statementAt } from './language/statements.ts';
import { formatSql } from './format-sql.ts';
import { notifyFailure } from '../../widgets/notify.ts';

export type RunWhat = 'here' | 'all';
export interface Runner {
  readonly run: (what: RunWhat) => void;
  readonly explain: (analyze: boolean) => void;
  readonly format: () => void;
  /** Values that must be given before it can run. */
  readonly missing: readonly string[];
  /** A scan without bounds that waits for a yes. */
  readonly asking: Estimate | null;
  readonly answer: (yes: boolean) => void;
}
interface RunnerOptions {
  readonly tab: SqlTab | undefined;
  readonly dialect: Dialect;
  readonly editor: RefObject<SqlEditorHandle | null>;
  readonly bound: (name: string) => string | number;
  /** Of the statement at the cursor. */
  readonly estimate: Estimate | null;
}

/** The selection, the statement at the cursor, or all of them. */
export function textsToRun(
  cursor: ReturnType<SqlEditorHandle['getCursor']>,
  dialect: Dialect,
  what: RunWhat,
): readonly string[] {
  const { text, selected, offset } = cursor;
  if (what === 'here' && selected.trim() === '') {
    const one = statementAt(splitStatements(text, dialect), offset);
    return one === null ? [] : [text.slice(one.start, one.end)];
  }
  const part = what === 'here' ? selected : text;
  return splitStatements(part, dialect).map((s) => part.slice(s.start, s.end));
}

/** What the run commands do for the tab on the screen. */
export function useRunner({ tab, dialect, editor, bound, estimate }: RunnerOptions): Runner {
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState<{ estimate: Estimate; go: () => void } | null>(null);
  const tabId = tab?.id;

  const start = useCallback(
    (what: RunWhat, kind: RunKind) => {
      const cursor = editor.current?.getCursor();
      if (cursor === undefined || tabId === undefined) return;
      const typed = getTab(tabId)?.params ?? {};
      const bindings = textsToRun(cursor, dialect, what).map((sql) => ({
        sql,
        ...bindParameters(getParameters(sql, dialect), typed, bound),
      }));
      const lacking = [...new Set(bindings.flatMap((b) => b.missing))];
      setMissing(lacking);
      if (lacking.length > 0 || bindings.length === 0) return;
      const statements = bindings.map(({ sql, params }): ToRun => ({ sql, params }));
      void useSqlRuns.getState().start(tabId, statements, kind);
    },
    [tabId, dialect, editor, bound],
  );
  return useMemo(
    () => ({
      run: (what) => {
        const go = (confirmedScan: boolean): void => start(what, { kind: 'run', confirmedScan });
        if (estimate?.unboundedScan === true) setAsking({ estimate, go: () => go(true) });
        else go(false);
      },
      explain: (analyze) => start('here', { kind: 'explain', analyze }),
      format: () => {
        const text = editor.current?.getCursor().text ?? '';
        formatSql(text, dialect).then(
          (formatted) => formatted !== text && editor.current?.replaceAll(formatted),
          notifyFailure,
        );
      },
      missing,
      asking: asking?.estimate ?? null,
      answer: (yes) => {
        setAsking(null);
        if (yes) asking?.go();
      },
    }),
    [start, estimate, missing, asking, dialect, editor],
  );
}
