import type { FunnelParts } from './funnel-parts.ts';
import { CONVERSION, select } from './funnel-rows.ts';
import { sql, type Cte, type Sql } from './sql.ts';

/** SEMANTICS.md, funnel rule 13; the arithmetic is that of doubles, as in the engine. */
export function writeBins(parts: FunnelParts): readonly Cte[] {
  const { query, dialect } = parts;
  const seconds = dialect.divide(sql`ms`, sql`1000`);
  const root = sql`CAST(round(power(count(*), 1.0 / 3)) AS integer)`;
  const count =
    query.binCount === undefined
      ? sql`${root} + CASE WHEN ${root} * ${root} * ${root} < count(*) THEN 1 ELSE 0 END`
      : sql`${query.binCount}`;
  return [
    {
      name: 'layout',
      comment: 'How many bins, and how wide (seconds).',
      body: sql`
        SELECT least_ms, bins,
          CASE WHEN least_ms = most_ms THEN 60
            ELSE CAST(ceil((${dialect.divide(sql`most_ms`, sql`1000`)} - ${dialect.divide(sql`least_ms`, sql`1000`)}) / bins) AS bigint) END AS width
        FROM (
          SELECT min(ms) AS least_ms, max(ms) AS most_ms, ${count} AS bins
          FROM durations WHERE place = 0 AND number = ${CONVERSION} AND ms IS NOT NULL
        ) AS spread
      `,
    },
    {
      name: 'binned',
      comment: 'The last edge that is not above the duration.',
      body: sql`
        SELECT bin
            + CASE WHEN bin < bins AND base + (bin + 1) * width <= seconds THEN 1 ELSE 0 END
            - CASE WHEN bin > 0 AND base + bin * width > seconds THEN 1 ELSE 0 END AS bin
        FROM (
          SELECT ${seconds} AS seconds, ${dialect.divide(sql`least_ms`, sql`1000`)} AS base, bins, width,
            ${dialect.least([sql`bins`, sql`CAST(floor((${seconds} - ${dialect.divide(sql`least_ms`, sql`1000`)}) / width) AS integer)`])} AS bin
          FROM durations CROSS JOIN layout
          WHERE place = 0 AND number = ${CONVERSION} AND ms IS NOT NULL
        ) AS guessed
      `,
    },
  ];
}

export const selectBins = (parts: FunnelParts): Sql =>
  select(
    parts,
    { part: sql`'bin'`, place: sql`0`, number: sql`bin`, actors: sql`count(*)` },
    sql`FROM binned GROUP BY bin`,
  );

export const selectLayout = (parts: FunnelParts): Sql =>
  select(
    parts,
    { part: sql`'layout'`, place: sql`0`, number: sql`bins`, actors: sql`width`, since_ms: sql`least_ms` },
    sql`FROM layout WHERE least_ms IS NOT NULL`,
  );
