import { chainLevel, findHits, hitColumns, writeAttempts } from './funnel-attempts.ts';
import {
  exclusionFlag,
  fromHereOn,
  hitColumn,
  stepFlag,
  steps,
  timeColumn,
  type FunnelParts,
  type OrderParts,
} from './funnel-parts.ts';
import { sql, type Cte, type Sql } from './sql.ts';

/**
 * Steps in order, no event fitting two of them. From the last step back, every event learns when the steps behind its
 * own would be filled: those of the earliest event of the next step, at its time or later. As being earlier is never
 * worse, each column is a minimum over the rows from here on: one sort, and one pass a step.
 *
 *   steps a, b, c     a@0 b@5 a@6 b@7 c@9
 *   b@5: c at 9     b@7: c at 9     a@0: b at 5, c at 9     a@6: b at 7, c at 9
 */
export function writeOrdered(parts: FunnelParts): OrderParts {
  const { query } = parts;
  const last = parts.stepCount - 1;
  const ctes: Cte[] = [];
  let from = 'stream';
  if (query.exclusions.length > 0) {
    ctes.push(
      chainLevel('watched', 'The first excluded event behind each event.', [...base(parts), ...findHits(parts)], from),
    );
    from = 'watched';
  }
  for (let step = last - 1; step >= 0; step--) {
    const name = step === 0 ? 'chains' : `from_step_${step + 1}`;
    ctes.push(
      chainLevel(name, `When the steps behind step ${step + 1} are filled, seen from there.`, level(parts, step), from),
    );
    from = name;
  }
  if (last === 0)
    ctes.push(chainLevel('chains', 'One step: its events.', [...base(parts), ...hitColumns(parts)], from));
  const times = steps(parts).map(timeColumn);
  return {
    ctes: [...ctes, ...writeAttempts(parts)],
    carried: times,
    times,
    fills: (step) => sql`${timeColumn(step)} IS NOT NULL`,
  };
}

const base = (parts: FunnelParts): readonly Sql[] => [
  ...parts.unit,
  sql`time_ms`,
  sql`seq`,
  ...steps(parts).map(stepFlag),
  ...parts.query.exclusions.map((_, x) => exclusionFlag(x)),
];

function level(parts: FunnelParts, step: number): readonly Sql[] {
  const next = step + 1;
  const window = fromHereOn(parts);
  const earliest = (value: Sql): Sql => sql`min(CASE WHEN ${stepFlag(next)} THEN ${value} END) OVER ${window}`;
  const own = sql`CASE WHEN ${stepFlag(step)} THEN ${earliest(sql`time_ms`)} END AS ${timeColumn(next)}`;
  const carry = (column: Sql): Sql =>
    sql`CASE WHEN ${stepFlag(step)} THEN ${earliest(column)} ELSE ${column} END AS ${column}`;
  const further = steps(parts)
    .slice(next + 1)
    .map((k) => carry(timeColumn(k)));
  // What is excluded is looked for behind its own first step only.
  const hits = parts.query.exclusions.map(({ fromStep }, x) => (fromStep > step ? carry(hitColumn(x)) : hitColumn(x)));
  return [...base(parts), own, ...further, ...hits];
}
