import type { JourneyQuery } from '../../protocol/index.ts';
import { NO_STATE, START_STATE } from '../../protocol/journey-states.ts';
import { getEndOfData } from '../compute/event-stream.ts';
import { buildJourneyGrid } from '../compute/journey-grid.ts';
import { getComparedContext } from '../compute/journey-view.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { getNeededHours } from '../plan/plan-partitions.ts';
import { intervalOf, joinCalendar, writeCalendar } from './calendar.ts';
import type { Dialect } from './dialect.ts';
import { createEvents } from './event-relation.ts';
import { writeAgenda } from './journey-agenda.ts';
import { readJourney } from './journey-body.ts';
import { writeWalk } from './journey-moves.ts';
import { createMergeContext, refuseOpenStart } from './merge-context.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher } from './question.ts';
import { withinDepth } from './statement-depth.ts';
import { join, raw, sql, text, type Cte, type Sql } from './sql.ts';

/**
 * Journey: rows of several kinds.
 *
 *   size               actors in a state at the end; every actor is in one, or in none
 *   move, stay         moves of the range by pair, stays that they ended by state; with durations
 *   edge, stays, continues   the path through the range: from a state at a step to the next, or no further
 *   growth             change of a state's size in an interval (`step` = its number); before the range it is 0
 *   compared           with compareTo: the state then and now
 */
export const pushDownJourney: Pusher<'journey'> = (query, context, dialect) => {
  refuseOpenStart(query, 'The intervals');
  const merging = createMergeContext(context);
  const grid = buildJourneyGrid(merging, query);
  const then = query.compareTo ? getComparedContext(merging, query, query.compareTo) : null;
  const ctes = [
    ...writeMachine(query, context, dialect, ''),
    ...(then === null ? [] : writeMachine(query, comparedOf(context, then), dialect, '_then')),
    ...writeMoves(context),
    ...writePath(query, context, dialect),
    writeCalendar(grid, query.timezone, query.interval),
    growthOf(grid, dialect),
    ...(then === null ? [] : [COMPARED]),
  ];
  return {
    sql: withinDepth(ctes, finalOf(dialect, then !== null), dialect),
    read: (rows) => readJourney(rows, query, merging, grid.starts.length),
  };
};

/** Down to `moves`, `actors` (all that have an event) and `states` (at the end), by the moments of `context`. */
export function writeMachine(
  query: JourneyQuery,
  context: PushdownContext,
  dialect: Dialect,
  suffix: string,
): readonly Cte[] {
  const { asOfMs } = context.moments;
  const wanted = { fromMs: Number.NEGATIVE_INFINITY, toMs: asOfMs, ordered: true };
  const events = createEvents(context, dialect, query, wanted);
  return [
    { ...events.cte, name: `events${suffix}`, materialized: true },
    ...writeAgenda(query.model, events, suffix, getEndOfData(createMergeContext(context))),
    ...writeWalk(query.model, dialect, suffix),
    {
      name: `states${suffix}`,
      comment: `The state of every actor at the end; ${NO_STATE} = none yet.`,
      body: sql`
        SELECT a.actor, coalesce(m.to_state, ${text(NO_STATE)}) AS state
        FROM (SELECT DISTINCT actor FROM events${raw(suffix)}) AS a
        LEFT JOIN (
          SELECT actor, to_state, row_number() OVER (PARTITION BY actor ORDER BY i DESC) AS last FROM moves${raw(suffix)}
        ) AS m ON m.actor = a.actor AND m.last = 1
      `,
    },
  ];
}

/** `compared(actor, state_then, state_now)`. */
export const COMPARED: Cte = {
  name: 'compared',
  comment: 'The state of every actor then and now.',
  body: sql`
    SELECT actor,
      coalesce(max(CASE WHEN is_then = 1 THEN state END), ${text(NO_STATE)}) AS state_then,
      coalesce(max(CASE WHEN is_then = 0 THEN state END), ${text(NO_STATE)}) AS state_now
    FROM (
      SELECT actor, state, 0 AS is_then FROM states
      UNION ALL
      SELECT actor, state, 1 FROM states_then
    ) AS s
    GROUP BY actor
  `,
};

/** The other moment needs other hours than those that were planned. */
export const comparedOf = (
  context: PushdownContext,
  { asOfMs, knownAtMs }: Pick<PushdownContext['moments'], 'asOfMs' | 'knownAtMs'>,
): PushdownContext => ({
  ...context,
  hours: context.hours === null ? null : getNeededHours({ fromMs: Number.NEGATIVE_INFINITY, toMs: asOfMs }),
  moments: { ...context.moments, asOfMs, knownAtMs },
});

/** `WHERE …` of bounds on a time; nothing where they are open. */
const within = ({ moments: { fromMs, toMs } }: PushdownContext): Sql => {
  const from = Number.isFinite(fromMs) ? [sql`time_ms >= ${fromMs}`] : [];
  const to = Number.isFinite(toMs) ? [sql`time_ms <= ${toMs}`] : [];
  return from.length + to.length === 0 ? raw('') : sql`\nWHERE ${join([...from, ...to], ' AND ')}`;
};

/** `counted`, with what medians and percentiles need. */
export const writeMoves = (context: PushdownContext): readonly Cte[] => [
  {
    name: 'counted',
    comment: 'Moves of the range, with the place of each duration among its like.',
    body: sql`
      SELECT actor, from_state, to_state, ms,
        row_number() OVER (PARTITION BY from_state, to_state ORDER BY ms) AS pair_place,
        count(*) OVER (PARTITION BY from_state, to_state) AS pair_n,
        row_number() OVER (PARTITION BY from_state ORDER BY ms) AS stay_place,
        count(*) OVER (PARTITION BY from_state) AS stay_n
      FROM moves${within(context)}
    `,
  },
];

/** `path`: position 1 is the state at the start of the range, else the first one in it. */
export function writePath({ maxSteps }: JourneyQuery, context: PushdownContext, dialect: Dialect): readonly Cte[] {
  const { fromMs, toMs } = context.moments;
  const before = Number.isFinite(fromMs)
    ? dialect.greatest([raw('1'), sql`sum(CASE WHEN time_ms < ${fromMs} THEN 1 ELSE 0 END) OVER (PARTITION BY actor)`])
    : raw('1');
  const upTo = fromMs > toMs ? raw(' AND FALSE') : Number.isFinite(toMs) ? sql` AND time_ms <= ${toMs}` : raw('');
  return [
    {
      name: 'positions',
      comment: 'States of the range in order, the one at its start included.',
      body: sql`
        SELECT actor, i - first_i + 1 AS step, to_state AS state, time_ms
        FROM (SELECT actor, i, to_state, time_ms, ${before} AS first_i FROM moves) AS m
        WHERE i >= first_i${upTo}
      `,
    },
    {
      name: 'path',
      comment: `What follows at each of the first ${maxSteps} positions.`,
      body: sql`
        SELECT actor, step, state,
          CASE WHEN next_state IS NULL THEN 'stays' WHEN step = ${maxSteps} THEN 'continues' ELSE 'edge' END AS kind,
          CASE WHEN step < ${maxSteps} THEN next_state END AS next_state,
          ms
        FROM (
          SELECT actor, step, state, lead(state) OVER along AS next_state, lead(time_ms) OVER along - time_ms AS ms
          FROM positions
          WINDOW along AS (PARTITION BY actor ORDER BY step)
        ) AS p
        WHERE step <= ${maxSteps}
      `,
    },
  ];
}

function growthOf(grid: IntervalGrid, dialect: Dialect): Cte {
  const first = grid.starts[0];
  const time = first === undefined ? sql`m.time_ms` : dialect.greatest([sql`m.time_ms`, sql`${first}`]);
  return {
    name: 'growth',
    comment: 'Who comes into a state and who leaves it, by interval; all before the range is in the first.',
    body: sql`
      SELECT ${intervalOf(time)} AS n, CASE s.change WHEN 1 THEN m.to_state ELSE m.from_state END AS state, s.change
      FROM moves m
      ${joinCalendar(time)}
      CROSS JOIN (SELECT 1 AS change UNION ALL SELECT -1) AS s
      WHERE s.change = 1 OR m.from_state <> ${text(START_STATE)}
    `,
  };
}

function finalOf(dialect: Dialect, isCompared: boolean): Sql {
  const none = { text: dialect.nullOf('text'), whole: dialect.nullOf('whole'), real: dialect.nullOf('real') };
  const median = (kind: string): Sql =>
    sql`avg(ms) FILTER (WHERE ${raw(kind)}_place IN ((${raw(kind)}_n + 1) / 2, (${raw(kind)}_n + 2) / 2))`;
  const p90 = raw('max(ms) FILTER (WHERE stay_place = (9 * stay_n + 9) / 10)');
  const pieces = [
    sql`
      SELECT 'size' AS kind, ${none.whole} AS step, state, ${none.text} AS to_state, count(*) AS count, count(*) AS actors,
        ${none.whole} AS total_ms, ${none.real} AS median_ms, ${none.whole} AS p90_ms
      FROM states
      GROUP BY state
    `,
    sql`
      SELECT 'move', NULL, from_state, to_state, count(*), count(DISTINCT actor),
        sum(ms), ${median('pair')}, NULL
      FROM counted
      GROUP BY from_state, to_state
    `,
    sql`
      SELECT 'stay', NULL, from_state, NULL, count(*), count(DISTINCT actor),
        sum(ms), ${median('stay')}, ${p90}
      FROM counted
      GROUP BY from_state
    `,
    sql`
      SELECT kind, step, state, next_state, count(*), count(DISTINCT actor),
        CASE WHEN kind = 'edge' THEN sum(ms) END, NULL, NULL
      FROM path
      GROUP BY kind, step, state, next_state
    `,
    sql`
      -- Added up over the intervals: sizes at the end of each.
      SELECT 'growth', n, state, NULL, sum(change), NULL, NULL, NULL, NULL
      FROM growth
      GROUP BY n, state
    `,
    ...(isCompared
      ? [
          sql`
            SELECT 'compared', NULL, state_then, state_now, count(*), count(*), NULL, NULL, NULL
            FROM compared
            GROUP BY state_then, state_now
          `,
        ]
      : []),
  ];
  return sql`${join(pieces, '\nUNION ALL\n')}\nORDER BY 1, 2, 3, 4`;
}
