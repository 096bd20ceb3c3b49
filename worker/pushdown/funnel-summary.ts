import type { IntervalGrid } from '../compute/time-bucket.ts';
import { getStepName } from '../compute/funnel-steps.ts';
import { cutCalendar } from './calendar.ts';
import { steps, timeColumn, type FunnelParts } from './funnel-parts.ts';
import { hasViews, type GroupParts } from './funnel-views.ts';
import { join, lines, list, raw, sql, text, type Cte, type Sql } from './sql.ts';

/** Rows of the answer: one list of columns for all parts of it. */
const COLUMNS = [
  'part',
  'place',
  'number',
  'name',
  'actors',
  'converted',
  'average_seconds',
  'median_seconds',
  'p90_seconds',
  'since_ms',
] as const;
type Column = (typeof COLUMNS)[number];
const TYPES: Readonly<Record<Column, 'text' | 'whole' | 'real'>> = {
  part: 'text',
  place: 'whole',
  number: 'whole',
  name: 'text',
  actors: 'whole',
  converted: 'whole',
  average_seconds: 'real',
  median_seconds: 'real',
  p90_seconds: 'real',
  since_ms: 'whole',
};
/** Numbers of the rows that are no step: from the first to the last step, and from fromStep to toStep. */
export const TOTAL = 1000;
export const CONVERSION = 1001;

/** A SELECT with all columns, those not given empty. */
function select({ dialect }: FunnelParts, values: { readonly [C in Column]?: Sql }, rest: Sql): Sql {
  const columns = COLUMNS.map((column) => sql`${values[column] ?? dialect.nullOf(TYPES[column])} AS ${raw(column)}`);
  return sql`SELECT ${list(columns)}\n${rest}`;
}

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

function writeTrend(parts: FunnelParts, groups: GroupParts | null, attempts: Sql, grid: IntervalGrid): readonly Cte[] {
  const { query, unit } = parts;
  const pieces = cutCalendar(grid, query.timezone);
  const rows = pieces.map(
    (c) => sql`SELECT ${c.first} AS first, ${c.starts} AS starts, ${c.ends} AS ends, ${c.length} AS length`,
  );
  const calendar =
    rows.length === 0 ? sql`SELECT 0 AS first, 0 AS starts, 0 AS ends, 1 AS length` : join(rows, '\nUNION ALL ');
  const from = (query.fromStep ?? 0) + 1;
  const to = (query.toStep ?? parts.stepCount - 1) + 1;
  const counted = [
    sql`count(CASE WHEN level >= ${from} THEN 1 END) AS entered`,
    sql`count(CASE WHEN level >= ${to} THEN 1 END) AS converted`,
    sql`max(CASE WHEN level >= ${from} AND level < ${to} THEN last_start END) AS open_since`,
  ];
  return [
    {
      name: 'calendar',
      comment: `The local ${query.interval}s of ${query.timezone}: a row for each run of equal length (ms, UTC).`,
      body: calendar,
    },
    {
      name: 'entries',
      comment: 'Each actor once in every period in which it started an attempt, with the deepest of them.',
      body: sql`
        SELECT ${list(unit)}, c.first + (start_ms - c.starts) / c.length AS period,
          max(level) AS level, max(start_ms) AS last_start
        FROM ${attempts} AS a JOIN calendar AS c ON start_ms >= c.starts AND start_ms < c.ends
        GROUP BY ${list([...unit, sql`c.first + (start_ms - c.starts) / c.length`])}
      `,
    },
    {
      name: 'trend',
      comment: `Entered: reached step ${from}; converted: reached step ${to}.`,
      body: sql`
        SELECT 0 AS place, period,
          ${lines(counted)}
        FROM entries${hasViews(query) ? sql`\nWHERE grouped = 0` : sql``}
        GROUP BY period${groups === null ? sql`` : sql`\n${groupTrends(parts, counted)}`}
      `,
    },
  ];
}

/** Counted by value before the places come in, so that few rows are joined. */
function groupTrends({ query, values }: FunnelParts, counted: readonly Sql[]): Sql {
  const same = join(
    values.map((v) => sql`r.${v} = g.${v}`),
    ' AND ',
  );
  return sql`
    UNION ALL
    SELECT r.place, g.period, sum(g.entered), sum(g.converted), max(g.open_since)
    FROM (
      SELECT ${list(values)}, period,
        ${lines(counted)}
      FROM entries${hasViews(query) ? sql`\nWHERE grouped = 1` : sql``}
      GROUP BY ${list([...values, sql`period`])}
    ) AS g JOIN ranking AS r ON ${same}
    GROUP BY r.place, g.period
  `;
}

const selectTrend = (parts: FunnelParts): Sql =>
  select(
    parts,
    {
      part: sql`'trend'`,
      place: sql`place`,
      number: sql`period`,
      actors: sql`entered`,
      converted: sql`converted`,
      since_ms: sql`open_since`,
    },
    sql`FROM trend`,
  );

/** SEMANTICS.md, funnel rule 13; the arithmetic is that of doubles, as in the engine. */
function writeBins(parts: FunnelParts): readonly Cte[] {
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

const selectBins = (parts: FunnelParts): Sql =>
  select(
    parts,
    { part: sql`'bin'`, place: sql`0`, number: sql`bin`, actors: sql`count(*)` },
    sql`FROM binned GROUP BY bin`,
  );

const selectLayout = (parts: FunnelParts): Sql =>
  select(
    parts,
    { part: sql`'layout'`, place: sql`0`, number: sql`bins`, actors: sql`width`, since_ms: sql`least_ms` },
    sql`FROM layout WHERE least_ms IS NOT NULL`,
  );
