import type { StickinessQuery } from '../../protocol/index.ts';
import { buildRangeGrid } from '../compute/range-grid.ts';
import { stickinessModule } from '../compute/stickiness.ts';
import { intervalOf, isManifold, joinCalendar, writeCalendar } from './calendar.ts';
import { getOnlyEvents } from './condition-sql.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { createMergeContext, readNumber, refuseOpenStart } from './merge-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher } from './question.ts';
import { sql, withCtes, type Cte } from './sql.ts';

/** Stickiness: a row for each number of active intervals that occurs. */
export const pushDownStickiness: Pusher<'stickiness'> = (query, context, dialect) => {
  refuseOpenStart(query, 'The intervals');
  const merging = createMergeContext(context);
  const { length } = buildRangeGrid(merging, query, query.interval).starts;
  return {
    sql: withCtes(
      writeActiveDays(query, context, dialect),
      sql`
        SELECT active_intervals, count(*) AS actors
        FROM activity
        GROUP BY active_intervals
        ORDER BY active_intervals
      `,
    ),
    read: (rows) => {
      const actors = new Float64Array(length + 1);
      for (const row of rows) actors[readNumber(row, 'active_intervals')] = readNumber(row, 'actors');
      return stickinessModule.merge([{ actors }], query, merging);
    },
  };
};

/** Down to `activity(actor, active_intervals)`. */
export function writeActiveDays(query: StickinessQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const events = createEvents(context, dialect, query, { only: getOnlyEvents([query.event]) });
  const grid = buildRangeGrid(createMergeContext(context), query, query.interval);
  return [
    { ...events.cte, materialized: isManifold(grid, query.timezone) },
    writeCalendar(grid, query.timezone, query.interval),
    {
      name: 'activity',
      comment: 'In how many different intervals each actor was active.',
      body: sql`
        SELECT actor, count(DISTINCT n) AS active_intervals
        FROM (
          SELECT e.actor, ${intervalOf(sql`e.time_ms`)} AS n
          FROM events e
          ${joinCalendar(sql`e.time_ms`)}
          WHERE ${events.fits(query.event)}
        ) AS a
        GROUP BY actor
      `,
    },
  ];
}
