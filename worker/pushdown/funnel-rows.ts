import type { FunnelParts } from './funnel-parts.ts';
import { list, raw, sql, type Sql } from './sql.ts';

/** Rows of the answer: one list of columns for all parts of it. */
const COLUMNS = [
  'part',
  'place',
  'number',
  'name',
  'actors',
  'converted',
  'average_seconds',
  'median_seconds',
  'p90_seconds',
  'since_ms',
] as const;
type Column = (typeof COLUMNS)[number];
const TYPES: Readonly<Record<Column, 'text' | 'whole' | 'real'>> = {
  part: 'text',
  place: 'whole',
  number: 'whole',
  name: 'text',
  actors: 'whole',
  converted: 'whole',
  average_seconds: 'real',
  median_seconds: 'real',
  p90_seconds: 'real',
  since_ms: 'whole',
};
/** Numbers of the rows that are no step: from the first to the last step, and from fromStep to toStep. */
export const TOTAL = 1000;
export const CONVERSION = 1001;

/** A SELECT with all columns, those not given empty. */
export function select({ dialect }: FunnelParts, values: { readonly [C in Column]?: Sql }, rest: Sql): Sql {
  const columns = COLUMNS.map((column) => {
    const value = values[column] ?? dialect.nullOf(TYPES[column]);
    return value.chunks[0] === column ? value : sql`${value} AS ${raw(column)}`;
  });
  return sql`SELECT ${list(columns)}\n${rest}`;
}
