import type { Mapping } from '../../../protocol/index.ts';
import { quote } from '../read-schema.ts';
import type { TimeReader } from '../parse-time.ts';
import type { ServerColumn, ServerTable } from './server-schema.ts';

/** How a cell comes over the line, and what becomes of it. */
export type CellKind = 'micros' | 'int' | 'float' | 'text';

/** Where the parts of an event lie in one table or view of a server: what `EventTable` is for a file. */
export interface ServerEvents {
  readonly table: ServerTable;
  readonly time: ServerTime;
  readonly recordedAt: ServerTime | null;
  readonly event: { readonly column: ServerColumn } | { readonly constant: string };
  /** `metadata`: key user_id of the JSON column, else the user of its shop_id. */
  readonly actor: { readonly column: ServerColumn } | 'metadata';
  readonly json: ServerColumn | null;
  readonly properties: readonly ServerColumn[];
  /** A checked boolean expression. */
  readonly filter: string | null;
  /** Our own model: rows have an hour key and an identity. */
  readonly isModel: boolean;
  /** Numbers rows in order of arrival, with an index (on shards: it should have one): they can be cut, frozen, marked and found by it. null = nothing does. */
  readonly seq: ServerColumn | null;
  /** In this order the server is to send rows that nothing numbers; empty = as they lie. */
  readonly order: readonly ServerColumn[];
  /** Of our own model: whether there is a table `shops` that names users. */
  readonly hasShops: boolean;
  /** Each of them once, by its key. */
  readonly shopIsKey: boolean;
  readonly mapping: Mapping | null;
}
export interface ServerTime {
  readonly column: ServerColumn;
  readonly kind: CellKind;
  /** Of what is no timestamp. */
  readonly read: TimeReader;
}

export const quoteTable = ({ schema, name }: Pick<ServerTable, 'schema' | 'name'>): string =>
  `${quote(schema)}.${quote(name)}`;

/** The number of a row, where it has one. */
export function seqOf({ seq }: ServerEvents): string {
  if (seq === null) throw new Error('rows of this table have no numbers');
  return `e.${quote(seq.name)}`;
}

/** How a column is asked for: numbers and timestamps in binary, everything else as its text. */
export function getCellKind({ type, category }: ServerColumn): CellKind {
  if (/^(?:timestamp|date)/.test(type)) return 'micros';
  if (/^(?:smallint|integer|bigint)$/.test(type)) return 'int';
  if (/^(?:real|double precision|numeric)/.test(type)) return 'float';
  return category === 'N' ? 'float' : 'text';
}

/** The longest text that is taken over, bytes; longer ones count as not set and are reported. */
export const MAX_TEXT = 1 << 20;
/** In place of a text that is longer. */
export const TOO_LARGE = '\u0003';

/** A column's value as the text that the engine shows. */
export function textOf(column: ServerColumn): string {
  const name = `e.${quote(column.name)}`;
  const text = column.type === 'bytea' ? `encode(${name}, 'hex')` : `${name}::text`;
  if (!/^(?:text|character|bytea|json|xml)/.test(column.type) && column.category !== 'S') return text;
  const size =
    column.type === 'jsonb' || column.type === 'json' || column.type === 'xml' ? 'pg_column_size' : 'octet_length';
  return `CASE WHEN ${size}(${name}) <= ${MAX_TEXT} THEN ${text} WHEN ${name} IS NOT NULL THEN '${TOO_LARGE}' END`;
}

/** A time or number as it is read by `kind`. */
export function valueOf({ column, kind }: Pick<ServerTime, 'column' | 'kind'>): string {
  const name = `e.${quote(column.name)}`;
  if (kind === 'micros') return column.type === 'date' ? `${name}::timestamp` : name;
  if (kind === 'int') return `${name}::int8`;
  return kind === 'float' ? `${name}::float8` : `${name}::text`;
}
