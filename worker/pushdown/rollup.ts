import type { RollupQuery } from '../../protocol/index.ts';
import { buildRangeGrid, isOpen } from '../compute/range-grid.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { mergeRollup } from '../compute/rollup-merge.ts';
import { createRollupPartial, type RollupPartial } from '../compute/rollup-tally.ts';
import {
  intervalIn,
  intervalOf,
  isManifold,
  joinCalendar,
  joinInterval,
  localStart,
  periodText,
  writeCalendar,
} from './calendar.ts';
import { getOnlyEvents } from './condition-sql.ts';
import type { Dialect } from './dialect.ts';
import { createEvents, type EventRelation } from './event-relation.ts';
import { createMergeContext, readNumber, readOptional, readText } from './merge-context.ts';
import { numberOf } from './number-text.ts';
import type { PushdownContext } from './pushdown-context.ts';
import type { Pusher, ResultRow } from './question.ts';
import { amountsOf, keysOf, MOST_PLACES, writeGroups, writeSets } from './rollup-numbers.ts';
import { list, raw, sql, text, withCtes, type Cte, type Sql } from './sql.ts';

/**
 * A rollup: a row for each period and series, then totals, told by NULL:
 *
 *   n     place   what
 *   3     1       period 3 of the largest series; behind `limit`: of all others together
 *   NULL  1       the whole range of that series, its actors counted once
 *   3     NULL    all series of period 3
 *   NULL  NULL    everything
 */
export const pushDownRollup: Pusher<'rollup'> = (query, context, dialect) => {
  const merging = createMergeContext(context);
  const { grid, ctes } = hasBits(query, dialect)
    ? writeTimed(query, context, dialect)
    : writeCounted(query, context, dialect);
  const bucketCount = grid.starts.length;
  return {
    sql: withCtes([...ctes, ...writeNumbers(query, dialect)], finalOf(query, dialect)),
    read: (rows) => mergeRollup([readPartial(rows, query, bucketCount)], query, merging),
  };
};

/** Down to `placed(n, place, actor, amount)`; without a split there is no place, and no `ranked(series, place)`. */
export function writePlaced(...[query, context, dialect]: Parameters<Pusher<'rollup'>>): {
  readonly grid: IntervalGrid;
  readonly ctes: readonly Cte[];
} {
  const { grid, ctes } = writeCounted(query, context, dialect);
  return { grid, ctes: [...ctes, ...placesOf(query, dialect)] };
}

const placesOf = (query: RollupQuery, dialect: Dialect): readonly Cte[] => [
  ...(query.by === null ? [] : [rankedOf(dialect)]),
  placedOf(query),
];

/** Down to `numbers`. */
function writeNumbers(query: RollupQuery, dialect: Dialect): readonly Cte[] {
  if (dialect.name === 'sqlite') return [...placesOf(query, dialect), cellsOf(query), addedOf(query, dialect)];
  return hasBits(query, dialect) ? writeSets(query, dialect) : [...placesOf(query, dialect), writeGroups(query)];
}

const hasBits = ({ by, limit }: RollupQuery, { name }: Dialect): boolean =>
  name === 'postgres' && by !== null && limit < MOST_PLACES;

/** Down to `timed(actor, series, n, amount)`: read twice, for which nothing is kept but what came from another server. */
function writeTimed(
  query: RollupQuery,
  context: PushdownContext,
  dialect: Dialect,
): { readonly grid: IntervalGrid; readonly ctes: readonly Cte[] } {
  const { grid, events } = readEvents(query, context, dialect);
  const where = query.event ? sql`\n  WHERE ${events.fits(query.event)}` : sql``;
  const columns = [sql`actor`, ...valuesOf(query, events), sql`${intervalIn(grid, query.timezone, sql`time_ms`)} AS n`];
  const timed = {
    name: 'timed',
    comment: 'Those that count, with their periods.',
    materialized: context.isForeign === true,
    body: sql`SELECT *\nFROM (\n  SELECT ${list(columns)}\n  FROM events${where}${dialect.fence}\n) AS t\nWHERE n IS NOT NULL`,
  };
  const calendar = writeCalendar(grid, query.timezone, query.interval);
  return { grid, ctes: [events.cte, calendar, timed] };
}

function readEvents(query: RollupQuery, context: PushdownContext, dialect: Dialect) {
  const grid = buildRangeGrid(createMergeContext(context), query, query.interval);
  const only = query.event ? getOnlyEvents([query.event]) : null;
  return { grid, events: createEvents(context, dialect, query, { only }) };
}

/** Down to `counted(actor, time_ms, series, amount)`. */
function writeCounted(
  query: RollupQuery,
  context: PushdownContext,
  dialect: Dialect,
): { readonly grid: IntervalGrid; readonly ctes: readonly Cte[] } {
  const { grid, events } = readEvents(query, context, dialect);
  return {
    grid,
    ctes: [
      events.cte,
      writeCalendar(grid, query.timezone, query.interval),
      countedOf(query, events, query.by !== null || isManifold(grid, query.timezone)),
    ],
  };
}

function countedOf(query: RollupQuery, events: EventRelation, materialized: boolean): Cte {
  const columns = [sql`actor`, sql`time_ms`, ...valuesOf(query, events)];
  const where = query.event ? sql`\nWHERE ${events.fits(query.event)}` : sql``;
  // With a split it is read twice, and SQLite would work out every event twice.
  return {
    name: 'counted',
    comment: 'Those that count.',
    body: sql`SELECT ${list(columns)}\nFROM events${where}`,
    materialized,
  };
}

function valuesOf(query: RollupQuery, events: EventRelation): readonly Sql[] {
  const series = query.by === null ? null : (events.columnOf(query.by) ?? events.dialect.nullOf('text'));
  return [
    ...(series === null ? [] : [sql`coalesce(${series}, '') AS series`]),
    ...(isOpen(query.sum) ? [] : [sql`${amountOf(query.sum ?? '', events)} AS amount`]),
  ];
}

const amountOf = (property: string, { dialect, columnOf }: EventRelation): Sql =>
  numberOf(dialect, columnOf(property) ?? dialect.nullOf('text'));

const rankedOf = (dialect: Dialect): Cte => ({
  name: 'ranked',
  comment: 'Series by their events, ties by name.',
  body: sql`
    SELECT series, row_number() OVER (ORDER BY count(*) DESC, ${dialect.byBytes(sql`series`)}) AS place
    FROM counted
    GROUP BY series
  `,
});

function placedOf({ by, limit, sum }: RollupQuery): Cte {
  const split = by !== null;
  const place = split ? sql`, CASE WHEN place <= ${limit} THEN place ELSE ${limit + 1} END AS place` : sql``;
  return {
    name: 'placed',
    comment: split ? `Periods and series; behind place ${limit} all series are one.` : 'The period of each.',
    body: sql`
      SELECT ${intervalOf(sql`e.time_ms`)} AS n${place}, actor${isOpen(sum) ? sql`` : sql`, amount`}
      FROM counted e
      ${joinCalendar(sql`e.time_ms`)}${split ? sql`\nJOIN ranked r ON r.series = e.series` : sql``}
    `,
  };
}

/** For SQLite, which has no grouping sets: unique actors of any larger whole are counted from these rows. */
function cellsOf(query: RollupQuery): Cte {
  return {
    name: 'cells',
    comment: `What each actor did in a period${query.by === null ? '' : ' and series'}.`,
    body: sql`
      SELECT ${list(keysOf(query))}, actor, count(*) AS events${amountsOf(query)}
      FROM placed
      GROUP BY ${list([...keysOf(query), sql`actor`])}
    `,
  };
}

function addedOf(query: RollupQuery, dialect: Dialect): Cte {
  const none = dialect.nullOf('whole');
  const count = (n: Sql, place: Sql, group: string): Sql => {
    const key = query.by === null ? sql`` : sql`${place} AS place, `;
    const actors =
      group.includes('n') && (query.by === null || group.includes('place')) ? 'count(*)' : 'count(DISTINCT actor)';
    const by = group === '' ? sql`` : sql` GROUP BY ${raw(group)}`;
    return sql`SELECT ${n} AS n, ${key}sum(events) AS events, ${raw(actors)} AS actors${amountsOf(query)} FROM cells${by}`;
  };
  const split = [count(sql`n`, sql`place`, 'n, place'), count(none, sql`place`, 'place')];
  const pieces = [...(query.by === null ? [] : split), count(sql`n`, none, 'n'), count(none, none, '')];
  return {
    name: 'numbers',
    comment: 'Cells added up; NULL stands for all periods, or all series.',
    body: { chunks: pieces.flatMap((piece, i) => (i === 0 ? piece.chunks : ['\nUNION ALL\n', ...piece.chunks])) },
  };
}

function finalOf(query: RollupQuery, dialect: Dialect): Sql {
  const { by, limit } = query;
  const period = sql`CASE WHEN t.n IS NULL THEN 'all' ELSE ${periodText(dialect, localStart(sql`t.n`), query.interval)} END AS period`;
  const amount = isOpen(query.sum) ? sql`` : sql`, t.amount`;
  if (by === null)
    return sql`
      SELECT ${period}, ${text(nameOf(query))} AS series, t.events, t.actors${amount}, t.n
      FROM numbers t
      ${joinInterval(sql`t.n`)}
      ORDER BY t.n
    `;
  return sql`
    SELECT ${period},
      CASE WHEN t.place IS NULL THEN 'Total' WHEN t.place > ${limit} THEN 'Other' ELSE r.series END AS series,
      t.events, t.actors${amount}, t.n, t.place, (SELECT count(*) FROM ranked) AS series_count
    FROM numbers t
    ${joinInterval(sql`t.n`)}
    LEFT JOIN ranked r ON r.place = t.place
    ORDER BY t.place, t.n
  `;
}

export const nameOf = ({ event }: RollupQuery): string => event?.name ?? event?.event ?? 'All events';

function readPartial(rows: readonly ResultRow[], query: RollupQuery, buckets: number): RollupPartial {
  const shown = query.by === null ? [nameOf(query)] : readShown(rows, query.limit);
  const [first] = rows;
  const values = query.by === null || first === undefined ? null : readNumber(first, 'series_count');
  const partial = createRollupPartial(shown, values, buckets, isOpen(query.sum));
  for (const row of rows) {
    const place = query.by === null ? null : readOptional(row, 'place');
    const slot = place === null ? shown.length + 1 : place > query.limit ? shown.length : place - 1;
    fill(partial, row, slot, buckets);
    // A series that is alone is the total, too.
    if (query.by === null) fill(partial, row, 0, buckets);
  }
  return partial;
}

function readShown(rows: readonly ResultRow[], limit: number): string[] {
  return rows
    .filter((row) => row['n'] === null && row['place'] !== null && Number(row['place']) <= limit)
    .toSorted((a, b) => readNumber(a, 'place') - readNumber(b, 'place'))
    .map((row) => readText(row, 'series'));
}

function fill(
  { events, actors, totalActors, sums }: RollupPartial,
  row: ResultRow,
  slot: number,
  buckets: number,
): void {
  const n = readOptional(row, 'n');
  if (n === null) {
    totalActors[slot] = readNumber(row, 'actors');
    return;
  }
  events[slot * buckets + n] = readNumber(row, 'events');
  actors[slot * buckets + n] = readNumber(row, 'actors');
  if (sums !== null) sums[slot * buckets + n] = readNumber(row, 'amount');
}
