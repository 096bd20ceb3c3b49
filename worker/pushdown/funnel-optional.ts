import { chainLevel, findHits, hitColumns, writeStandingOf } from './funnel-attempts.ts';
import {
  exclusionFlag,
  fromHereOn,
  hitColumn,
  inWindow,
  stepFlag,
  steps,
  timeColumn,
  type FunnelParts,
  type OrderParts,
} from './funnel-parts.ts';
import { Refusal } from './refusal.ts';
import { join, lines, list, raw, sql, type Cte, type Sql } from './sql.ts';

/** A step that must not be skipped, and the optional ones between it and the next such: at most two. */
interface Gap {
  readonly after: number;
  readonly optional: readonly number[];
  /** null = behind the last step that must not be skipped. */
  readonly next: number | null;
}

/**
 * Ordered steps of which some may be skipped, no event fitting two. First the required ones, as `funnel-ordered.ts` finds
 * them; each event of one also learns when the optional steps behind it could be filled: `a` from there, `b` (the second
 * of two) from where the first was. Then an attempt takes, behind its last required step, the deepest optional one in
 * time, and everywhere else those that fit in without moving any time.
 */
export function writeOptional(parts: FunnelParts): OrderParts {
  const gaps = listGaps(parts);
  checkRules(parts, gaps);
  const ctes: Cte[] = [
    chainLevel(
      'watched',
      'What follows each event: the first excluded one, and the second of two optional steps.',
      [...base(parts), ...gaps.flatMap((gap) => pairOf(parts, gap)), ...findHits(parts)],
      'stream',
    ),
  ];
  let from = 'watched';
  for (const [i, gap] of gaps.toReversed().entries()) {
    const name = gap.after === 0 ? 'chains' : `from_step_${gap.after + 1}`;
    const words = `When the steps behind step ${gap.after + 1} are filled, seen from there.`;
    ctes.push(chainLevel(name, words, levelColumns(parts, gap, gaps.slice(gaps.length - i)), from));
    from = name;
  }
  const times = steps(parts).map(timeColumn);
  return {
    ctes: [...ctes, ...writeFilled(parts, gaps)],
    carried: times,
    times,
    fills: (step) => sql`${timeColumn(step)} IS NOT NULL`,
  };
}

function listGaps({ query }: FunnelParts): readonly Gap[] {
  const required = query.steps.flatMap((step, k) => (step.optional === true ? [] : [k]));
  return required.map((after, i) => {
    const next = required[i + 1] ?? null;
    const end = next ?? query.steps.length;
    return { after, next, optional: Array.from({ length: end - after - 1 }, (_, n) => after + 1 + n) };
  });
}

function checkRules({ classes, query }: FunnelParts, gaps: readonly Gap[]): void {
  if (!classes.apart) throw new Refusal('Optional steps in order that accept the same events as others.');
  if (gaps.some(({ optional }) => optional.length > 2))
    throw new Refusal('More than two optional steps in a row: each may start from any of those before it.');
  if (query.exclusions.some(({ fromStep }) => query.steps[fromStep]?.optional === true))
    throw new Refusal('An exclusion that starts from an optional step: it moves when the step is skipped.');
}

const fromHere = (step: number): Sql => raw(`a${step + 1}`);
const fromPair = (step: number): Sql => raw(`b${step + 1}`);

const base = (parts: FunnelParts): readonly Sql[] => [
  ...parts.unit,
  sql`time_ms`,
  sql`seq`,
  ...steps(parts).map(stepFlag),
  ...parts.query.exclusions.map((_, x) => exclusionFlag(x)),
];

const earliest = (parts: FunnelParts, step: number, value: Sql): Sql =>
  sql`min(CASE WHEN ${stepFlag(step)} THEN ${value} END) OVER ${fromHereOn(parts)}`;

function pairOf(parts: FunnelParts, { optional }: Gap): readonly Sql[] {
  const [first, second] = optional;
  if (first === undefined || second === undefined) return [];
  return [sql`CASE WHEN ${stepFlag(first)} THEN ${earliest(parts, second, sql`time_ms`)} END AS ${fromPair(second)}`];
}

/** Columns that tell when the steps of a gap, and the required one behind it, are filled. */
function columnsOf({ optional, next }: Gap): readonly Sql[] {
  const second = optional[1];
  return [
    ...optional.map(fromHere),
    ...(second === undefined ? [] : [fromPair(second)]),
    ...(next === null ? [] : [timeColumn(next)]),
  ];
}

function levelColumns(parts: FunnelParts, gap: Gap, behind: readonly Gap[]): readonly Sql[] {
  const { after, optional, next } = gap;
  const [first, second] = optional;
  const isOwn = stepFlag(after);
  const own = [
    ...optional.map((k) => [k, fromHere(k)] as const),
    ...(next === null ? [] : [[next, timeColumn(next)] as const]),
  ];
  const pair =
    first === undefined || second === undefined
      ? []
      : [
          sql`CASE WHEN ${isOwn} THEN ${earliest(parts, first, fromPair(second))} ELSE ${fromPair(second)} END AS ${fromPair(second)}`,
        ];
  const carry = (column: Sql): Sql =>
    next === null
      ? column
      : sql`CASE WHEN ${isOwn} THEN ${earliest(parts, next, column)} ELSE ${column} END AS ${column}`;
  return [
    ...base(parts),
    ...own.map(([k, column]) => sql`CASE WHEN ${isOwn} THEN ${earliest(parts, k, sql`time_ms`)} END AS ${column}`),
    ...pair,
    ...behind.flatMap(columnsOf).map(carry),
    // Pairs of gaps before this one are still to come.
    ...pairsBefore(parts, after),
    ...parts.query.exclusions.map(({ fromStep }, x) => (fromStep > after ? carry(hitColumn(x)) : hitColumn(x))),
  ];
}

const pairsBefore = (parts: FunnelParts, after: number): readonly Sql[] =>
  listGaps(parts).flatMap((gap) => {
    const second = gap.optional[1];
    return gap.after < after && second !== undefined ? [fromPair(second)] : [];
  });

function writeFilled(parts: FunnelParts, gaps: readonly Gap[]): readonly Cte[] {
  const { unit } = parts;
  const required = gaps.map(({ after }) => after).slice(1);
  const whens = required
    .toReversed()
    .map((k) => sql`WHEN ${inWindow(parts, timeColumn(k), sql`time_ms`)} THEN ${k + 1}`);
  const base_ = whens.length === 0 ? raw('1') : sql`CASE ${join(whens, ' ')} ELSE 1 END`;
  const times = gaps.flatMap((gap) => [
    gap.after === 0
      ? sql`start_ms AS t1`
      : sql`CASE WHEN base >= ${gap.after + 1} THEN ${timeColumn(gap.after)} END AS ${timeColumn(gap.after)}`,
    ...fillGap(parts, gap),
  ]);
  const deepest = steps(parts)
    .toReversed()
    .map((k) => sql`WHEN ${timeColumn(k)} IS NOT NULL THEN ${k + 1}`);
  const body = sql`
    SELECT ${list([...unit, sql`start_ms`, sql`seq`, ...steps(parts).map(timeColumn), ...hitColumns(parts)])},
      CASE ${join(deepest, ' ')} END AS level
    FROM filled
  `;
  return [
    chainLevel(
      'reached',
      'An attempt from every event of step 1, and how deep it gets by its required steps.',
      [
        ...unit,
        sql`time_ms AS start_ms`,
        sql`seq`,
        ...gaps.flatMap(columnsOf),
        ...hitColumns(parts),
        sql`${base_} AS base`,
      ],
      'chains\nWHERE s1',
    ),
    {
      name: 'filled',
      comment: 'With the optional steps: the deepest behind the last required one, and those that fit in between.',
      body: sql`
        SELECT ${list([...unit, sql`start_ms`, sql`seq`, ...hitColumns(parts)])},
          ${lines(times)}
        FROM reached
      `,
    },
    ...writeStandingOf(parts, body),
  ];
}

/** When the optional steps of a gap are filled; NULL = skipped. */
function fillGap(parts: FunnelParts, { after, optional, next }: Gap): readonly Sql[] {
  const [first, second] = optional;
  if (first === undefined) return [];
  const inTime = (column: Sql): Sql => inWindow(parts, column, sql`start_ms`);
  const isLast = sql`base = ${after + 1}`;
  const a1 = fromHere(first);
  if (second === undefined) {
    const inner = next === null ? sql`` : sql` WHEN base > ${after + 1} AND ${a1} <= ${timeColumn(next)} THEN ${a1}`;
    return [sql`CASE WHEN ${isLast} AND ${inTime(a1)} THEN ${a1}${inner} END AS ${timeColumn(first)}`];
  }
  const [a2, b2] = [fromHere(second), fromPair(second)];
  const fits = (column: Sql): Sql => (next === null ? raw('FALSE') : sql`${column} <= ${timeColumn(next)}`);
  const isInner = sql`base > ${after + 1}`;
  return [
    sql`CASE
      WHEN ${isLast} AND ${inTime(a2)} THEN CASE WHEN ${a1} <= ${a2} THEN ${a1} END
      WHEN ${isLast} AND ${inTime(a1)} THEN ${a1}
      WHEN ${isInner} AND ${fits(a1)} THEN ${a1}
    END AS ${timeColumn(first)}`,
    sql`CASE
      WHEN ${isLast} AND ${inTime(a2)} THEN ${a2}
      WHEN ${isInner} AND ${fits(a1)} THEN CASE WHEN ${fits(b2)} THEN ${b2} END
      WHEN ${isInner} AND ${fits(a2)} THEN ${a2}
    END AS ${timeColumn(second)}`,
  ];
}
