import type { IntervalGrid } from '../compute/time-bucket.ts';
import { cutCalendar } from './calendar.ts';
import type { FunnelParts } from './funnel-parts.ts';
import { select } from './funnel-rows.ts';
import { hasViews, type GroupParts } from './funnel-views.ts';
import { join, lines, list, sql, type Cte, type Sql } from './sql.ts';

/** SEMANTICS.md, funnel rule 12. */
export function writeTrend(
  parts: FunnelParts,
  groups: GroupParts | null,
  attempts: Sql,
  grid: IntervalGrid,
): readonly Cte[] {
  const { query, unit } = parts;
  const pieces = cutCalendar(grid, query.timezone);
  const rows = pieces.map(
    (c) => sql`SELECT ${c.first} AS first, ${c.starts} AS starts, ${c.ends} AS ends, ${c.length} AS length`,
  );
  const calendar =
    rows.length === 0 ? sql`SELECT 0 AS first, 0 AS starts, 0 AS ends, 1 AS length` : join(rows, '\nUNION ALL ');
  const from = (query.fromStep ?? 0) + 1;
  const to = (query.toStep ?? parts.stepCount - 1) + 1;
  const counted = [
    sql`count(CASE WHEN level >= ${from} THEN 1 END) AS entered`,
    sql`count(CASE WHEN level >= ${to} THEN 1 END) AS converted`,
    sql`max(CASE WHEN level >= ${from} AND level < ${to} THEN last_start END) AS open_since`,
  ];
  return [
    {
      name: 'calendar',
      comment: `The local ${query.interval}s of ${query.timezone}: a row for each run of equal length (ms, UTC).`,
      body: calendar,
    },
    {
      name: 'entries',
      comment: 'Each actor once in every period in which it started an attempt, with the deepest of them.',
      body: sql`
        SELECT ${list(unit)}, c.first + (start_ms - c.starts) / c.length AS period,
          max(level) AS level, max(start_ms) AS last_start
        FROM ${attempts} AS a JOIN calendar AS c ON start_ms >= c.starts AND start_ms < c.ends
        GROUP BY ${list([...unit, sql`c.first + (start_ms - c.starts) / c.length`])}
      `,
    },
    {
      name: 'trend',
      comment: `Entered: reached step ${from}; converted: reached step ${to}.`,
      body: sql`
        SELECT 0 AS place, period,
          ${lines(counted)}
        FROM entries${hasViews(query) ? sql`\nWHERE grouped = 0` : sql``}
        GROUP BY period${groups === null ? sql`` : sql`\n${groupTrends(parts, counted)}`}
      `,
    },
  ];
}

/** Counted by value before the places come in, so that few rows are joined. */
function groupTrends({ query, values }: FunnelParts, counted: readonly Sql[]): Sql {
  const same = join(
    values.map((v) => sql`r.${v} = g.${v}`),
    ' AND ',
  );
  return sql`
    UNION ALL
    SELECT r.place, g.period, sum(g.entered), sum(g.converted), max(g.open_since)
    FROM (
      SELECT ${list(values)}, period,
        ${lines(counted)}
      FROM entries${hasViews(query) ? sql`\nWHERE grouped = 1` : sql``}
      GROUP BY ${list([...values, sql`period`])}
    ) AS g JOIN ranking AS r ON ${same}
    GROUP BY r.place, g.period
  `;
}

export const selectTrend = (parts: FunnelParts): Sql =>
  select(
    parts,
    {
      part: sql`'trend'`,
      place: sql`place`,
      number: sql`period`,
      actors: sql`entered`,
      converted: sql`converted`,
      since_ms: sql`open_since`,
    },
    sql`FROM trend`,
  );
