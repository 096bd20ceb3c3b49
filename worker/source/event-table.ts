import type { Mapping, PartialRows } from '../../protocol/index.ts';
import type { TimeReader } from './parse-time.ts';
import { quote, type SchemaTable } from './read-schema.ts';

/**
 * Where the parts of an event lie in one table or view. Our own model and mapped tables are read by the same code
 * through this description.
 */
export interface EventTable {
  readonly table: SchemaTable;
  readonly time: TimeColumn;
  readonly recordedAt: TimeColumn | null;
  readonly event: { readonly column: string } | { readonly constant: string };
  /** `metadata`: key user_id of the JSON column, else the user of its shop_id. */
  readonly actor: { readonly column: string } | 'metadata';
  readonly json: string | null;
  /** Columns offered as properties. */
  readonly properties: readonly string[];
  /** A checked boolean expression. */
  readonly filter: string | null;
  /** Our own model: hour key and identity, for pruning and for finding duplicates. */
  readonly hour: { readonly column: 'ts'; readonly index: string | null } | null;
  /** As given, with `auto` decided; null for our own model. */
  readonly mapping: Mapping | null;
  /** Rows with a smaller rowid are not there. */
  readonly tail?: Tail | null;
}
/** The latest rows of a table. */
export interface Tail extends PartialRows {
  readonly fromRow: number;
}
export interface TimeColumn {
  readonly column: string;
  readonly read: TimeReader;
}

/** Our own model: the columns of design.md section 5. */
export const MODEL_TABLE = 'global_events';
export const MODEL_COLUMNS = ['ts', 'event_id', 'event_time', 'event_type', 'metadata'] as const;

export function isModelTable(table: SchemaTable): boolean {
  const names = new Set(table.columns.map((c) => c.name));
  return (
    table.name === MODEL_TABLE && table.kind === 'table' && !table.virtual && MODEL_COLUMNS.every((c) => names.has(c))
  );
}

/**
 * `SELECT … FROM … WHERE …` in arrival order. `NOT INDEXED` keeps SQLite from another order. A mapping's filter is
 * selected as a last column, not a WHERE: so every row comes back to us and a scan can always be stopped.
 */
export function scanSql(
  events: EventTable,
  select: readonly string[],
  condition: string,
  useIndex: string | null,
): string {
  const { table, filter } = events;
  const hint = table.rowid === null ? '' : useIndex === null ? ' NOT INDEXED' : ` INDEXED BY ${quote(useIndex)}`;
  const columns = [...select, ...(filter === null ? [] : [`(${filter}\n)`])].join(', ');
  const where = condition === '' ? '' : ` WHERE ${condition}`;
  const order = table.rowid === null ? '' : ` ORDER BY ${table.rowid}`;
  return `SELECT ${columns} FROM main.${quote(table.name)}${hint}${where}${order}`;
}

/** Whole numbers as digits, so that ids beyond 2^53 stay apart. */
export const textExpression = (column: string): string =>
  `iif(typeof(${quote(column)}) = 'integer', CAST(${quote(column)} AS TEXT), ${quote(column)})`;
