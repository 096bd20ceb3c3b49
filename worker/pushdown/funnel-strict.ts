import { chainLevel, findHits, hitColumns, writeAttempts } from './funnel-attempts.ts';
import { hitColumn, stepFlag, steps, timeColumn, type FunnelParts, type OrderParts } from './funnel-parts.ts';
import { Refusal } from './refusal.ts';
import { list, raw, sql, type Cte, type Sql } from './sql.ts';

/** Each step is the very next event of the stream, in order of arrival among equal times. */
export function writeStrict(parts: FunnelParts): OrderParts {
  const { query, unit } = parts;
  if (query.steps.some((step) => step.optional === true))
    throw new Refusal('Optional steps in strict order: which ones are skipped is a search, not a look-up.');
  const watched = query.exclusions.length > 0;
  const next = (value: Sql, by: number): Sql =>
    sql`lead(${value}, ${by}) OVER (PARTITION BY ${list(unit)} ORDER BY time_ms, seq)`;
  const times = steps(parts).slice(1);
  const hits = query.exclusions.map(({ fromStep }, x) =>
    fromStep === 0 ? hitColumn(x) : sql`${next(hitColumn(x), fromStep)} AS ${hitColumn(x)}`,
  );
  const ctes: Cte[] = [
    ...(watched
      ? [
          chainLevel(
            'watched',
            'The first excluded event behind each event.',
            [raw('stream.*'), ...findHits(parts)],
            'stream',
          ),
        ]
      : []),
    chainLevel(
      'runs',
      'The time of the k-th event from here on, where it fits step k.',
      [
        ...unit,
        sql`time_ms`,
        sql`seq`,
        stepFlag(0),
        ...times.map((k) => sql`${next(sql`CASE WHEN ${stepFlag(k)} THEN time_ms END`, k)} AS ${timeColumn(k)}`),
        ...hits,
      ],
      watched ? 'watched' : 'stream',
    ),
    chainLevel(
      'chains',
      'A step counts when all before it are filled.',
      [...unit, sql`time_ms`, sql`seq`, stepFlag(0), ...times.map((k) => unbroken(k)), ...hitColumns(parts)],
      'runs',
    ),
  ];
  const columns = steps(parts).map(timeColumn);
  return {
    ctes: [...ctes, ...writeAttempts(parts)],
    carried: columns,
    times: columns,
    fills: (step) => sql`${timeColumn(step)} IS NOT NULL`,
  };
}

/** `t4` when t2 and t3 are there. */
function unbroken(step: number): Sql {
  if (step < 2) return timeColumn(step);
  const before = Array.from({ length: step - 1 }, (_, i) => sql`${timeColumn(i + 1)} IS NOT NULL`);
  const all = { chunks: before.flatMap((piece, i) => (i === 0 ? piece.chunks : [' AND ', ...piece.chunks])) };
  return sql`CASE WHEN ${all} THEN ${timeColumn(step)} END AS ${timeColumn(step)}`;
}
