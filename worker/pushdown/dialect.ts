import type { TimeFormat } from '../../protocol/index.ts';
import type { Sql } from './sql.ts';

export type DialectName = 'postgres' | 'sqlite';

/** What the two engines say differently. Each method gives an expression; times are whole ms since the epoch, UTC. */
export interface Dialect {
  readonly name: DialectName;
  /** The next place holder; `isNew` = the value is not among `params` yet and must be added. */
  placeholder(value: string, params: readonly string[]): { readonly index: string; readonly isNew: boolean };
  /** A value as a literal of type text. */
  literal(value: string): string;
  /** The time of a cell in ms; NULL when it holds none. `type` is the column's declared type. */
  timeMs(cell: Sql, format: TimeFormat, type: string): Sql;
  /** The UTC hour `YYYY-MM-DDTHH` of a time. */
  hourOf(timeMs: Sql): Sql;
  /** Bounds on a time column as the table has it, for indexes and shards; null where only `timeMs` can be asked. */
  timeBounds(cell: Sql, format: TimeFormat, type: string, fromMs: number, toMs: number): Sql | null;
  /** A cell as the text that the engine sees; numbers as JavaScript writes them, blobs as hexadecimal. */
  cellText(cell: Sql, type: string): Sql;
  /** A JSON column, NULL where it holds no JSON that can be asked. */
  validJson(column: Sql, type: string): Sql;
  /** A key of a JSON object in a (valid) column, as text; NULL = missing, null, or no object at all. */
  jsonText(column: Sql, type: string, key: string): Sql;
  /** The same for a key that holds an id, a string or a whole number: shorter where that matters. */
  jsonId(column: Sql, type: string, key: string): Sql;
  /** Whether the text contains the needle (ASCII, in small letters), whatever the case. */
  contains(text: Sql, needle: string): Sql;
  /** Ends a subquery whose columns are worked out once a row, however often they are read above it. */
  readonly fence: Sql;
  /** For ORDER BY and comparisons by bytes. */
  byBytes(text: Sql): Sql;
  /** Quotient of numbers as a double. */
  divide(a: Sql, b: Sql): Sql;
  /** Whole part of a quotient of whole, not negative numbers. */
  divideWhole(a: Sql, b: Sql): Sql;
  /** Smallest and largest of expressions that are not NULL. */
  least(pieces: readonly Sql[]): Sql;
  greatest(pieces: readonly Sql[]): Sql;
  /** Of whole numbers the k-th smallest (from 0) that is not NULL; NULL where there are fewer. */
  nthSmallest(pieces: readonly Sql[], k: number): Sql;
  /** A double. */
  real(a: Sql): Sql;
  /** A NULL of a type, for the columns of a UNION. */
  nullOf(type: 'text' | 'whole' | 'real'): Sql;
  /**
   * `SELECT keys…, actors, timed, average_seconds, median_seconds, p90_seconds … GROUP BY keys` of a relation: its rows,
   * those whose duration `ms` is not NULL, and of these: the median (of an even number the mean of the two middle ones)
   * and p90 by nearest rank.
   */
  summary(source: Sql, keys: readonly Sql[], ms: Sql): Sql;
}
