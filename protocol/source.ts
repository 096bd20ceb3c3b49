import { z } from 'zod';
import { PostgresTargetSchema } from './postgres.ts';
import { ENVIRONMENTS, TIME_FORMATS } from './source-names.ts';

/**
 * How to read events from any table or view. Column names are exact, never SQL; only `filter` is SQL: one boolean
 * expression over the table's columns.
 */
export const MappingSchema = z.strictObject({
  table: z.string().min(1),
  actor: z.string().min(1),
  /** A column, or the same name for every row. */
  event: z.union([z.strictObject({ column: z.string().min(1) }), z.strictObject({ constant: z.string().min(1) })]),
  time: z.strictObject({ column: z.string().min(1), format: z.enum(TIME_FORMATS).default('auto') }),
  /** The second clock, same formats. */
  recordedAt: z.strictObject({ column: z.string().min(1), format: z.enum(TIME_FORMATS).default('auto') }).nullish(),
  /** Columns offered as properties; null = all other columns. */
  properties: z.array(z.string()).nullish(),
  /** A column holding a JSON object whose keys are properties too. */
  json: z.string().nullish(),
  /** E.g. `"lifecycle:transition" = 'complete'`. */
  filter: z.string().nullish(),
});
export type Mapping = z.infer<typeof MappingSchema>;

export const SqliteRefSchema = z.strictObject({
  kind: z.literal('sqlite'),
  /** Absolute path; `sample:` stands for the bundled sample. */
  path: z.string().min(1),
  mapping: MappingSchema.nullish(),
});
export type SqliteRef = z.infer<typeof SqliteRefSchema>;

export const PostgresRefSchema = z.strictObject({
  kind: z.literal('postgres'),
  /** For people, as the connection was saved; absent = host and database. */
  name: z.string().min(1).max(80).nullish(),
  target: PostgresTargetSchema,
  environment: z.enum(ENVIRONMENTS).nullish(),
  mapping: MappingSchema.nullish(),
});
export type PostgresRef = z.infer<typeof PostgresRefSchema>;

/** What a user opens. A source of our own model needs no mapping. */
export const SourceRefSchema = z.discriminatedUnion('kind', [SqliteRefSchema, PostgresRefSchema]);
export type SourceRef = z.infer<typeof SourceRefSchema>;

/** One UTC hour. `hour` is `YYYY-MM-DDTHH`. Times are ms since the epoch, UTC. */
export interface Partition {
  readonly hour: string;
  readonly rows: number;
  readonly firstTime: number;
  readonly lastTime: number;
}

/** Partitions by column: years have tens of thousands, and an object for each takes long to send. */
export interface PartitionTable {
  /** Hours, a line feed between two. */
  readonly hours: string;
  readonly rows: Uint32Array;
  readonly firstTimes: Float64Array;
  readonly lastTimes: Float64Array;
}

/** Something odd in the data, with a count: never silently mended. */
export const DATA_ISSUES = [
  'mis_keyed_hour',
  'late_rows',
  'duplicate_event_id',
  'missing_actor',
  'actor_by_shop',
  'unreadable_time',
  'missing_event',
  'bad_metadata',
  'null_metadata_keys',
  'equal_times',
  'non_ascii_text',
  'too_large',
] as const;
export interface DataIssue {
  readonly kind: (typeof DATA_ISSUES)[number];
  readonly rows: number;
  /** One sentence: what it is and how it was handled. */
  readonly text: string;
}

export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly primaryKey: boolean;
}
export interface TableInfo {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** null for views: nothing of a view is run on inspection. */
  readonly rows: number | null;
  readonly columns: readonly ColumnInfo[];
}
export interface MappingCandidate {
  readonly mapping: Mapping;
  /** 0..1 */
  readonly score: number;
  readonly reasons: readonly string[];
}
/** Answer of `inspect`: cheap on a file of any size except `partitions` and `issues`, which need one scan. */
export interface Inspection {
  readonly path: string;
  readonly sizeBytes: number;
  /** `tributary` = our own model. */
  readonly model: 'tributary' | 'mapped' | 'unknown';
  readonly tables: readonly TableInfo[];
  readonly candidates: readonly MappingCandidate[];
  readonly mapping: Mapping | null;
  readonly totals: {
    readonly events: number;
    readonly actors: number;
    readonly firstTime: string | null;
    readonly lastTime: string | null;
  } | null;
  readonly partitions: readonly Partition[];
  readonly issues: readonly DataIssue[];
  /** Guard band: largest distance in hours between `ts` and the hour of `event_time` found, 0 when they agree. */
  readonly guardHours: number;
  /** Of our own model. */
  readonly migrations: StoreMigrations | null;
}

/** A store of our own model, held against the migrations of this program. Nothing is ever applied by looking. */
export interface StoreMigrations {
  /** The newest that is applied; 0 = no store that migrations keep. */
  readonly current: number;
  /** In the order in which they would be applied. `brings`: one sentence. */
  readonly pending: readonly { readonly id: string; readonly brings: string }[];
}

/** What is there of a source that is still being read: its `rows` latest by arrival, of about `of`. */
export interface PartialRows {
  readonly rows: number;
  readonly of: number;
}

/** Which partitions an answer read, or will read. */
export interface PlanSummary {
  readonly partitionsRead: number;
  readonly partitionsTotal: number;
  readonly rowsRead: number;
  readonly rowsTotal: number;
  /** UTC hours `YYYY-MM-DDTHH`, inclusive, guard band included; null = unbounded or no partitions. */
  readonly fromHour: string | null;
  readonly toHour: string | null;
  readonly guardHours: number;
  /** `pruned` = the range was pushed into the scan; `full` = all partitions; `cached` = already in memory. */
  readonly scan: 'pruned' | 'full' | 'cached';
  readonly columns: readonly string[];
  readonly threads: number;
  /** Absent = all rows of the source. */
  readonly partial?: PartialRows;
  /** Of a server. */
  readonly compute?: ComputePlan;
}

/** Where the answer is computed: here, from rows that are moved, or by the server as one statement. */
export interface ComputePlan {
  readonly way: 'pull' | 'pushdown';
  /** One sentence. */
  readonly why: string;
  /** 0 when they are here, or when the server computes. `bytesToMove` is an estimate. */
  readonly rowsToMove: number;
  readonly bytesToMove: number;
  /** Total cost of the statement as the server's planner sees it, in its units; null = not asked. */
  readonly cost: number | null;
  /** The statement, to be read; null = none. */
  readonly sql: string | null;
  /** Why the server cannot compute this analysis; null = it can. */
  readonly noPushdown: string | null;
  readonly needsConfirmation: boolean;
}

/** A table on a server that holds events: a partition, or the whole table where it has none. */
export interface ServerPartition {
  readonly name: string;
  /** As the server writes it: `FOR VALUES FROM ('2026-01-01T00') TO ('2026-02-01T00')`, `DEFAULT`; null = no partition. */
  readonly bounds: string | null;
  /** On disk with its indexes; 0 of one that lies on another server. */
  readonly bytes: number;
  /** The planner's estimate; null = it has none. */
  readonly rows: number | null;
  readonly isForeign: boolean;
  /** By the server's planner: the question needs rows of it. */
  readonly isRead: boolean;
}
/** What a question would read, and of a server in which partitions that lies. `partitions` is empty of files and views. */
export interface PlannedPartitions {
  readonly plan: PlanSummary;
  readonly partitions: readonly ServerPartition[];
}

/** How rows were read: a file's pages in place, or row by row through its database library, and then why. */
export interface ReadingWay {
  readonly reader: 'pages' | 'rows';
  readonly reason: string | null;
}

/** An open source: one frozen event set. */
export interface SourceInfo {
  readonly sourceId: string;
  readonly ref: SourceRef;
  /** For people: file name without folders, or "Sample". */
  readonly name: string;
  readonly model: 'tributary' | 'mapped';
  readonly mapping: Mapping | null;
  readonly events: number;
  readonly actors: number;
  /** ms since the epoch, UTC; null when there are no events. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  readonly hasRecordedAt: boolean;
  readonly partitions: readonly Partition[];
  /** In place of `partitions`, which is empty, where it was asked for (`OpenRequest.compact`). */
  readonly partitionTable?: PartitionTable;
  /** With the same: the names in the data, where they were counted before. */
  readonly vocabulary?: Vocabulary;
  readonly issues: readonly DataIssue[];
  readonly guardHours: number;
  /** Of columns that are in memory now: what is kept and was not needed yet is not. */
  readonly memoryBytes: number;
  readonly openMs: number;
  /** Set when the source had grown since it was known: only so many events were read, those that are new. */
  readonly addedEvents?: number;
  /** How it was read when it was opened; null = it was known from an earlier session, or nothing was read yet. */
  readonly reading?: ReadingWay | null;
  /** A preview (`build: 'preview'`); absent = all rows. */
  readonly partial?: PartialRows;
}

/** Names offered in editors, from the data. */
export interface Vocabulary {
  readonly events: readonly { readonly name: string; readonly count: number; readonly actors: number }[];
  readonly properties: readonly { readonly name: string; readonly count: number }[];
}
export interface PropertyValues {
  readonly property: string;
  readonly distinct: number;
  /** Most frequent first, at most the asked number. Counts are events. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
}
