import { LIFECYCLE_STATUSES, type LifecycleQuery } from '../../protocol/index.ts';
import { buildLifecycleGrid, lifecycleModule } from '../compute/lifecycle.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { intervalOf, joinCalendar, joinInterval, localStart, periodText, writeCalendar } from './calendar.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { createMergeContext, readNumber, refuseOpenStart } from './merge-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher } from './question.ts';
import { sql, withCtes, type Cte } from './sql.ts';

/** Lifecycle: a row for each interval and status. Interval 0 is the one before the range; dormant is positive here. */
export const pushDownLifecycle: Pusher<'lifecycle'> = (query, context, dialect) => {
  refuseOpenStart(query, 'The intervals');
  const merging = createMergeContext(context);
  const { grid, ctes } = writeStatuses(query, context, dialect);
  return {
    sql: withCtes(
      ctes,
      sql`
        SELECT ${periodText(dialect, localStart(sql`s.n`), query.interval)} AS period, s.status, s.actors, s.n
        FROM (SELECT n, status, count(*) AS actors FROM statuses GROUP BY n, status) s
        ${joinInterval(sql`s.n`)}
        ORDER BY s.n, s.status
      `,
    ),
    read: (rows) => {
      const column = (): Float64Array => new Float64Array(grid.starts.length);
      const counts = { new: column(), returning: column(), resurrecting: column(), dormant: column() };
      for (const row of rows) {
        const status = LIFECYCLE_STATUSES.find((known) => known === row['status']);
        if (status !== undefined) counts[status][readNumber(row, 'n')] = readNumber(row, 'actors');
      }
      return lifecycleModule.merge([counts], query, merging);
    },
  };
};

/** Down to `statuses(actor, n, status)`. */
export function writeStatuses(
  query: LifecycleQuery,
  context: PushdownContext,
  dialect: Dialect,
): { readonly grid: IntervalGrid; readonly ctes: readonly Cte[] } {
  const grid = buildLifecycleGrid(createMergeContext(context), query);
  const last = grid.starts.length - 1;
  const toMs = context.moments.asOfMs;
  // Filters make nobody new, so they are asked where activity counts.
  const events = createEvents(context, dialect, query, { fromMs: Number.NEGATIVE_INFINITY, toMs, filtered: false });
  const active: Cte = {
    name: 'active',
    comment: 'Who was active in which interval; 0 is the interval before the range.',
    body: sql`
      SELECT DISTINCT e.actor, ${intervalOf(sql`e.time_ms`)} AS n
      FROM events e
      ${joinCalendar(sql`e.time_ms`)}
      WHERE ${events.fits(query.event)} AND ${events.passes(query.where)}
    `,
  };
  const firstSeen: Cte = {
    name: 'first_seen',
    comment: 'In which interval the first event ever of an actor was, of any kind and whatever the filters.',
    body: sql`
      SELECT f.actor, ${intervalOf(sql`f.time_ms`)} AS n
      FROM (SELECT actor, min(time_ms) AS time_ms FROM events GROUP BY actor) f
      ${joinCalendar(sql`f.time_ms`)}
    `,
  };
  return {
    grid,
    ctes: [
      { ...events.cte, materialized: true },
      writeCalendar(grid, query.timezone, query.interval),
      active,
      firstSeen,
      ...statusesOf(last),
    ],
  };
}

const statusesOf = (last: number): readonly Cte[] => [
  {
    name: 'neighbours',
    comment: 'The intervals of activity before and after.',
    body: sql`
      SELECT actor, n,
        lag(n) OVER (PARTITION BY actor ORDER BY n) AS n_before,
        lead(n) OVER (PARTITION BY actor ORDER BY n) AS n_after
      FROM active
    `,
  },
  {
    name: 'statuses',
    comment: 'What an actor is in an interval; dormant = active in the interval before, and not in it.',
    body: sql`
      SELECT a.actor, a.n,
        CASE
          WHEN f.n = a.n THEN 'new'
          WHEN a.n_before = a.n - 1 THEN 'returning'
          ELSE 'resurrecting'
        END AS status
      FROM neighbours a
      LEFT JOIN first_seen f ON f.actor = a.actor
      WHERE a.n > 0
      UNION ALL
      SELECT actor, n + 1, 'dormant'
      FROM neighbours
      WHERE n < ${last} AND (n_after IS NULL OR n_after > n + 1)
    `,
  },
];
