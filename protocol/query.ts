import { z } from 'zod';
import type { Reply } from './errors.ts';
import type {
  ColumnStats,
  ExportedFile,
  KeptTable,
  QueryCell,
  QueryResult,
  ResultHead,
  RowsPage,
} from './query-result.ts';
import type {
  Estimate,
  QualityCheck,
  QuerySession,
  SchemaInfo,
  SqlCheck,
  SqlPlan,
  SqlVocabulary,
} from './query-schema.ts';
import { SourceRefSchema } from './source.ts';

/**
 * Ad-hoc SQL. Every statement runs in a process of its own that a cancel kills, behind a guard that lets only reading
 * statements through (docs/sql.md). Results lie in a private folder until they are released.
 */

/** What one run may take. The window shows all four; what a limit cuts off is always said (`truncatedBy`). */
export const QueryLimitsSchema = z.object({
  rows: z.int().min(1).max(4_000_000_000).default(10_000_000),
  /** Of the result on disk. */
  bytes: z.int().min(1_000).max(1_000_000_000_000).default(8_000_000_000),
  /** Of the query process as a whole, which takes about 80 MB itself: over this it is killed (E_LIMIT). */
  memoryBytes: z.int().min(150_000_000).max(64_000_000_000).default(600_000_000),
  deadlineMs: z.int().min(1).max(86_400_000).default(300_000),
});
export type QueryLimits = z.output<typeof QueryLimitsSchema>;

const queryId = z.string().min(1).max(100);
const sessionId = z.string().min(1).max(100);
const resultId = z.string().min(1).max(100);
const sql = z.string().max(1_000_000);
/** Of `:name`, without the colon. */
const params = z
  .record(z.string().min(1).max(63), z.union([z.null(), z.boolean(), z.number(), z.string()]))
  .default({});
export type QueryParams = z.output<typeof params>;

export const ConnectRequestSchema = z.object({
  queryId,
  ref: SourceRefSchema,
  /** Of a server; kept in memory while the session is open, and nowhere else. */
  password: z.string().max(10_000).optional(),
});
export const SessionRequestSchema = z.object({ queryId, sessionId });
export const CheckRequestSchema = z.object({ queryId, sessionId, sql });
export const StatementRequestSchema = z.object({ queryId, sessionId, sql, params });
export const RunQueryRequestSchema = StatementRequestSchema.extend({
  limits: QueryLimitsSchema.prefault({}),
  /** The user has said yes to a scan that nothing bounds (`Estimate.unboundedScan`); else such a run is E_REFUSED on a server. */
  confirmedScan: z.boolean().default(false),
});
export const ExplainRequestSchema = StatementRequestSchema.extend({
  /** Runs the statement, under the same guard and limits. Postgres only: E_UNSUPPORTED on SQLite. */
  analyze: z.boolean().default(false),
  limits: QueryLimitsSchema.prefault({}),
});

/** By position in the result. NULL is the least value; then false, true, numbers, text (by code point), blobs. */
export const SortKeySchema = z.object({ column: z.int().min(0), descending: z.boolean().default(false) });
export const FILTER_OPERATORS = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'less',
  'lessOrEqual',
  'greater',
  'greaterOrEqual',
  'isNull',
  'isNotNull',
] as const;
/** Text is compared without regard to case by `contains`, `notContains` and `startsWith`. All filters must hold. */
const condition = {
  operator: z.enum(FILTER_OPERATORS),
  value: z.union([z.null(), z.boolean(), z.number(), z.string()]).default(null),
};
export const RowFilterSchema = z.object({
  column: z.int().min(0),
  ...condition,
  /** Other conditions of the same column: one of all is enough. */
  or: z.array(z.object(condition)).max(8).default([]),
});
const view = {
  sort: z.array(SortKeySchema).max(16).default([]),
  filter: z.array(RowFilterSchema).max(32).default([]),
};
export const RowsRequestSchema = z.object({
  queryId,
  resultId,
  offset: z.int().min(0).default(0),
  limit: z.int().min(0).max(10_000).default(200),
  ...view,
});
export const StatsRequestSchema = z.object({
  queryId,
  resultId,
  column: z.int().min(0),
  buckets: z.int().min(1).max(200).default(20),
  filter: view.filter,
});
export const CellRequestSchema = z.object({
  queryId,
  resultId,
  /** In the unsorted result (`RowsPage.numbers`). */
  row: z.int().min(0),
  column: z.int().min(0),
});
/** `sqlite`: a new database file with the rows as one table, to be joined with others or opened as a source. */
export const EXPORT_FORMATS = ['csv', 'json', 'jsonl', 'parquet', 'xlsx', 'sqlite'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const ExportRequestSchema = z.object({
  queryId,
  resultId,
  format: z.enum(EXPORT_FORMATS),
  /** Of CSV: an apostrophe before text that a spreadsheet would run as a formula or change. false = byte for byte. */
  spreadsheetSafe: z.boolean().default(true),
  /** Absolute. Replaced as a whole or left as it was. */
  path: z.string().min(1),
  /** Of `sqlite`. */
  table: z.string().min(1).max(100).default('result'),
  ...view,
});
/** Of a table that is kept from a result: what SQL can say without quotes (unless it is a keyword). */
export const TABLE_NAME = /^(?!sqlite_)[a-z][a-z0-9_]{0,62}$/i;
const name = z
  .string()
  .regex(TABLE_NAME, 'a table has a name of up to 63 letters, digits and _, beginning with a letter');
export const TablesRequestSchema = z.object({ queryId });
export const TableRequestSchema = z.object({ queryId, name });
export const KeepTableRequestSchema = z.object({
  queryId,
  resultId,
  name,
  /** A table of this name gives way; else such a request is E_EXISTS. */
  replace: z.boolean().default(false),
  /** Only the different ids of this column, as the column `actor`: a segment (`actor-segments.ts`). */
  actors: z.int().min(0).optional(),
  ...view,
});

type Call<S extends z.ZodType> = z.input<S>;
export type ConnectRequest = Call<typeof ConnectRequestSchema>;
export type SessionRequest = Call<typeof SessionRequestSchema>;
export type CheckRequest = Call<typeof CheckRequestSchema>;
export type StatementRequest = Call<typeof StatementRequestSchema>;
export type RunQueryRequest = Call<typeof RunQueryRequestSchema>;
export type ExplainRequest = Call<typeof ExplainRequestSchema>;
export type SortKey = Call<typeof SortKeySchema>;
export type RowFilter = Call<typeof RowFilterSchema>;
export type RowsRequest = Call<typeof RowsRequestSchema>;
export type StatsRequest = Call<typeof StatsRequestSchema>;
export type CellRequest = Call<typeof CellRequestSchema>;
export type ExportRequest = Call<typeof ExportRequestSchema>;
export type TablesRequest = Call<typeof TablesRequestSchema>;
export type TableRequest = Call<typeof TableRequestSchema>;
export type KeepTableRequest = Call<typeof KeepTableRequestSchema>;

/** Sent every 100 ms at most. `result` comes once, with the first rows: from then on `rows` can page what has come. */
export interface QueryProgress {
  readonly queryId: string;
  readonly phase: 'starting' | 'running' | 'receiving' | 'sorting' | 'exporting';
  readonly rows: number;
  /** null while unknown. */
  readonly totalRows: number | null;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly result?: ResultHead;
}
export type OnQueryProgress = (progress: QueryProgress) => void;

export interface QueryProcessStatus {
  readonly pid: number;
  readonly role: 'spare' | 'idle' | 'busy' | 'results';
  readonly memoryBytes: number;
  readonly queryId: string | null;
}
export interface QueryStatus {
  readonly processes: readonly QueryProcessStatus[];
  /** The next query needs no process to be started. */
  readonly spareReady: boolean;
  readonly sessions: readonly QuerySession[];
  readonly running: readonly string[];
  /** Of all kept results. */
  readonly results: number;
  readonly resultBytes: number;
}

/**
 * The contract of ad-hoc SQL, carried like `EngineApi` on a line of its own: WebSocket `/query` in browser mode, the port
 * `query-port` on the desktop. Every method is total: it resolves to a `Reply` and never rejects. Every request has a
 * `queryId` of the caller's for `cancel`; a cancelled call resolves to E_CANCELLED.
 */
export interface QueryApi {
  /** Opens a file or a server for reading only, and proves it. The same source again: another session. */
  connect(request: ConnectRequest): Promise<Reply<QuerySession>>;
  /** Ends its processes and connections; results stay until they are released. */
  disconnect(sessionId: string): Promise<Reply<null>>;
  /** By the engine's own parser, without running anything: some ms, for use while typing. */
  check(request: CheckRequest): Promise<Reply<SqlCheck>>;
  schema(request: SessionRequest): Promise<Reply<SchemaInfo>>;
  vocabulary(request: SessionRequest): Promise<Reply<SqlVocabulary>>;
  /** Counts what is odd in the event table (`global_events`); empty where there is none. Reads the whole table. */
  quality(request: SessionRequest): Promise<Reply<readonly QualityCheck[]>>;
  estimate(request: StatementRequest): Promise<Reply<Estimate>>;
  explain(request: ExplainRequest): Promise<Reply<SqlPlan>>;
  /**
   * Runs one statement and resolves when its rows are on disk: `onProgress` has the first rows long before. What a row,
   * byte or time limit cut off is kept (`truncatedBy`); so are rows that came before a cancel, under the `resultId` that
   * progress told. E_REFUSED by the guard, E_BAD_QUERY by the engine, E_LIMIT for memory, E_DEADLINE before any row,
   * E_SOURCE_CHANGED when the file is another one now: then nothing is kept.
   */
  run(request: RunQueryRequest, onProgress?: OnQueryProgress): Promise<Reply<QueryResult>>;
  /** A page, of a result that may still grow. Sorting and filtering never run the statement again. */
  rows(request: RowsRequest, onProgress?: OnQueryProgress): Promise<Reply<RowsPage>>;
  stats(request: StatsRequest): Promise<Reply<ColumnStats>>;
  /** The whole value; E_LIMIT over 64 MB. */
  cell(request: CellRequest): Promise<Reply<QueryCell>>;
  /** Of a result that grows, a CSV waits for the rows to come; other forms have those that are there. */
  export(request: ExportRequest, onProgress?: OnQueryProgress): Promise<Reply<ExportedFile>>;
  /**
   * Keeps a complete result as a local table: statements on files read it as `scratch.NAME`, whatever its source was. Whole
   * or not at all; it stays when Tributary ends. E_USAGE for a name that is none or a column without ids, E_EXISTS, E_LIMIT
   * when all tables together or one segment get too large, E_BUSY while rows still come.
   */
  keepTable(request: KeepTableRequest, onProgress?: OnQueryProgress): Promise<Reply<KeptTable>>;
  listTables(request: TablesRequest): Promise<Reply<readonly KeptTable[]>>;
  /** Until the next table is kept, `restoreTable` has it back. E_NO_SUCH_TABLE. */
  dropTable(request: TableRequest): Promise<Reply<KeptTable>>;
  restoreTable(request: TableRequest): Promise<Reply<KeptTable>>;
  /** True when it was running. */
  cancel(queryId: string): Promise<Reply<boolean>>;
  /** Deletes a result's files. */
  release(resultId: string): Promise<Reply<null>>;
  status(): Promise<Reply<QueryStatus>>;
}
export const QUERY_METHODS = [
  'connect',
  'disconnect',
  'check',
  'schema',
  'vocabulary',
  'quality',
  'estimate',
  'explain',
  'run',
  'rows',
  'stats',
  'cell',
  'export',
  'keepTable',
  'listTables',
  'dropTable',
  'restoreTable',
  'cancel',
  'release',
  'status',
] as const satisfies readonly (keyof QueryApi)[];
