import type { Dialect } from './dialect.ts';
import { raw, sql, type Sql } from './sql.ts';

const NUMBER = String.raw`'^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$'`;

/**
 * The number that a text is; 0 where it is missing or none (worker/compute/sums.ts). In SQLite a text equals a REAL only
 * where all of it is a number; in Postgres it stays a decimal number, so that a sum is exact in any order.
 */
export function numberOf(dialect: Dialect, text: Sql): Sql {
  if (dialect.name === 'sqlite')
    return sql`CASE WHEN CAST(${text} AS REAL) = ${text} AND abs(CAST(${text} AS REAL)) < 9e999 THEN CAST(${text} AS REAL) ELSE 0.0 END`;
  return sql`CASE WHEN ${text} ~ ${raw(NUMBER)} THEN CASE WHEN abs(${text}::numeric) < 1.8e308 THEN ${text}::numeric ELSE 0 END ELSE 0 END`;
}
