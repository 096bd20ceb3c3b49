import { join, list, sql, type Sql } from './sql.ts';

/** The rows of a server's table that an opened source has, by arrival number, so that SQL asks about no others. JSON-safe. */
export interface FrozenRows {
  readonly lastSeq: number;
  /** Numbers up to it that had no row then, ascending: transactions that were open fill them later. */
  readonly gaps: readonly number[];
}

/** Shorter runs of gaps are listed. */
const SHORT = 3;

/** Conditions on the number of a row, cheapest first: what came before the first gap is asked nothing more. */
export function isFrozen(rows: FrozenRows | null | undefined, seq: Sql): readonly Sql[] {
  if (rows === null || rows === undefined) return [];
  const { lastSeq, gaps } = rows;
  const [first] = gaps;
  if (first === undefined) return [sql`${seq} <= ${lastSeq}`];
  const runs = getRuns(gaps);
  const single = runs.flatMap(([from, to]) =>
    to - from < SHORT ? Array.from({ length: to - from + 1 }, (_, i) => sql`${from + i}`) : [],
  );
  const outside = [
    ...runs.filter(([from, to]) => to - from >= SHORT).map(([from, to]) => sql`${seq} NOT BETWEEN ${from} AND ${to}`),
    ...(single.length === 0 ? [] : [sql`${seq} NOT IN (${list(single)})`]),
  ];
  return [sql`${seq} <= ${lastSeq}`, sql`(${seq} < ${first} OR ${join(outside, ' AND ')})`];
}

/** `[1, 2, 3, 7]` → `[[1, 3], [7, 7]]` */
function getRuns(numbers: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}
