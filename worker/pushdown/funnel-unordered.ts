import { chainLevel, findHits, hitColumns, writeStanding } from './funnel-attempts.ts';
import {
  exclusionFlag,
  fromHereOn,
  hitColumn,
  inWindow,
  stepFlag,
  steps,
  windowEnd,
  type FunnelParts,
  type OrderParts,
} from './funnel-parts.ts';
import { Refusal } from './refusal.ts';
import { allOf, anyOf, join, list, raw, sql, type Cte, type Sql } from './sql.ts';
import { subsetsOf } from './step-classes.ts';

const MAX_STEPS = 8;
const MAX_CLASSES = 3;

/**
 * Steps in any order: an attempt begins at every event of a step, and its level is the number of different steps done in
 * the window. Without overlap that is the first event of each step from here on. Where steps share events, a set of them
 * is done as often as there are different events (the deficiency form of Hall's theorem), so that the k-th is done at
 * the latest of some n-th events.
 */
export function writeUnordered(parts: FunnelParts): OrderParts {
  const { query, unit } = parts;
  const firsts = parts.classes.apart ? firstEvents(parts) : sharedEvents(parts);
  const done = steps(parts).map((k) => raw(`done${k + 1}`));
  const has = (column: Sql): Sql => inWindow(parts, column, sql`time_ms`);
  const level = join(
    done.map((column) => sql`CASE WHEN ${has(column)} THEN 1 ELSE 0 END`),
    ' + ',
  );
  const required = query.steps.flatMap((step, k) => (step.optional === true ? [] : [done[k] ?? raw('NULL')]));
  const whole = required.length === parts.stepCount ? null : required;
  if (whole !== null && !parts.classes.apart)
    throw new Refusal('Optional steps in any order that accept the same events as others.');
  const own = ownStep(parts) === null ? [] : [sql`own`];
  const carried = [...done, ...own];
  const cut = carried.map((column) => sql`CASE WHEN ${has(column)} THEN ${column} END AS ${column}`);
  const tried: Cte = {
    name: query.exclusions.length === 0 ? 'attempts' : 'tried',
    comment: 'An attempt from every event of a step: how many different steps are done in its window.',
    body: sql`
      SELECT ${list(unit)}, time_ms AS start_ms, 0 AS seq,
        ${whole === null ? level : sql`CASE WHEN ${allOf(whole.map(has))} THEN ${parts.stepCount} ELSE ${level} END`} AS level,
        ${list([...cut, ...hitColumns(parts)])}
      FROM firsts
      WHERE ${anyOf(steps(parts).map(stepFlag))}
    `,
  };
  const standing =
    query.exclusions.length === 0
      ? []
      : [
          writeStanding(
            parts,
            query.exclusions.map((_, x) => isVoid(parts, done, x)),
            carried,
          ),
        ];
  return {
    ctes: [...firsts, tried, ...standing],
    carried,
    times: steps(parts).map((k) => parts.dialect.nthSmallest(done, k)),
    fills: () => sql`own IS NOT NULL`,
  };
}

/** The step whose values make the groups: any fitting event in the window fills it, as another step may give up its own. */
const ownStep = ({ query }: FunnelParts): number | null =>
  query.breakdown?.attribution.type === 'step' ? query.breakdown.attribution.step : null;

function ownTime(parts: FunnelParts): readonly Sql[] {
  const step = ownStep(parts);
  return step === null ? [] : [sql`min(CASE WHEN ${stepFlag(step)} THEN time_ms END) OVER ${fromHereOn(parts)} AS own`];
}

const base = (parts: FunnelParts): readonly Sql[] => [...parts.unit, sql`time_ms`, ...steps(parts).map(stepFlag)];

function firstEvents(parts: FunnelParts): readonly Cte[] {
  const firsts = steps(parts).map(
    (k) => sql`min(CASE WHEN ${stepFlag(k)} THEN time_ms END) OVER ${fromHereOn(parts)} AS ${raw(`done${k + 1}`)}`,
  );
  return [
    chainLevel(
      'firsts',
      'When each step is done first, from each event on.',
      [...base(parts), ...firsts, ...ownTime(parts), ...findHits(parts)],
      'stream',
    ),
  ];
}

function sharedEvents(parts: FunnelParts): readonly Cte[] {
  const { classes, stepCount } = parts;
  if (stepCount > MAX_STEPS || classes.components.some((members) => members.length > MAX_CLASSES))
    throw new Refusal(
      `In any order, more than ${MAX_STEPS} steps or ${MAX_CLASSES} different ones that share events need a statement that grows too fast.`,
    );
  const sets = classes.components.flatMap((members) => subsetsOf(members.toSorted((a, b) => a - b)));
  const flagOf = (set: readonly number[]): Sql => anyOf(set.map((c) => stepFlag(classes.classes[c]?.step ?? 0)));
  const sizeOf = (set: readonly number[]): number => classes.classOf.filter((c) => set.includes(c)).length;
  const nthOf = (set: readonly number[], n: number): Sql => raw(`n_${set.map((c) => c + 1).join('_')}_${n}`);
  const numbers = (set: readonly number[]): readonly number[] => Array.from({ length: sizeOf(set) }, (_, i) => i + 1);
  const ahead = sets.flatMap((set) =>
    numbers(set).map(
      (n) =>
        sql`CASE WHEN ${flagOf(set)} THEN lead(time_ms, ${n - 1}) OVER (PARTITION BY ${list(parts.unit)}, ${flagOf(set)} ORDER BY time_ms, seq) END AS ${nthOf(set, n)}`,
    ),
  );
  const firsts = sets.flatMap((set) =>
    numbers(set).map((n) => sql`min(${nthOf(set, n)}) OVER ${fromHereOn(parts)} AS ${nthOf(set, n)}`),
  );
  const done = classes.components.flatMap((members) => {
    const size = sizeOf(members);
    return Array.from({ length: size }, (_, i) => {
      const bounds = subsetsOf(members.toSorted((a, b) => a - b)).flatMap((set) => {
        const n = sizeOf(set) - size + i + 1;
        return n >= 1 ? [nthOf(set, n)] : [];
      });
      return sql`CASE WHEN ${allOf(bounds.map((b) => sql`${b} IS NOT NULL`))} THEN ${parts.dialect.greatest(bounds)} END`;
    });
  });
  const exclusions = parts.query.exclusions.map((_, x) => exclusionFlag(x));
  return [
    chainLevel(
      'ahead',
      'The n-th event from each event on that fits one of a set of steps.',
      [...base(parts), ...exclusions, ...ahead],
      'stream',
    ),
    chainLevel(
      'counted_on',
      'The same from every event of the actor on.',
      [...base(parts), ...exclusions, ...firsts, ...ownTime(parts), ...findHits(parts)],
      'ahead',
    ),
    chainLevel(
      'firsts',
      'When one, two, … of the steps that share events are done.',
      [
        ...base(parts),
        ...done.map((piece, i) => sql`${piece} AS ${raw(`done${i + 1}`)}`),
        ...(ownStep(parts) === null ? [] : [sql`own`]),
        ...hitColumns(parts),
      ],
      'counted_on',
    ),
  ];
}

/** Between the first event and completion, or the end of the window. */
function isVoid(parts: FunnelParts, done: readonly Sql[], x: number): Sql {
  const latest = parts.dialect.greatest([sql`start_ms`, ...done.map((column) => sql`coalesce(${column}, start_ms)`)]);
  const open = parts.windowMs === null ? sql`TRUE` : sql`${hitColumn(x)} < ${windowEnd(parts, sql`start_ms`)}`;
  return sql`${hitColumn(x)} IS NOT NULL AND CASE WHEN level = ${parts.stepCount} THEN ${hitColumn(x)} < ${latest} ELSE ${open} END`;
}
