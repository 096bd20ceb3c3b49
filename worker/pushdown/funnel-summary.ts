import type { IntervalGrid } from '../compute/time-bucket.ts';
import { getStepName } from '../compute/funnel-steps.ts';
import { steps, timeColumn, type FunnelParts } from './funnel-parts.ts';
import { selectTrend, writeTrend } from './funnel-periods.ts';
import { CONVERSION, select, TOTAL } from './funnel-rows.ts';
import { selectBins, selectLayout, writeBins } from './funnel-spread.ts';
import { hasViews, type GroupParts } from './funnel-views.ts';
import { join, list, raw, sql, text, type Cte, type Sql } from './sql.ts';

/** `counted(place, level, t1…)`: each actor for the whole (place 0) and for its groups. */
function writeCounted(parts: FunnelParts, groups: GroupParts | null): Cte {
  const columns = list([sql`d.level`, sql`d.start_ms`, ...steps(parts).map((k) => sql`d.${timeColumn(k)}`)]);
  const whole = sql`SELECT 0 AS place, ${columns} FROM deepest AS d${hasViews(parts.query) ? sql` WHERE d.grouped = 0` : sql``}`;
  const body = groups === null ? whole : sql`${whole}\nUNION ALL\nSELECT d.place, ${columns} FROM placed AS d`;
  return { name: 'counted', comment: 'Each actor in the whole (place 0) and in its groups.', body };
}

/** Seconds between a step and the filled one before it; the first step has none. */
function durationOf(parts: FunnelParts): Sql {
  const since = (k: number): Sql => {
    const before = steps(parts).slice(0, k).toReversed();
    const usual = parts.query.steps[k - 1]?.optional !== true && parts.query.order !== 'unordered';
    const columns = before.map(timeColumn);
    return usual || columns.length === 1 ? (columns[0] ?? raw('t1')) : sql`coalesce(${list(columns)})`;
  };
  const last = parts.stepCount - 1;
  const latest = steps(parts).toReversed().map(timeColumn);
  const whens = [
    ...steps(parts)
      .slice(1)
      .map((k) => sql`WHEN ${k + 1} THEN ${timeColumn(k)} - ${since(k)}`),
    sql`WHEN ${TOTAL} THEN ${latest.length === 1 ? (latest[0] ?? raw('t1')) : sql`coalesce(${list(latest)})`} - t1`,
    sql`WHEN ${CONVERSION} THEN ${conversionOf(parts, last)}`,
  ];
  return sql`CASE number ${join(whens, ' ')} END`;
}

/** A skipped fromStep stands for the filled step before it. */
function conversionOf({ query }: FunnelParts, last: number): Sql {
  const from = query.fromStep ?? 0;
  const to = timeColumn(query.toStep ?? last);
  const before = Array.from({ length: from + 1 }, (_, i) => timeColumn(from - i));
  return before.length === 1 ? sql`${to} - t1` : sql`${to} - coalesce(${list(before)})`;
}

/** The last step that a row needs, from 1: all steps for the total. */
const listNumbers = ({
  query,
  stepCount,
}: FunnelParts): readonly { number: number; level: number; words: string }[] => [
  ...query.steps.map((step, k) => ({ number: k + 1, level: k + 1, words: getStepName(step, k) })),
  { number: TOTAL, level: stepCount, words: 'first to last step' },
  ...(query.viz === 'timeToConvert'
    ? [{ number: CONVERSION, level: (query.toStep ?? stepCount - 1) + 1, words: 'conversion' }]
    : []),
];

export function writeSummary(
  parts: FunnelParts,
  groups: GroupParts | null,
  attempts: Sql,
  grid: IntervalGrid | null,
): { readonly ctes: readonly Cte[]; readonly final: Sql } {
  const { query, dialect } = parts;
  const values = listNumbers(parts).map(
    ({ number, level, words }) => sql`SELECT ${number} AS number, ${level} AS needs, ${text(words)} AS name`,
  );
  const ctes: Cte[] = [
    writeCounted(parts, groups),
    {
      name: 'steps',
      comment: 'What is counted, and how deep an attempt must be for it.',
      body: join(values, '\nUNION ALL '),
    },
    {
      name: 'durations',
      comment: 'How long each actor took for it (ms).',
      body: sql`
        SELECT place, number, name,
          ${durationOf(parts)} AS ms
        FROM counted JOIN steps ON counted.level >= steps.needs
      `,
    },
    {
      name: 'summary',
      comment: 'Median of an even number: the mean of the two middle ones; p90 by nearest rank.',
      body: dialect.summary(sql`durations`, [sql`place`, sql`number`, sql`name`], sql`ms`),
    },
  ];
  const finals = [
    select(
      parts,
      {
        part: sql`'step'`,
        place: sql`place`,
        number: sql`number`,
        name: sql`name`,
        actors: sql`actors`,
        converted: sql`timed`,
        average_seconds: sql`average_seconds`,
        median_seconds: sql`median_seconds`,
        p90_seconds: sql`p90_seconds`,
      },
      sql`FROM summary`,
    ),
    ...(groups === null ? [] : [selectGroups(parts)]),
  ];
  if (grid !== null) {
    ctes.push(...writeTrend(parts, groups, attempts, grid));
    finals.push(selectTrend(parts));
  }
  if (query.viz === 'timeToConvert') {
    ctes.push(...writeBins(parts));
    finals.push(selectBins(parts), selectLayout(parts));
  }
  return { ctes, final: sql`${join(finals, '\nUNION ALL\n')}\nORDER BY part, place, number` };
}

/** One row a property of each group: its value. */
function selectGroups(parts: FunnelParts): Sql {
  const { query } = parts;
  const limit = query.breakdown?.limit;
  const shown = limit === undefined ? sql`` : sql` WHERE place <= ${limit}`;
  const selects = (query.breakdown?.props ?? []).map((_, i) =>
    select(
      parts,
      { part: sql`'group'`, place: sql`place`, number: sql`${i + 1}`, name: raw(`v${i + 1}`) },
      sql`FROM ranking${shown}`,
    ),
  );
  return join(selects, '\nUNION ALL\n');
}
