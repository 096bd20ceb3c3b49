import type { ErrorData } from '../../protocol/errors.ts';
import type {
  ColumnStats,
  ExportedFile,
  KeptTable,
  QueryCell,
  ResultColumn,
  ResultHead,
  RowsPage,
  Truncation,
} from '../../protocol/query-result.ts';
import type {
  Dialect,
  Estimate,
  QualityCheck,
  QuerySession,
  SchemaInfo,
  SqlCheck,
  SqlPlan,
  SqlVocabulary,
} from '../../protocol/query-schema.ts';
import type { ExportFormat, QueryLimits, QueryParams, RowFilter, SortKey } from '../../protocol/query.ts';
import type { SourceRef } from '../../protocol/source.ts';
import type { FromKeeper, ToKeeper } from '../connection/remote-places.ts';

/** What a query process is asked, and what it answers. One task at a time; `cancel` comes in between. */
export interface Tasks {
  connect: [
    {
      readonly ref: SourceRef;
      readonly password: string | undefined;
      readonly dataDir: string;
      readonly scratchDir: string;
      /** Another process has proved already that this source is only read. */
      readonly isProved: boolean;
    },
    Omit<QuerySession, 'sessionId' | 'name'> | null,
  ];
  check: [{ readonly sql: string }, SqlCheck];
  schema: [null, SchemaInfo];
  vocabulary: [null, SqlVocabulary];
  quality: [null, readonly QualityCheck[]];
  estimate: [StatementTask, Estimate];
  explain: [RunTask & { readonly analyze: boolean }, SqlPlan];
  run: [RunTask & { readonly folder: string }, RunAnswer];
  view: [ViewTask & { readonly file: string }, number];
  rows: [RowsTask, Omit<RowsPage, 'complete'>];
  stats: [StatsTask, ColumnStats];
  cell: [{ readonly folder: string; readonly row: number; readonly column: number }, QueryCell];
  export: [ExportTask, ExportedFile];
  keepTable: [KeepTask, KeptTable];
  tables: [{ readonly file: string }, readonly KeptTable[]];
  dropTable: [TableTask, KeptTable];
  restoreTable: [TableTask, KeptTable];
}
export type TaskName = keyof Tasks;
export type Argument<T extends TaskName> = Tasks[T][0];
export type Answer<T extends TaskName> = Tasks[T][1];

export interface StatementTask {
  readonly sql: string;
  readonly params: QueryParams;
}
export interface RunTask extends StatementTask {
  readonly limits: QueryLimits;
  readonly confirmedScan: boolean;
}
export interface RunAnswer {
  readonly rows: number;
  readonly bytes: number;
  readonly truncatedBy: Truncation | null;
  readonly firstRowMs: number | null;
  readonly notes: readonly string[];
}
export interface ViewTask {
  readonly folder: string;
  readonly sort: readonly SortKey[];
  readonly filter: readonly RowFilter[];
}
export interface RowsTask {
  readonly folder: string;
  /** Row numbers in the order of the view; null = as they came. */
  readonly view: string | null;
  readonly offset: number;
  readonly limit: number;
}
export interface StatsTask {
  readonly folder: string;
  /** Of the filtered rows. */
  readonly view: string | null;
  readonly column: number;
  readonly buckets: number;
}
export interface ExportTask {
  readonly folder: string;
  readonly view: string | null;
  readonly columns: readonly ResultColumn[];
  readonly dialect: Dialect;
  readonly format: ExportFormat;
  readonly spreadsheetSafe: boolean;
  readonly table: string;
  /** Rows still come: those are waited for. */
  readonly isGrowing: boolean;
  /** Where the rows are written; the caller puts it in its place. */
  readonly path: string;
}
export interface TableTask {
  /** The database of all local tables. */
  readonly file: string;
  readonly name: string;
}
export interface KeepTask extends TableTask {
  readonly folder: string;
  readonly view: string | null;
  readonly columns: readonly ResultColumn[];
  readonly replace: boolean;
  /** A column whose different ids are kept, as the column `actor`; absent = all columns as they are. */
  readonly actors?: number | undefined;
  /** Of all tables together. */
  readonly maxBytes: number;
}

/** To the process. */
export type ToProcess =
  | { readonly type: 'task'; readonly id: number; readonly name: TaskName; readonly argument: unknown }
  /** Load what a session of this kind will need, while there is nothing else to do. */
  | { readonly type: 'warm'; readonly kind: SourceRef['kind'] }
  | { readonly type: 'cancel' }
  | FromKeeper;
/** From it. */
export type FromProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly id: number; readonly event: TaskEvent }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorData }
  | ToKeeper;
export interface TaskEvent {
  readonly rows: number;
  readonly bytes: number;
  readonly totalRows?: number | null;
  /** Once: the columns and the first rows. */
  readonly head?: Pick<ResultHead, 'columns' | 'firstRows'>;
}
