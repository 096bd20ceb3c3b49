import type { Interval } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { getOffset } from '../compute/time-zone.ts';
import type { Dialect } from './dialect.ts';
import { join, raw, sql, type Cte, type Sql } from './sql.ts';

/**
 * Intervals of a calendar that follow each other with one length and one offset to UTC, so that SQL finds the interval
 * of a time by a division. SQLite knows no time zones and a server's may be of another year than ours: both are told.
 *
 *   Europe/Berlin, day, 2021-03-27 to 2021-03-29
 *   first last  starts       ends         length
 *   0     0     26T23:00Z    27T23:00Z    86,400,000
 *   1     1     27T23:00Z    28T22:00Z    82,800,000     the night the clock goes forward
 *   2     2     28T22:00Z    29T22:00Z    86,400,000
 */
export interface CalendarPiece {
  /** Numbers of its first and last interval in the grid, from 0. */
  readonly first: number;
  readonly last: number;
  readonly starts: Milliseconds;
  /** Exclusive. */
  readonly ends: Milliseconds;
  readonly length: Milliseconds;
  /** local = UTC + offset, at the starts. */
  readonly offset: Milliseconds;
}

export function cutCalendar(grid: IntervalGrid, timezone: string): CalendarPiece[] {
  const pieces: CalendarPiece[] = [];
  grid.starts.forEach((starts, n) => {
    const ends = grid.starts[n + 1] ?? grid.end;
    const [length, offset] = [ends - starts, getOffset(timezone, starts)];
    const before = pieces.at(-1);
    if (before !== undefined && before.length === length && before.offset === offset)
      pieces[pieces.length - 1] = { ...before, last: n, ends };
    else pieces.push({ first: n, last: n, starts, ends, length, offset });
  });
  return pieces;
}

/**
 * Whether a time is compared with several rows: then the times are worked out once, in a materialized part, and not again
 * for each row.
 */
export const isManifold = (grid: IntervalGrid, timezone: string): boolean => cutCalendar(grid, timezone).length > 1;

const INTERVAL_WORDS: Readonly<Record<Interval, string>> = {
  hour: 'hours',
  day: 'days',
  week: 'weeks',
  month: 'months',
};

/** `calendar(first_n, last_n, starts, ends, length, utc_offset)`: without rows where there is no interval. */
export function writeCalendar(grid: IntervalGrid, timezone: string, interval: Interval | 'total'): Cte {
  const rows = cutCalendar(grid, timezone).map(
    ({ first, last, starts, ends, length, offset }) =>
      sql`SELECT ${first}, ${last}, ${starts}, ${ends}, ${length}, ${offset}`,
  );
  const [head, ...others] = rows.length === 0 ? [sql`SELECT 0, 0, 0, 0, 1, 0 WHERE 1 = 0`] : rows;
  return {
    name: 'calendar(first_n, last_n, starts, ends, length, utc_offset)',
    comment:
      interval === 'total'
        ? 'The whole range is one period (ms since the epoch, UTC; end excluded).'
        : `Local ${INTERVAL_WORDS[interval]} of ${timezone}, numbered from 0: a row for each run of equal length (ms, UTC).`,
    body: join([head ?? raw(''), ...others], ' UNION ALL\n'),
    // One row becomes constants: no join, and processes beside each other may read it.
    materialized: false,
  };
}

/** `JOIN calendar c ON …` that finds the interval of a time. */
export const joinCalendar = (time: Sql): Sql => sql`JOIN calendar c ON ${time} >= c.starts AND ${time} < c.ends`;
/** Its number, behind {@link joinCalendar}. */
export const intervalOf = (time: Sql): Sql => sql`c.first_n + (${time} - c.starts) / c.length`;
/** The same as one expression, NULL where there is none: a planner who sees a join takes nearly all rows for left out by it. */
export function intervalIn(grid: IntervalGrid, timezone: string, time: Sql): Sql {
  const cases = cutCalendar(grid, timezone).map(
    ({ first, starts, ends, length }) =>
      sql`WHEN ${time} >= ${starts} AND ${time} < ${ends} THEN ${first} + (${time} - ${starts}) / ${length}`,
  );
  return cases.length === 0 ? raw('NULL::bigint') : sql`CASE ${join(cases, '\n  ')} END`;
}
/** `LEFT JOIN calendar c ON …` that finds interval `n`, for {@link localStart}. */
export const joinInterval = (n: Sql): Sql => sql`LEFT JOIN calendar c ON ${n} BETWEEN c.first_n AND c.last_n`;
/** Local ms at which interval `n` starts, behind {@link joinInterval}. */
export const localStart = (n: Sql): Sql => sql`c.starts + c.utc_offset + (${n} - c.first_n) * c.length`;
/** The label of a period from its local start; NULL = all periods together. */
export function periodText(dialect: Dialect, local: Sql, interval: Interval | 'total'): Sql {
  if (interval === 'total') return raw(`'total'`);
  if (dialect.name === 'sqlite')
    return sql`strftime(${raw(interval === 'hour' ? `'%Y-%m-%dT%H:00'` : `'%Y-%m-%d'`)}, (${local}) / 1000, 'unixepoch')`;
  const format = raw(interval === 'hour' ? `'YYYY-MM-DD"T"HH24:00'` : `'YYYY-MM-DD'`);
  return sql`to_char(to_timestamp((${local}) / 1000) AT TIME ZONE 'UTC', ${format})`;
}
