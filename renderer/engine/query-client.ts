import { EngineError, type Progress, type Reply, type SourceRef } from '../../protocol/index.ts';
import type {
  ExportFormat,
  OnQueryProgress,
  QueryApi,
  QueryLimits,
  QueryParams,
  QueryProgress,
  RowFilter,
  SortKey,
} from '../../protocol/query.ts';
import type {
  ColumnStats,
  ExportedFile,
  KeptTable,
  QueryCell,
  QueryResult,
  RowsPage,
} from '../../protocol/query-result.ts';
import type {
  Estimate,
  QualityCheck,
  QuerySession,
  SchemaInfo,
  SqlCheck,
  SqlPlan,
  SqlVocabulary,
} from '../../protocol/query-schema.ts';
import { beginActivity } from './activity.ts';
import { queryLine } from './query-line.ts';

export interface QueryOptions {
  /** Abort = cancel; the call then throws E_CANCELLED as soon as it has ended. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnQueryProgress | undefined;
}
/** A statement, as it is checked, estimated, explained and run. */
export interface SqlStatement {
  readonly sessionId: string;
  readonly sql: string;
  readonly params?: QueryParams;
}
/** Which rows of a result, in which order. */
export interface ResultView {
  readonly sort: readonly SortKey[];
  readonly filter: readonly RowFilter[];
}
export const WHOLE: ResultView = { sort: [], filter: [] };

let next = 1;
const newId = (): string => `q${Date.now().toString(36)}-${next++}`;

interface Call {
  readonly api: QueryApi;
  readonly queryId: string;
  readonly onProgress: OnQueryProgress;
}

/** One call with an id of its own; a signal that aborts cancels it there, and its answer is waited for. */
async function ask<T>(options: QueryOptions, send: (call: Call) => Promise<Reply<T>>): Promise<T> {
  const queryId = newId();
  const api = await queryLine.ready();
  const stop = (): void => void api.cancel(queryId);
  if (options.signal?.aborted === true)
    throw new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Run it again when you need it.' });
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const reply = await send({ api, queryId, onProgress: (progress) => options.onProgress?.(progress) });
    if (reply.ok) return reply.value;
    throw EngineError.fromData(reply.error);
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

const toProgress = (p: QueryProgress, perSecond: number): Progress => ({
  requestId: p.queryId,
  phase: p.phase === 'exporting' ? 'export' : 'scan',
  done: p.rows,
  total: p.totalRows,
  unit: 'rows',
  perSecond,
  etaMs: p.totalRows === null || perSecond === 0 ? null : ((p.totalRows - p.rows) / perSecond) * 1000,
});

/** The same, told to the status bar, where it can be cancelled too. */
async function work<T>(label: string, options: QueryOptions, send: (call: Call) => Promise<Reply<T>>): Promise<T> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const activity = beginActivity({ requestId: newId(), label, cancel: () => stop.abort() });
  const onProgress = (progress: QueryProgress): void => {
    activity.report(toProgress(progress, progress.elapsedMs > 0 ? (progress.rows / progress.elapsedMs) * 1000 : 0));
    options.onProgress?.(progress);
  };
  try {
    return await ask({ signal, onProgress }, send);
  } finally {
    activity.end();
  }
}

const plain = async <T>(send: (api: QueryApi) => Promise<Reply<T>>): Promise<T> => ask({}, ({ api }) => send(api));

/** Ad-hoc SQL as plain functions. Each throws `EngineError`. */
export const query = {
  connect: (ref: SourceRef, password?: string): Promise<QuerySession> =>
    work('Connecting for SQL', {}, ({ api, queryId }) =>
      api.connect({ queryId, ref, ...(password === undefined ? {} : { password }) }),
    ),
  disconnect: (sessionId: string): Promise<null> => plain((api) => api.disconnect(sessionId)),
  check: (sessionId: string, sql: string, options: QueryOptions = {}): Promise<SqlCheck> =>
    ask(options, ({ api, queryId }) => api.check({ queryId, sessionId, sql })),
  schema: (sessionId: string): Promise<SchemaInfo> => ask({}, ({ api, queryId }) => api.schema({ queryId, sessionId })),
  vocabulary: (sessionId: string): Promise<SqlVocabulary> =>
    ask({}, ({ api, queryId }) => api.vocabulary({ queryId, sessionId })),
  quality: (sessionId: string): Promise<readonly QualityCheck[]> =>
    work('Checking the data', {}, ({ api, queryId }) => api.quality({ queryId, sessionId })),
  estimate: (statement: SqlStatement, options: QueryOptions = {}): Promise<Estimate> =>
    ask(options, ({ api, queryId }) => api.estimate({ queryId, ...statement })),
  explain: (
    statement: SqlStatement & { readonly analyze: boolean; readonly limits?: QueryLimits | undefined },
    options: QueryOptions = {},
  ): Promise<SqlPlan> =>
    work('Explaining', options, ({ api, queryId }) => {
      const { limits, ...rest } = statement;
      return api.explain({ queryId, ...rest, ...(limits === undefined ? {} : { limits }) });
    }),
  run: (
    statement: SqlStatement & { readonly limits?: QueryLimits | undefined; readonly confirmedScan: boolean },
    options: QueryOptions = {},
  ): Promise<QueryResult> =>
    work('Running SQL', options, ({ api, queryId, onProgress }) => {
      const { limits, ...rest } = statement;
      return api.run({ queryId, ...rest, ...(limits === undefined ? {} : { limits }) }, onProgress);
    }),
  rows: (
    resultId: string,
    page: { readonly offset: number; readonly limit: number },
    view: ResultView,
    options: QueryOptions = {},
  ): Promise<RowsPage> =>
    ask(options, ({ api, queryId, onProgress }) =>
      api.rows({ queryId, resultId, ...page, ...copyOf(view) }, onProgress),
    ),
  stats: (resultId: string, column: number, view: ResultView, options: QueryOptions = {}): Promise<ColumnStats> =>
    ask(options, ({ api, queryId }) => api.stats({ queryId, resultId, column, filter: copyOf(view).filter })),
  cell: (resultId: string, row: number, column: number): Promise<QueryCell> =>
    ask({}, ({ api, queryId }) => api.cell({ queryId, resultId, row, column })),
  export: (
    resultId: string,
    file: { readonly format: ExportFormat; readonly path: string; readonly spreadsheetSafe: boolean },
    view: ResultView,
    options: QueryOptions = {},
  ): Promise<ExportedFile> =>
    work('Exporting', options, ({ api, queryId, onProgress }) =>
      api.export({ queryId, resultId, ...file, ...copyOf(view) }, onProgress),
    ),
  keepTable: (
    resultId: string,
    table: { readonly name: string; readonly replace: boolean; readonly actors?: number },
    view: ResultView,
    options: QueryOptions = {},
  ): Promise<KeptTable> =>
    work('Keeping a table', options, ({ api, queryId, onProgress }) =>
      api.keepTable({ queryId, resultId, ...table, ...copyOf(view) }, onProgress),
    ),
  listTables: (): Promise<readonly KeptTable[]> => ask({}, ({ api, queryId }) => api.listTables({ queryId })),
  dropTable: (name: string): Promise<KeptTable> => ask({}, ({ api, queryId }) => api.dropTable({ queryId, name })),
  restoreTable: (name: string): Promise<KeptTable> =>
    ask({}, ({ api, queryId }) => api.restoreTable({ queryId, name })),
  release: (resultId: string): Promise<null> => plain((api) => api.release(resultId)),
} as const;

const copyOf = (view: ResultView): { sort: SortKey[]; filter: RowFilter[] } => ({
  sort: [...view.sort],
  filter: [...view.filter],
});
