import type { RetentionQuery } from '../../protocol/index.ts';
import { buildRetentionGrid, retentionModule } from '../compute/retention.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { intervalOf, joinCalendar, joinInterval, localStart, periodText, writeCalendar } from './calendar.ts';
import { getOnlyEvents } from './condition-sql.ts';
import { createEvents, type EventRelation, type WantedEvents } from './event-relation.ts';
import { createMergeContext, readNumber } from './merge-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher } from './question.ts';
import { raw, sql, withCtes, type Cte, type Sql } from './sql.ts';

/** Retention: a row for each cohort and number of intervals later, `later` 0 = the size of the cohort. */
export const pushDownRetention: Pusher<'retention'> = (query, context, dialect) => {
  const merging = createMergeContext(context);
  const { grid, ctes } = writeCohorts(query, context, createEvents(context, dialect, query, historyOf(query, context)));
  const n = grid.starts.length;
  return {
    sql: withCtes(
      [...ctes, MATRIX],
      sql`
        SELECT ${periodText(dialect, localStart(sql`m.cohort`), query.interval)} AS cohort_start, m.later, m.actors, m.cohort
        FROM matrix m
        ${joinInterval(sql`m.cohort`)}
        ORDER BY m.cohort, m.later
      `,
    ),
    read: (rows) => {
      const cells = new Float64Array(n * n);
      for (const row of rows)
        cells[readNumber(row, 'cohort') * n + readNumber(row, 'later')] = readNumber(row, 'actors');
      return retentionModule.merge([{ cells }], query, merging);
    },
  };
};

const MATRIX: Cte = {
  name: 'matrix',
  comment: 'Sizes of the cohorts, and how many of each came back in every later interval.',
  body: sql`
    SELECT n AS cohort, 0 AS later, count(*) AS actors FROM cohorts GROUP BY n
    UNION ALL
    SELECT c.n, r.n - c.n, count(*)
    FROM cohorts c
    JOIN returns r ON r.actor = c.actor AND r.n > c.n
    GROUP BY 1, 2
  `,
};

/** The first ever event may lie before the range. */
export const historyOf = (
  { cohortRule, cohortEvent, returnEvent }: RetentionQuery,
  { moments }: PushdownContext,
): WantedEvents => ({
  only: getOnlyEvents([cohortEvent, returnEvent]),
  fromMs: cohortRule === 'firstEver' ? Number.NEGATIVE_INFINITY : moments.fromMs,
  toMs: moments.toMs,
});

export interface Cohorts {
  readonly grid: IntervalGrid;
  /** Down to `cohorts(actor, n)` and `returns(actor, n)`, both without repeats. */
  readonly ctes: readonly Cte[];
}

export function writeCohorts(query: RetentionQuery, context: PushdownContext, events: EventRelation): Cohorts {
  const grid = buildRetentionGrid(createMergeContext(context), query);
  const from = Math.max(context.moments.fromMs, grid.starts[0] ?? Number.POSITIVE_INFINITY);
  return {
    grid,
    ctes: [
      { ...events.cte, materialized: true },
      writeCalendar(grid, query.timezone, query.interval),
      query.cohortRule === 'firstEver' ? firstEver(query, events, from) : everyInterval(query, events, from),
      {
        name: 'returns',
        comment: 'Who did the return event in which interval.',
        body: distinctIntervals(events.fits(query.returnEvent), from),
      },
    ],
  };
}

function firstEver(query: RetentionQuery, events: EventRelation, from: number): Cte {
  return {
    name: 'cohorts',
    comment:
      'Who did the cohort event for the first time ever in which interval: an earlier one, too, leaves an actor out.',
    body: sql`
      SELECT f.actor, ${intervalOf(sql`f.time_ms`)} AS n
      FROM (SELECT actor, min(time_ms) AS time_ms FROM events WHERE ${events.fits(query.cohortEvent)} GROUP BY actor) f
      ${joinCalendar(sql`f.time_ms`)}
      WHERE ${since(sql`f.time_ms`, from)}
    `,
  };
}

const everyInterval = (query: RetentionQuery, events: EventRelation, from: number): Cte => ({
  name: 'cohorts',
  comment: 'Who did the cohort event in which interval.',
  body: distinctIntervals(events.fits(query.cohortEvent), from),
});

const distinctIntervals = (fits: Sql, from: number): Sql => sql`
  SELECT DISTINCT e.actor, ${intervalOf(sql`e.time_ms`)} AS n
  FROM events e
  ${joinCalendar(sql`e.time_ms`)}
  WHERE ${fits} AND ${since(sql`e.time_ms`, from)}
`;

/** The range may begin inside the first interval. Without intervals nothing is since then. */
const since = (time: Sql, from: number): Sql =>
  Number.isFinite(from) ? sql`${time} >= ${Math.ceil(from)}` : raw('FALSE');
