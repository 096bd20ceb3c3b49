import { chainLevel, findHits, writeAttempts } from './funnel-attempts.ts';
import {
  exclusionFlag,
  hitColumn,
  laterOn,
  stepFlag,
  steps,
  timeColumn,
  type FunnelParts,
  type OrderParts,
} from './funnel-parts.ts';
import { Refusal } from './refusal.ts';
import { allOf, anyOf, lines, list, raw, sql, type Cte, type Sql } from './sql.ts';
import { relate, subsetsOf, type StepClasses } from './step-classes.ts';

/** Beyond these a statement would be as long as the number of ways to share events out. */
const MAX_STEPS = 10;
const MAX_CROSSING = 4;

/**
 * Steps in order where an event may fit several, but fills one. All events of one time are one moment: they fill as many
 * of the next steps as there are different events for (Hall's condition: every set of those steps needs as many events
 * that fit one of it). Then, from the last step back, every moment learns for each step it may be asked for when the
 * further ones are filled; what it cannot fill itself is left to moments strictly later.
 *
 *   steps view, view     view@0 view@0 → both at 0     view@0 view@5 → at 0 and 5
 */
export function writeMoments(parts: FunnelParts): OrderParts {
  checkSize(parts);
  const ctes: Cte[] = [writeMomentRows(parts)];
  let from = 'moments';
  if (parts.query.exclusions.length > 0) {
    ctes.push(
      chainLevel('watched', 'The first excluded event behind each moment.', [sql`moments.*`, ...findHits(parts)], from),
    );
    from = 'watched';
  }
  for (let step = parts.stepCount - 1; step > 0; step--) {
    const name = `later_${step + 1}`;
    const words = `Seen from each moment: what begins when step ${step + 1} is looked for at later ones.`;
    ctes.push(chainLevel(name, words, [raw(`${from}.*`), ...later(parts, step)], from));
    from = name;
  }
  const own = [
    ...steps(parts)
      .slice(1)
      .map((k) => sql`${timeAt(parts, 0, k)} AS ${timeColumn(k)}`),
    ...parts.query.exclusions.map(({ fromStep }, x) => sql`${hitAt(parts, 0, fromStep, x)} AS ${hitColumn(x)}`),
  ];
  ctes.push(
    chainLevel(
      'chains',
      'When each step is filled by an attempt that starts at the moment.',
      [...parts.unit, sql`time_ms`, sql`0 AS seq`, stepFlag(0), ...own],
      from,
    ),
  );
  const times = steps(parts).map(timeColumn);
  return {
    ctes: [...ctes, ...writeAttempts(parts)],
    carried: times,
    times,
    fills: (step) => sql`${timeColumn(step)} IS NOT NULL`,
  };
}

function checkSize({ stepCount, classes }: FunnelParts): void {
  if (stepCount > MAX_STEPS)
    throw new Refusal(
      `More than ${MAX_STEPS} steps of which some accept the same events need a statement that grows too fast.`,
    );
  if (classes.components.some((members) => members.length > MAX_CROSSING && !isNested(classes, members)))
    throw new Refusal(
      `More than ${MAX_CROSSING} different steps that overlap each other: which event fills which is not told by counting.`,
    );
}

function isNested({ classes }: StepClasses, members: readonly number[]): boolean {
  return members.every((a) =>
    members.every((b) => {
      const [x, y] = [classes[a], classes[b]];
      return a === b || (x !== undefined && y !== undefined && relate(x, y) !== 'crossing');
    }),
  );
}

/** Events of one time, counted by the sets of classes that they fit. */
function writeMomentRows(parts: FunnelParts): Cte {
  const { unit, classes, query } = parts;
  const some = (flag: Sql, column: Sql): Sql => sql`count(CASE WHEN ${flag} THEN 1 END) > 0 AS ${column}`;
  const counts = setsToCount(classes).map((set) => {
    const flags = set.map((c) => stepFlag(classes.classes[c]?.step ?? 0));
    return sql`count(CASE WHEN ${anyOf(flags)} THEN 1 END) AS ${countColumn(set)}`;
  });
  return {
    name: 'moments',
    comment:
      'The events of one time together: which steps they fit, and how many there are for steps that overlap (n).',
    body: sql`
      SELECT ${list(unit)}, time_ms,
        ${lines([
          ...steps(parts).map((k) => some(stepFlag(k), stepFlag(k))),
          ...query.exclusions.map((_, x) => some(exclusionFlag(x), exclusionFlag(x))),
          ...counts,
        ])}
      FROM stream
      GROUP BY ${list([...unit, sql`time_ms`])}
    `,
  };
}

const countColumn = (set: readonly number[]): Sql => raw(`n_${set.map((c) => c + 1).join('_')}`);

/** Nested sets need no unions: those within one are counted with it. */
function setsToCount(classes: StepClasses): readonly (readonly number[])[] {
  const shared = classes.components.filter(
    (members) => members.length > 1 || classes.classOf.filter((c) => c === members[0]).length > 1,
  );
  return shared.flatMap((members) =>
    isNested(classes, members) ? members.map((c) => [c]) : subsetsOf(members.toSorted((a, b) => a - b)),
  );
}

/** Whether the events of a moment fill the steps `from` to `to`, each another one. */
function canFill({ classes }: FunnelParts, from: number, to: number): Sql {
  const asked = classes.classOf.slice(from, to + 1);
  const flags = Array.from({ length: to - from + 1 }, (_, i) => stepFlag(from + i));
  const counted = setsToCount(classes).flatMap((set) => {
    const needed = asked.filter((c) => isInside(classes, c, set)).length;
    return needed > 1 ? [sql`${countColumn(set)} >= ${needed}`] : [];
  });
  return allOf([...flags, ...counted]);
}

function isInside(classes: StepClasses, c: number, set: readonly number[]): boolean {
  if (set.includes(c)) return true;
  const [only] = set;
  const [x, y] = [classes.classes[c], classes.classes[only ?? -1]];
  return set.length === 1 && x !== undefined && y !== undefined && relate(x, y) === 'within';
}

const laterTime = (asked: number, step: number): Sql => raw(`at_${asked + 1}_${step + 1}`);
const laterHit = (asked: number, x: number): Sql => raw(`hit_${asked + 1}_${x + 1}`);

/** When `step` is filled, by a moment that is asked for `asked` and fits it. */
function timeAt(parts: FunnelParts, asked: number, step: number): Sql {
  return fillAsMany(parts, asked, step, sql`time_ms`, (next) => laterTime(next, step));
}

function hitAt(parts: FunnelParts, asked: number, step: number, x: number): Sql {
  return fillAsMany(parts, asked, step, hitColumn(x), (next) => laterHit(next, x));
}

/** `here` when the moment itself fills all up to `step`, else what later moments do from the first that it cannot. */
function fillAsMany(parts: FunnelParts, asked: number, step: number, here: Sql, later: (next: number) => Sql): Sql {
  const whens = [sql`WHEN ${canFill(parts, asked, step)} THEN ${here}`];
  for (let next = step; next > asked; next--)
    whens.push(sql`WHEN ${canFill(parts, asked, next - 1)} THEN ${later(next)}`);
  return sql`CASE ${{ chunks: whens.flatMap((when, i) => (i === 0 ? when.chunks : [' ', ...when.chunks])) }} END`;
}

function later(parts: FunnelParts, asked: number): readonly Sql[] {
  const window = laterOn(parts);
  const earliest = (value: Sql, column: Sql): Sql =>
    sql`min(CASE WHEN ${stepFlag(asked)} THEN ${value} END) OVER ${window} AS ${column}`;
  return [
    ...steps(parts)
      .slice(asked)
      .map((k) => earliest(timeAt(parts, asked, k), laterTime(asked, k))),
    ...parts.query.exclusions.flatMap(({ fromStep }, x) =>
      fromStep >= asked ? [earliest(hitAt(parts, asked, fromStep, x), laterHit(asked, x))] : [],
    ),
  ];
}
