/** What a result holds, and what is asked of it: cells, columns, pages, statistics. All of it JSON-safe. */

/** Long text and blobs are cut in pages (`CELL_CHARS`); `QueryApi.cell` gives the whole. */
export const CELL_CHARS = 2_000;

/**
 * One value. Integers beyond 2^53 are `{ int }` with their digits; blobs are `{ blob }` in base64 with their whole size
 * in bytes; text that was cut is `{ text }` with its whole size in bytes (UTF-8). Postgres's `numeric` is text, digit for
 * digit; its times are text as the server writes them, in UTC.
 */
export type QueryCell =
  | null
  | boolean
  | number
  | string
  | { readonly int: string }
  | { readonly blob: string; readonly bytes: number }
  | { readonly text: string; readonly bytes: number };

/** `any`: SQLite columns whose values are of several kinds, or of none yet. `numeric` is exact, and carried as text. */
export const COLUMN_TYPES = [
  'integer',
  'real',
  'numeric',
  'text',
  'boolean',
  'timestamp',
  'date',
  'json',
  'blob',
  'any',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface ResultColumn {
  /** As the engine names it; names need not differ. */
  readonly name: string;
  readonly type: ColumnType;
  /** The engine's own name for it: `timestamptz`, `INTEGER`; null = an expression of SQLite. */
  readonly declared: string | null;
}

/** Which limit cut a result short; null = it is whole, or still growing. */
export const TRUNCATIONS = ['rows', 'bytes', 'deadline', 'cancelled'] as const;
export type Truncation = (typeof TRUNCATIONS)[number];

/** A result that is on disk, or on its way there. */
export interface ResultHead {
  readonly resultId: string;
  readonly columns: readonly ResultColumn[];
  /** The first rows, at most `FIRST_ROWS`. */
  readonly firstRows: readonly (readonly QueryCell[])[];
}
export const FIRST_ROWS = 200;

export interface QueryResult extends ResultHead {
  readonly rows: number;
  /** On disk. */
  readonly bytes: number;
  /** Every row the statement gives is here. */
  readonly complete: boolean;
  readonly truncatedBy: Truncation | null;
  /** From the start to the first row; null = there is none. */
  readonly firstRowMs: number | null;
  readonly elapsedMs: number;
  /** Oddities to be told: another version of the file, notices of the server. */
  readonly notes: readonly string[];
}

export interface RowsPage {
  readonly offset: number;
  /** Position of each row in the unsorted result: what `cell` takes. */
  readonly numbers: readonly number[];
  readonly rows: readonly (readonly QueryCell[])[];
  /** Rows of the sorted and filtered result, as far as it has grown. */
  readonly total: number;
  /** No row will be added. */
  readonly complete: boolean;
}

/** Of the values that are not NULL. `min` and `max` in the order of `sort`. */
export interface ColumnStats {
  readonly column: number;
  readonly rows: number;
  readonly nulls: number;
  /** Exact up to `DISTINCT_LIMIT`, else a lower bound. */
  readonly distinct: number;
  readonly isDistinctExact: boolean;
  readonly min: QueryCell;
  readonly max: QueryCell;
  /** Of numbers; null where there is none. */
  readonly mean: number | null;
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  /** Most frequent values, among the first `DISTINCT_LIMIT` distinct ones. */
  readonly top: readonly { readonly value: QueryCell; readonly count: number }[];
}
export const DISTINCT_LIMIT = 1_000_000;

export interface ExportedFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A local table, kept from a result. */
export interface KeptTable {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly keptAt: string;
}
