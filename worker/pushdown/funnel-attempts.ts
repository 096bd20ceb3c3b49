import type { Exclusion } from '../../protocol/index.ts';
import {
  exclusionFlag,
  hitColumn,
  inWindow,
  laterOn,
  steps,
  timeColumn,
  windowEnd,
  type FunnelParts,
} from './funnel-parts.ts';
import { join, lines, list, raw, sql, type Cte, type Sql } from './sql.ts';

/** First event of each exclusion behind (never at) the time of a row. */
export const findHits = (parts: FunnelParts): readonly Sql[] =>
  parts.query.exclusions.map(
    (_, x) => sql`min(CASE WHEN ${exclusionFlag(x)} THEN time_ms END) OVER ${laterOn(parts)} AS ${hitColumn(x)}`,
  );

export const hitColumns = ({ query }: FunnelParts): readonly Sql[] => query.exclusions.map((_, x) => hitColumn(x));

/**
 * From `chains(unit…, time_ms, seq, s1, t2…, hit1…)`, where a row that fits step 1 knows when each further step would be
 * filled: the attempts, cut off at the end of their window, without the void ones.
 */
export function writeAttempts(parts: FunnelParts): readonly Cte[] {
  const { unit } = parts;
  const numbers = steps(parts);
  const reached: Cte = {
    name: 'reached',
    comment: 'An attempt from every event of step 1, and how deep it gets inside its window.',
    body: sql`
      SELECT ${list([...unit, sql`time_ms AS start_ms`, sql`seq`, ...numbers.slice(1).map(timeColumn), ...hitColumns(parts)])},
        ${levelOf(parts)} AS level
      FROM chains
      WHERE s1
    `,
  };
  const times = numbers.map((k) =>
    k === 0
      ? sql`start_ms AS ${timeColumn(0)}`
      : sql`CASE WHEN level >= ${k + 1} THEN ${timeColumn(k)} END AS ${timeColumn(k)}`,
  );
  const cut = sql`
    SELECT ${list([...unit, sql`start_ms`, sql`seq`, sql`level`, ...hitColumns(parts), ...times])}
    FROM reached
  `;
  return [reached, ...writeStandingOf(parts, cut)];
}

/** From a body with all attempts and the times of their steps: those that are not void. */
export function writeStandingOf(parts: FunnelParts, body: Sql): readonly Cte[] {
  const { exclusions } = parts.query;
  const comment = 'All attempts, without what lies behind their window.';
  if (exclusions.length === 0) return [{ name: 'attempts', comment, body }];
  const voids = exclusions.map((exclusion, x) => isVoid(parts, exclusion, x));
  return [{ name: 'tried', comment, body }, writeStanding(parts, voids, steps(parts).map(timeColumn))];
}

/** An attempt is void when the excluded event lies strictly between two steps, or before the end of the window. */
export function writeStanding(parts: FunnelParts, voids: readonly Sql[], carried: readonly Sql[]): Cte {
  return {
    name: 'attempts',
    comment: 'Void where an excluded event lies in between; the other attempts of the actor still count.',
    body: sql`
      SELECT ${list(parts.unit)}, start_ms, seq, level, ${list(carried)}
      FROM tried
      WHERE ${join(
        voids.map((piece) => sql`NOT coalesce(${piece}, FALSE)`),
        '\n  AND ',
      )}
    `,
  };
}

/** A step that was skipped stands for the next one that was filled. */
function isVoid(parts: FunnelParts, { fromStep, toStep }: Exclusion, x: number): Sql {
  const later = steps(parts).slice(toStep).map(timeColumn);
  const end = parts.windowMs === null ? [] : [windowEnd(parts, sql`start_ms`)];
  const open =
    parts.windowMs === null
      ? sql` OR (${join(
          later.map((t) => sql`${t} IS NULL`),
          ' AND ',
        )})`
      : sql``;
  const bounds = [...later, ...end];
  const [only] = bounds;
  const before = bounds.length === 1 && only !== undefined ? only : sql`coalesce(${list(bounds)})`;
  return sql`level > ${fromStep} AND ${hitColumn(x)} IS NOT NULL AND (${hitColumn(x)} < ${before}${open})`;
}

/** The position of the deepest step that is filled in time. */
function levelOf(parts: FunnelParts): Sql {
  const whens = steps(parts)
    .slice(1)
    .toReversed()
    .map((k) => sql`WHEN ${inWindow(parts, timeColumn(k), sql`time_ms`)} THEN ${k + 1}`);
  return whens.length === 0 ? raw('1') : sql`CASE ${join(whens, ' ')} ELSE 1 END`;
}

/** Columns of a level of a chain. */
export const chainLevel = (name: string, comment: string, columns: readonly Sql[], from: string): Cte => ({
  name,
  comment,
  body: sql`
    SELECT
      ${lines(columns)}
    FROM ${raw(from)}
  `,
});
