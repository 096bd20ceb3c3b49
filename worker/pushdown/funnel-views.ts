import type { FunnelQuery } from '../../protocol/index.ts';
import { valueColumns } from './funnel-stream.ts';
import { exclusionFlag, stepFlag, type FunnelParts, type OrderParts } from './funnel-parts.ts';
import { allOf, anyOf, join, list, lines, sql, type Cte, type Sql } from './sql.ts';
import { OTHER } from '../compute/funnel-merge.ts';
import { text } from './sql.ts';

/** Groups that see other events than the whole: then each actor is looked at once as a whole and once for each group. */
export const hasViews = ({ breakdown }: FunnelQuery): boolean =>
  breakdown !== null &&
  breakdown !== undefined &&
  (breakdown.attribution.type === 'all_events' || breakdown.attribution.type === 'step');

/** What keeps attempts apart: the actor, and with views also the group (`grouped` = 0 for the whole). */
export const unitOf = (query: FunnelQuery): readonly Sql[] =>
  hasViews(query) ? [sql`actor`, sql`grouped`, ...valueColumns(query)] : [sql`actor`];

/** `stream` once more for each group that an actor is in, beside the whole. Replaces `stream` by name. */
export function writeViews(query: FunnelQuery): readonly Cte[] {
  if (!hasViews(query)) return [];
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

/** `membership(actor, v1…)`: by the first or last event of a step that has a value; no row = the blank group. */
function writeTouches({ query }: FunnelParts): Cte {
  const values = valueColumns(query);
  const last = query.breakdown?.attribution.type === 'last_touch';
  const order = last ? sql`time_ms DESC, seq DESC` : sql`time_ms, seq`;
  return {
    name: 'touches',
    comment: `The ${last ? 'last' : 'first'} event of each actor that fits a step and has a value.`,
    body: sql`
      SELECT actor, ${list(values)}
      FROM (
        SELECT actor, ${list(values)}, row_number() OVER (PARTITION BY actor ORDER BY ${order}) AS place
        FROM stream
        WHERE ${anyOf(query.steps.map((_, k) => stepFlag(k)))} AND ${anyOf(values.map((v) => sql`${v} <> ''`))}
      ) AS valued
      WHERE place = 1
    `,
  };
}

/** Everything that is counted by group: `of_group(place, …)` and who belongs where. */
export interface GroupParts {
  readonly ctes: readonly Cte[];
  /** A relation of units with its group: `FROM … WHERE …` giving `place`, its columns as `d`. */
  readonly join: (relation: Sql) => Sql;
}

/**
 * `ranking(v1…, place)`: groups by entries, ties by value; beyond the limit all are one place, whose value is Other. A
 * value that itself reads "Other" joins them.
 */
export function writeGroups(parts: FunnelParts): GroupParts | null {
  const { query, dialect } = parts;
  const { breakdown } = query;
  if (!breakdown) return null;
  const values = valueColumns(query);
  const touches = hasViews(query) ? [] : [writeTouches(parts)];
  const valueOf = (v: Sql): Sql => (hasViews(query) ? sql`d.${v}` : sql`coalesce(t.${v}, '')`);
  const source = (relation: Sql): Sql =>
    hasViews(query) ? sql`${relation} AS d` : sql`${relation} AS d LEFT JOIN touches AS t ON t.actor = d.actor`;
  const only = hasViews(query) ? sql` AND d.grouped = 1` : sql``;
  const byValue = values.map((v) => dialect.byBytes(v));
  const limit = breakdown.limit ?? null;
  const pooledLast = limit !== null && values.length === 1;
  const order = [
    ...(pooledLast ? [sql`CASE WHEN n > ${limit} AND v1 = ${text(OTHER)} THEN 1 ELSE 0 END`] : []),
    sql`entered DESC`,
    ...byValue,
  ];
  const place = sql`row_number() OVER (ORDER BY ${list(order)})`;
  const ranking: Cte = {
    name: 'ranking',
    comment: limit === null ? 'Groups by entries.' : `Groups by entries; all behind the first ${limit} are one.`,
    body: sql`
      SELECT ${list(values)}, ${limit === null ? place : dialect.least([place, sql`${limit + 1}`])} AS place
      FROM (
        SELECT ${list(values)}, entered, count(*) OVER () AS n
        FROM (
          SELECT ${list(values.map((v) => sql`${valueOf(v)} AS ${v}`))}, count(*) AS entered
          FROM ${source(sql`deepest`)}
          WHERE TRUE${only}
          GROUP BY ${list(values.map(valueOf))}
        ) AS entries
      ) AS sized
    `,
  };
  const equal = join(
    values.map((v) => sql`r.${v} = ${valueOf(v)}`),
    ' AND ',
  );
  return {
    ctes: [...touches, ranking],
    join: (relation) => sql`FROM ${source(relation)} JOIN ranking AS r ON ${equal}\nWHERE TRUE${only}`,
  };
}
