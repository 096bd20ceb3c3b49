import { z } from 'zod';
import type { ActorDifference, ActorPage, LatestEvent, Timeline } from './actors.ts';
import type { ConnectionDraft, ConnectionTest } from './connections.ts';
import type { AnalysisDocument, AnalysisResult } from './document.ts';
import type { Reply } from './errors.ts';
import {
  PostgresRefSchema,
  SourceRefSchema,
  type Inspection,
  type PlannedPartitions,
  type PlanSummary,
  type PropertyValues,
  type SourceInfo,
  type StoreMigrations,
  type Vocabulary,
} from './source.ts';

/**
 * Work in progress. `total` and `etaMs` are null while unknown, `perSecond` is that of the last seconds, 0 before the first
 * row. Sent every 100 ms; `done` never shrinks within one piece of work, whatever its phases.
 */
export interface Progress {
  readonly requestId: string;
  readonly phase: 'inspect' | 'scan' | 'build' | 'compute' | 'export' | 'sample';
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'rows' | 'actors' | 'bytes';
  readonly perSecond: number;
  readonly etaMs: number | null;
  /** Of a question: what it reads, and where it is computed; without the statement. */
  readonly plan?: PlanSummary;
}
/** A comlink proxy on carriers, a plain function in process. */
export type OnProgress = (progress: Progress) => void;

/** Every request that can take long has an id chosen by the caller, for `cancel`, and a deadline in ms (null = none). */
export const RequestSchema = z.object({
  requestId: z.string().min(1).max(100),
  deadlineMs: z.number().positive().nullable().default(null),
});
export const OpenRequestSchema = RequestSchema.extend({
  ref: SourceRefSchema,
  /** Of a server; kept in the engine's memory while the source is open, and nowhere else. */
  password: z.string().max(10_000).optional(),
  /**
   * `asked`: nothing is built until a question needs it, and then only its hours where the source can prune (for one-shot
   * callers). `actors` of the answer is 0 then. `preview`: of a large source that is not known yet only the latest rows, in
   * some 100 ms, as a source of its own with `SourceInfo.partial`, to be asked while `all` runs; any other source whole.
   */
  build: z.enum(['all', 'asked', 'preview']).default('all'),
  /**
   * Of a source that grows while one looks at it: its answers stay those of the event set that was opened, without
   * E_SOURCE_CHANGED; the caller asks `watch` and opens it again.
   */
  follow: z.boolean().default(false),
  /** Who follows, or no longer does: a window. Others that follow the same source go on. */
  follower: z.string().max(100).default(''),
  /** For a window: partitions as columns, and what it asks first with them, so that it need not ask (`SourceInfo`). Binary: not over HTTP. */
  compact: z.boolean().default(false),
  /** The question that comes next, where it is known: an analysis whose columns `all` reads in the same pass. E_BAD_QUERY. */
  first: z.unknown().optional(),
});
/**
 * `counts` leaves out whatever needs a list of times (averages, medians, percentiles, histograms): what is asked while a
 * hand drags, many times a second. All other numbers are those of `full`.
 */
export const DETAILS = ['full', 'counts'] as const;
export type Detail = (typeof DETAILS)[number];
const QuestionSchema = RequestSchema.extend({ sourceId: z.string(), analysis: z.unknown() });
/**
 * Of a server. `pull`: the rows that are needed are moved here and kept; `pushdown`: the server computes, as one statement;
 * `auto`: by the rows to move. Of a file all of them mean `pull`.
 */
export const COMPUTE_WAYS = ['auto', 'pull', 'pushdown'] as const;
export const RunRequestSchema = QuestionSchema.extend({
  detail: z.enum(DETAILS).default('full'),
  compute: z.enum(COMPUTE_WAYS).default('auto'),
  /** Yes to what is beyond the budget (else E_NEEDS_CONFIRMATION; `plan` tells beforehand). */
  confirmed: z.boolean().default(false),
});
export const ActorsRequestSchema = QuestionSchema.extend({
  selection: z.unknown(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(0).max(100_000).default(200),
  /** Keep only ids that contain this text. */
  search: z.string().optional(),
});
export const DifferenceRequestSchema = RequestSchema.extend({
  sourceId: z.string(),
  a: z.object({ analysis: z.unknown(), selection: z.unknown() }),
  b: z.object({ analysis: z.unknown(), selection: z.unknown() }),
});
export const TimelineRequestSchema = RequestSchema.extend({
  sourceId: z.string(),
  actor: z.string(),
  analysis: z.unknown().optional(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(10_000).default(500),
});
export const VALUES_LIMIT = 200;
export const ValuesRequestSchema = RequestSchema.extend({
  sourceId: z.string(),
  property: z.string(),
  limit: z.int().min(1).max(10_000).default(VALUES_LIMIT),
});
export const LATEST_LIMIT = 100;
export const LatestRequestSchema = RequestSchema.extend({
  sourceId: z.string(),
  limit: z.int().min(1).max(1_000).default(LATEST_LIMIT),
  /** An analysis of type `journey`: where each event moved its actor. */
  journey: z.unknown().optional(),
});
export const WatchRequestSchema = RequestSchema.extend({
  sourceId: z.string(),
  /** How long to wait for a change. */
  waitMs: z.int().min(0).max(60_000).default(1_000),
});
/** `notified`: the server tells of new rows; all the same the source is asked every `everyMs`, as it is where nobody tells. */
export interface SourceWatch {
  readonly changed: boolean;
  readonly way: 'notified' | 'polling';
  readonly everyMs: number;
}
export const SQL_DIALECTS = ['sqlite', 'postgres'] as const;
/** An analysis, or with a selection the actors behind one of its numbers, as a statement that gives the same. */
export const SqlRequestSchema = QuestionSchema.extend({
  selection: z.unknown().optional(),
  /** Absent = that of the source. */
  dialect: z.enum(SQL_DIALECTS).optional(),
});
/** `reason`: why there is no statement; one of the two is null. */
export interface SqlText {
  readonly dialect: (typeof SQL_DIALECTS)[number];
  readonly text: string | null;
  readonly reason: string | null;
}
export const CsvRequestSchema = QuestionSchema.extend({
  /** Absent: the answer's own table. Present: the actors behind a number, one row each. */
  selection: z.unknown().optional(),
  /** Escape cells that a spreadsheet would run (security.md 4). */
  spreadsheetSafe: z.boolean().default(true),
  /** Which table of the answer (worker/export/answer-tables.ts names them); absent = its main one. */
  table: z.string().optional(),
});

type Call<S extends z.ZodType> = z.input<S>;
export const ConnectionRequestSchema = RequestSchema.extend({
  ref: PostgresRefSchema,
  password: z.string().max(10_000).optional(),
});
export const DraftRequestSchema = RequestSchema.extend({ text: z.string().max(10_000) });
export type ConnectionRequest = Call<typeof ConnectionRequestSchema>;
export type DraftRequest = Call<typeof DraftRequestSchema>;
export type OpenRequest = Call<typeof OpenRequestSchema>;
export type RunRequest = Omit<Call<typeof RunRequestSchema>, 'analysis'> & { analysis: AnalysisDocument };
export type ActorsRequest = Omit<Call<typeof ActorsRequestSchema>, 'analysis'> & { analysis: AnalysisDocument };
export type DifferenceRequest = Call<typeof DifferenceRequestSchema>;
export type TimelineRequest = Call<typeof TimelineRequestSchema>;
export type ValuesRequest = Call<typeof ValuesRequestSchema>;
export type SqlRequest = Omit<Call<typeof SqlRequestSchema>, 'analysis'> & { analysis: AnalysisDocument };
export type LatestRequest = Call<typeof LatestRequestSchema>;
export type WatchRequest = Call<typeof WatchRequestSchema>;
export type CsvRequest = Call<typeof CsvRequestSchema>;

/** All connections that Tributary has with one server: of analyses, of following, of SQL. */
export interface ServerConnections {
  readonly sourceId: string;
  /** Host and port. */
  readonly server: string;
  readonly open: number;
  readonly most: number;
  /** Requests that wait for one to become free. */
  readonly waiting: number;
}

export interface EngineStatus {
  readonly version: string;
  readonly pid: number;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly segmentBytes: number;
  /** What the process is kept to; null = no limit. */
  readonly memoryLimitBytes: number | null;
  /** Without their partitions: of a large source those are a megabyte, and a status is asked often. */
  readonly sources: readonly Omit<SourceInfo, 'partitions'>[];
  /** Of open sources on servers. */
  readonly connections: readonly ServerConnections[];
  readonly running: readonly string[];
}

/**
 * The one contract of the engine, the same in process, over ports, over WebSocket and HTTP. Every method is total:
 * it resolves to a `Reply` and never rejects, except when the carrier itself is lost.
 */
export interface EngineApi {
  status(): Promise<Reply<EngineStatus>>;
  /** Looks at a file without keeping it open. With a mapping in `ref`, partitions and issues are those of the mapping. */
  inspect(request: OpenRequest, onProgress?: OnProgress): Promise<Reply<Inspection>>;
  /** What a pasted `postgres://` URL or `key=value` text says, read as psql reads it. E_USAGE, E_TLS. */
  readConnection(request: DraftRequest): Promise<Reply<ConnectionDraft>>;
  /** Connects once and looks for what would go wrong. A server that cannot be reached is an answer too. */
  testConnection(request: ConnectionRequest): Promise<Reply<ConnectionTest>>;
  /** Freezes the event set and builds its segment. Opening the same unchanged ref again returns the open source. */
  open(request: OpenRequest, onProgress?: OnProgress): Promise<Reply<SourceInfo>>;
  close(sourceId: string): Promise<Reply<null>>;
  /** E_SOURCE_CHANGED when the file is no longer the one that was opened. */
  checkSource(sourceId: string): Promise<Reply<null>>;
  /** Waits until the source is no longer the one that was opened. */
  watch(request: WatchRequest): Promise<Reply<SourceWatch>>;
  /** Of an open source: what a store of ours lacks now. Nothing applies it but `tributary migrate`. */
  migrations(sourceId: string): Promise<Reply<StoreMigrations>>;
  vocabulary(sourceId: string): Promise<Reply<Vocabulary>>;
  values(request: ValuesRequest, onProgress?: OnProgress): Promise<Reply<PropertyValues>>;
  plan(request: RunRequest): Promise<Reply<PlanSummary>>;
  /** `plan` with the tables of the server in which the rows lie. Nothing is read but catalogs. */
  partitions(request: RunRequest): Promise<Reply<PlannedPartitions>>;
  run(request: RunRequest, onProgress?: OnProgress): Promise<Reply<AnalysisResult>>;
  actors(request: ActorsRequest, onProgress?: OnProgress): Promise<Reply<ActorPage>>;
  difference(request: DifferenceRequest, onProgress?: OnProgress): Promise<Reply<ActorDifference>>;
  timeline(request: TimelineRequest): Promise<Reply<Timeline>>;
  /** The newest events of all, newest first; equal times by actor. */
  latest(request: LatestRequest): Promise<Reply<readonly LatestEvent[]>>;
  /** The statement that gives the same numbers in an SQL editor, commented, its values as literals. */
  sql(request: SqlRequest): Promise<Reply<SqlText>>;
  /** CSV text (RFC 4180, CRLF, UTF-8 without BOM). E_UNSUPPORTED of a preview: its numbers go into no file. */
  csv(request: CsvRequest, onProgress?: OnProgress): Promise<Reply<string>>;
  /** True when the request was running; its call then resolves to E_CANCELLED within 100 ms. */
  cancel(requestId: string): Promise<Reply<boolean>>;
}
export const ENGINE_METHODS = [
  'status',
  'inspect',
  'readConnection',
  'testConnection',
  'open',
  'close',
  'checkSource',
  'watch',
  'migrations',
  'vocabulary',
  'values',
  'plan',
  'partitions',
  'run',
  'actors',
  'difference',
  'timeline',
  'latest',
  'sql',
  'csv',
  'cancel',
] as const satisfies readonly (keyof EngineApi)[];
