import type { FunnelQuery } from '../../protocol/index.ts';
import { valueColumns } from './funnel-stream.ts';
import { exclusionFlag, stepFlag, type FunnelParts, type OrderParts } from './funnel-parts.ts';
import { allOf, anyOf, list, lines, sql, text, type Cte, type Sql } from './sql.ts';
import { OTHER } from '../compute/funnel-merge.ts';

/** Groups that see other events than the whole: then each actor is looked at once as a whole and once for each group. */
export const hasViews = ({ breakdown }: FunnelQuery): boolean =>
  breakdown !== null &&
  breakdown !== undefined &&
  (breakdown.attribution.type === 'all_events' || breakdown.attribution.type === 'step');

/** What keeps attempts apart: the actor, and with views also the group (`grouped` = 0 for the whole). */
export const unitOf = (query: FunnelQuery): readonly Sql[] => [
  sql`actor`,
  ...(hasViews(query) ? [sql`grouped`] : []),
  ...valueColumns(query),
];

/** From `seen`: `stream` with the group in its value columns, once more for each group that sees other events. */
export function writeViews(query: FunnelQuery): readonly Cte[] {
  if (!query.breakdown) return [];
  if (!hasViews(query)) return [writeTouches(query)];
  const values = valueColumns(query);
  const flags = [...query.steps.map((_, k) => stepFlag(k)), ...query.exclusions.map((_, x) => exclusionFlag(x))];
  const { attribution } = query.breakdown ?? { attribution: { type: 'first_touch' as const, step: 0 } };
  const columns = list([sql`actor`, sql`time_ms`, sql`seq`]);
  const whole = sql`SELECT ${columns}, 0 AS grouped, ${list(values.map((v) => sql`'' AS ${v}`))}, ${list(flags)} FROM seen`;
  if (attribution.type !== 'step')
    return [
      {
        name: 'stream',
        comment: 'Every event once for the whole, and once for the group of its own value.',
        body: sql`${whole}\nUNION ALL\nSELECT ${columns}, 1, ${list(values)}, ${list(flags)} FROM seen`,
      },
    ];
  const own = stepFlag(attribution.step);
  const limited = flags.map((flag, k) =>
    k === attribution.step
      ? sql`(seen.${flag} AND ${allOf(values.map((v) => sql`seen.${v} = kinds.${v}`))}) AS ${flag}`
      : sql`seen.${flag}`,
  );
  const seenColumns = list([sql`seen.actor`, sql`seen.time_ms`, sql`seen.seq`]);
  return [
    {
      name: 'kinds',
      comment: `The values of the events that may fill step ${attribution.step + 1}.`,
      body: sql`SELECT DISTINCT actor, ${list(values)} FROM seen WHERE ${own}`,
    },
    {
      name: 'stream',
      comment: `Every event for the whole, and for each of those values, where step ${attribution.step + 1} takes no other value.`,
      body: sql`
        ${whole}
        UNION ALL
        SELECT ${seenColumns}, 1, ${list(values.map((v) => sql`kinds.${v}`))}, ${list(limited)}
        FROM seen JOIN kinds ON kinds.actor = seen.actor
      `,
    },
  ];
}

/** Only attempts that fill the step count for its groups. */
export function writeAccepted(
  parts: FunnelParts,
  order: OrderParts,
): { readonly ctes: readonly Cte[]; readonly from: Sql } {
  const attribution = parts.query.breakdown?.attribution;
  if (attribution?.type !== 'step') return { ctes: [], from: sql`attempts` };
  const body = sql`SELECT * FROM attempts WHERE grouped = 0 OR ${order.fills(attribution.step)}`;
  const comment = `For its groups an attempt counts where it fills step ${attribution.step + 1}.`;
  return { ctes: [{ name: 'accepted', comment, body }], from: sql`accepted` };
}

/** The deepest attempt of each unit, of these the earliest started, with the times of its steps. */
export function writeDeepest(parts: FunnelParts, order: OrderParts, from: Sql): Cte {
  const { unit } = parts;
  const times = order.times.map((time, k) => sql`${time} AS t${k + 1}`);
  return {
    name: 'deepest',
    comment: 'Each actor by its deepest attempt, of these the one that started first.',
    body: sql`
      SELECT ${list(unit)}, start_ms, level,
        ${lines(times)}
      FROM (
        SELECT *, row_number() OVER (PARTITION BY ${list(unit)} ORDER BY level DESC, start_ms, seq) AS place
        FROM ${from}
      ) AS ranked
      WHERE place = 1
    `,
  };
}

/**
 * The value of an actor's first or last event that fits a step and has one, on all its events; blank without. Found by a
 * window: a join with one row an actor would be planned for a handful of them.
 */
function writeTouches(query: FunnelQuery): Cte {
  const values = valueColumns(query);
  const flags = [...query.steps.map((_, k) => stepFlag(k)), ...query.exclusions.map((_, x) => exclusionFlag(x))];
  const last = query.breakdown?.attribution.type === 'last_touch';
  const order = last ? sql`time_ms DESC, seq DESC` : sql`time_ms, seq`;
  const valued = sql`${anyOf(query.steps.map((_, k) => stepFlag(k)))} AND ${anyOf(values.map((v) => sql`${v} <> ''`))}`;
  const touched = values.map(
    (v) =>
      sql`first_value(CASE WHEN valued = 1 THEN ${v} ELSE '' END) OVER (PARTITION BY actor ORDER BY valued DESC, ${order}) AS ${v}`,
  );
  return {
    name: 'stream',
    comment: `With the value of the ${last ? 'last' : 'first'} event of the actor that fits a step and has one.`,
    body: sql`
      SELECT actor, time_ms, seq, ${list(flags)},
        ${lines(touched)}
      FROM (SELECT *, CASE WHEN ${valued} THEN 1 ELSE 0 END AS valued FROM seen) AS marked_values
    `,
  };
}

/** Everything that is counted by group. */
export interface GroupParts {
  /** `placed(…, place)`: deepest attempts with the place of their group; `ranking(v1…, place)`. */
  readonly ctes: readonly Cte[];
}

/**
 * Groups by entries, ties by value; beyond the limit all are one place, whose value is Other. A value that itself reads
 * "Other" joins them.
 */
export function writeGroups(parts: FunnelParts): GroupParts | null {
  const { query, dialect } = parts;
  const { breakdown } = query;
  if (!breakdown) return null;
  const values = valueColumns(query);
  const bySize = [sql`entered DESC`, ...values.map((v) => dialect.byBytes(v))];
  const limit = breakdown.limit ?? null;
  const isOther = sql`CASE WHEN n > ${limit ?? 0} AND v1 = ${text(OTHER)} THEN 1 ELSE 0 END`;
  const order = limit !== null && values.length === 1 ? [isOther, ...bySize] : bySize;
  const place = sql`dense_rank() OVER (ORDER BY ${list(order)})`;
  const only = hasViews(query) ? sql` WHERE grouped = 1` : sql``;
  const placed: Cte = {
    name: 'placed',
    comment: limit === null ? 'Groups by entries.' : `Groups by entries; all behind the first ${limit} are one.`,
    body: sql`
      SELECT *, ${limit === null ? place : dialect.least([place, sql`${limit + 1}`])} AS place
      FROM (
        SELECT *, max(size_rank) OVER () AS n
        FROM (
          SELECT *, dense_rank() OVER (ORDER BY ${list(bySize)}) AS size_rank
          FROM (SELECT *, count(*) OVER (PARTITION BY ${list(values)}) AS entered FROM deepest${only}) AS entries_of
        ) AS sized
      ) AS counted_groups
    `,
  };
  const ranking: Cte = {
    name: 'ranking',
    comment: 'The groups and their places.',
    body: sql`SELECT DISTINCT ${list(values)}, place FROM placed`,
  };
  return { ctes: [placed, ranking] };
}
