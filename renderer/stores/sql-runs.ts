import { create } from 'zustand';
import { EngineError, toErrorData, type ErrorData } from '../../protocol/index.ts';
import type { QueryParams, QueryProgress } from '../../protocol/query.ts';
import type { ResultColumn, Truncation, QueryCell } from '../../protocol/query-result.ts';
import type { SqlPlan } from '../../protocol/query-schema.ts';
import { query } from '../engine/query-client.ts';
import { queryLine } from '../engine/query-line.ts';
import { useSqlSession } from './sql-session.ts';
import { addHistory } from './sql-tabs.ts';
import { useWorkspace } from './workspace.ts';

/** A result, as far as it has come. */
export interface RunResult {
  readonly resultId: string;
  readonly columns: readonly ResultColumn[];
  readonly firstRows: readonly (readonly QueryCell[])[];
  readonly rows: number;
  readonly bytes: number;
  /** No row will be added. */
  readonly isDone: boolean;
  readonly complete: boolean;
  readonly truncatedBy: Truncation | null;
  readonly firstRowMs: number | null;
  readonly notes: readonly string[];
}
/** One statement that was run or explained. */
export interface SqlRun {
  readonly id: string;
  readonly sql: string;
  readonly params: QueryParams;
  readonly status: 'running' | 'done' | 'failed';
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly progress: QueryProgress | null;
  readonly result: RunResult | null;
  readonly plan: SqlPlan | null;
  readonly error: ErrorData | null;
  readonly stop: AbortController;
}
export interface TabRuns {
  readonly runs: readonly SqlRun[];
  readonly activeRun: string | null;
}
const NONE: TabRuns = { runs: [], activeRun: null };

export interface ToRun {
  readonly sql: string;
  readonly params: QueryParams;
}
export type RunKind =
  | { readonly kind: 'run'; readonly confirmedScan: boolean }
  | { readonly kind: 'explain'; readonly analyze: boolean };

interface SqlRunsState {
  /** By id of the tab. */
  readonly byTab: ReadonlyMap<string, TabRuns>;
  /** Runs one after another, and stops at the first that fails. Replaces what the tab showed. Never throws. */
  readonly start: (tabId: string, statements: readonly ToRun[], kind: RunKind) => Promise<void>;
  readonly cancel: (tabId: string) => void;
  readonly show: (tabId: string, runId: string) => void;
  /** Of a tab that was closed. */
  readonly forget: (tabId: string) => void;
}

export const useSqlRuns = create<SqlRunsState>()((set, get) => {
  const put = (tabId: string, change: (old: TabRuns) => TabRuns): void =>
    set((s) => ({ byTab: new Map(s.byTab).set(tabId, change(s.byTab.get(tabId) ?? NONE)) }));
  const patch = (tabId: string, id: string, part: Partial<SqlRun>): void =>
    put(tabId, (old) => ({ ...old, runs: old.runs.map((r) => (r.id === id ? { ...r, ...part } : r)) }));
  const find = (tabId: string, id: string): SqlRun | undefined =>
    get()
      .byTab.get(tabId)
      ?.runs.find((r) => r.id === id);

  const onProgress = (tabId: string, id: string, progress: QueryProgress): void => {
    const head = progress.result;
    const before = find(tabId, id)?.result ?? null;
    const growing = { rows: progress.rows, bytes: progress.bytes };
    const result =
      head === undefined
        ? before && { ...before, ...growing }
        : {
            ...head,
            ...growing,
            isDone: false,
            complete: false,
            truncatedBy: null,
            firstRowMs: progress.elapsedMs,
            notes: [],
          };
    patch(tabId, id, { progress, result, elapsedMs: progress.elapsedMs });
  };
  const perform = async (tabId: string, run: SqlRun, kind: RunKind): Promise<boolean> => {
    const { session } = useSqlSession.getState();
    const { signal } = run.stop;
    try {
      if (session === null)
        throw new EngineError('E_ENGINE_LOST', 'The database is not open for SQL.', {
          hint: 'Wait until it is connected, then run again.',
        });
      const limits = useWorkspace.getState().document.sql.limits ?? undefined;
      const statement = { sessionId: session.sessionId, sql: run.sql, params: run.params, limits };
      if (kind.kind === 'explain') {
        const plan = await query.explain({ ...statement, analyze: kind.analyze }, { signal });
        patch(tabId, run.id, { status: 'done', plan, elapsedMs: Date.now() - run.startedAt });
        return true;
      }
      const done = await query.run(
        { ...statement, confirmedScan: kind.confirmedScan },
        { signal, onProgress: (p) => onProgress(tabId, run.id, p) },
      );
      patch(tabId, run.id, {
        status: 'done',
        result: { ...done, isDone: true },
        elapsedMs: done.elapsedMs,
        progress: null,
      });
      addHistory({ text: run.sql, at: run.startedAt, ms: done.elapsedMs, rows: done.rows, error: null });
      return true;
    } catch (thrown) {
      fail(tabId, run, kind, toErrorData(thrown));
      return false;
    }
  };
  const fail = (tabId: string, run: SqlRun, kind: RunKind, error: ErrorData): void => {
    const elapsedMs = Date.now() - run.startedAt;
    const partial = find(tabId, run.id)?.result ?? null;
    // Rows that came before a cancel are kept, and say that they are not all.
    const kept =
      error.code === 'E_CANCELLED' && partial !== null
        ? { ...partial, isDone: true, truncatedBy: 'cancelled' as const }
        : null;
    patch(tabId, run.id, { status: 'failed', error, elapsedMs, progress: null, result: kept });
    if (kind.kind === 'run')
      addHistory({ text: run.sql, at: run.startedAt, ms: elapsedMs, rows: kept?.rows ?? null, error: error.code });
  };
  queryLine.onLost(() => {
    // Their files are gone with the process.
    for (const [tabId, { runs }] of get().byTab)
      for (const run of runs)
        if (run.result !== null && run.status !== 'running')
          patch(tabId, run.id, { result: null, error: lost, status: 'failed' });
  });

  return {
    byTab: new Map(),
    start: async (tabId, statements, kind) => {
      get().cancel(tabId);
      const old = get().byTab.get(tabId) ?? NONE;
      put(tabId, () => NONE);
      releaseAll(old);
      for (const statement of statements) {
        const run = newRun(statement);
        put(tabId, (now) => ({ runs: [...now.runs, run], activeRun: run.id }));
        if (!(await perform(tabId, run, kind))) return;
        if (find(tabId, run.id) === undefined) return; // something else was started
      }
    },
    cancel: (tabId) => {
      for (const run of get().byTab.get(tabId)?.runs ?? []) if (run.status === 'running') run.stop.abort();
    },
    show: (tabId, runId) => put(tabId, (old) => ({ ...old, activeRun: runId })),
    forget: (tabId) => {
      get().cancel(tabId);
      releaseAll(get().byTab.get(tabId) ?? NONE);
      set((s) => ({ byTab: new Map([...s.byTab].filter(([id]) => id !== tabId)) }));
    },
  };
});

const lost: ErrorData = {
  code: 'E_ENGINE_LOST',
  message: 'This result went with the query process.',
  hint: 'Run the statement again.',
};
const newRun = ({ sql, params }: ToRun): SqlRun => ({
  id: crypto.randomUUID(),
  sql,
  params,
  status: 'running',
  startedAt: Date.now(),
  elapsedMs: 0,
  progress: null,
  result: null,
  plan: null,
  error: null,
  stop: new AbortController(),
});
function releaseAll({ runs }: TabRuns): void {
  for (const { result } of runs) if (result !== null) void query.release(result.resultId).catch(() => undefined);
}

export const useTabRuns = (tabId: string): TabRuns => useSqlRuns((s) => s.byTab.get(tabId) ?? NONE);
export function useActiveRun(tabId: string): SqlRun | null {
  const { runs, activeRun } = useTabRuns(tabId);
  return runs.find((r) => r.id === activeRun) ?? null;
}
