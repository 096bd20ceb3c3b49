/**
 * The slow, obvious funnel of one actor: every way to fill the steps is tried. Only for short logs.
 * Rules: conformance/SEMANTICS.md, funnels 2 to 9 and 11, and optional steps as docs say.
 */
export interface OracleEvent {
  readonly name: string;
  /** Whole seconds. */
  readonly time: number;
}
export interface OracleStep {
  /** Any of these; `*` is any event. */
  readonly names: readonly string[];
  readonly optional?: boolean | undefined;
  readonly firstTimeOnly?: boolean | undefined;
}
export interface OracleQuery {
  readonly order: 'ordered' | 'strict' | 'unordered';
  readonly steps: readonly OracleStep[];
  /** Seconds; null = no limit. */
  readonly window: number | null;
  readonly exclusions: readonly {
    readonly names: readonly string[];
    readonly fromStep: number;
    readonly toStep: number;
  }[];
}
/** Times by step, null = skipped or not reached; unordered: of the k-th step done. */
export interface OracleAttempt {
  readonly level: number;
  readonly times: readonly (number | null)[];
  readonly start: number;
}

const names = (list: readonly string[], name: string): boolean => list.includes('*') || list.includes(name);

/** Events by time, equal times in arrival order. Every attempt that is not void, by start. */
export function listAttempts(events: readonly OracleEvent[], query: OracleQuery): OracleAttempt[] {
  const stream = events.toSorted((a, b) => a.time - b.time);
  const fits = stream.map((event, i) =>
    query.steps.map((step) => names(step.names, event.name) && mayBeFirst(stream, i, step, query.order)),
  );
  const all =
    query.order === 'strict'
      ? stream.flatMap((_, i) =>
          fits[i]?.[0] === true ? [describe(stream, chooseFullest(strictFillings(stream, fits, query, i), query))] : [],
        )
      : [...new Set(stream.map((event) => event.time))].flatMap((time) =>
          query.order === 'ordered'
            ? orderedAttempt(stream, fits, query, time)
            : unorderedAttempt(stream, fits, query, time),
        );
  return all.filter((attempt) => !isVoid(stream, query, attempt));
}

/** Level 0 when nobody entered. */
export function findDeepest(events: readonly OracleEvent[], query: OracleQuery): OracleAttempt {
  const none: OracleAttempt = { level: 0, times: query.steps.map(() => null), start: Number.NaN };
  return listAttempts(events, query).reduce((best, attempt) => (attempt.level > best.level ? attempt : best), none);
}

function mayBeFirst(stream: readonly OracleEvent[], i: number, step: OracleStep, order: string): boolean {
  if (step.firstTimeOnly !== true) return true;
  const first = stream.findIndex((event) => names(step.names, event.name));
  return order === 'strict' ? first === i : stream[first]?.time === stream[i]?.time;
}

/** A way to fill steps: the event of each step, null = not filled. */
type Filling = readonly (number | null)[];

function orderedAttempt(
  stream: readonly OracleEvent[],
  fits: readonly boolean[][],
  query: OracleQuery,
  time: number,
): OracleAttempt[] {
  const found: Filling[] = [];
  const end = time + (query.window ?? Number.POSITIVE_INFINITY);
  const extend = (filling: (number | null)[], step: number): void => {
    if (filling.some((event) => event !== null)) found.push(pad(filling, query));
    if (step === query.steps.length) return;
    const last = filling.findLast((event) => event !== null) ?? null;
    const after = last === null ? time : (stream[last]?.time ?? 0);
    stream.forEach((event, i) => {
      const inTime = last === null ? event.time === time : event.time >= after && event.time <= end;
      if (inTime && fits[i]?.[step] === true && !filling.includes(i)) extend([...filling, i], step + 1);
    });
    if (query.steps[step]?.optional === true) extend([...filling, null], step + 1);
  };
  extend([], 0);
  return found.length === 0 ? [] : [describe(stream, choosePath(stream, found, query))];
}

const pad = (filling: readonly (number | null)[], query: OracleQuery): Filling =>
  query.steps.map((_, k) => filling[k] ?? null);
const levelOf = (filling: Filling): number => filling.findLastIndex((event) => event !== null) + 1;

function describe(stream: readonly OracleEvent[], filling: Filling): OracleAttempt {
  const times = filling.map((event) => (event === null ? null : (stream[event]?.time ?? null)));
  return { level: levelOf(filling), times, start: times[0] ?? Number.NaN };
}

/**
 * The deepest; of those the earliest at each required step and at the deepest one, in order; of those, optional steps
 * in order, filled if possible and then as early as possible.
 */
function choosePath(stream: readonly OracleEvent[], found: readonly Filling[], query: OracleQuery): Filling {
  const deepest = Math.max(...found.map(levelOf));
  let left = found.filter((filling) => levelOf(filling) === deepest);
  const steps = query.steps.map((_, k) => k).slice(0, deepest);
  const isBackbone = (k: number): boolean => query.steps[k]?.optional !== true || k === deepest - 1;
  for (const k of [...steps.filter(isBackbone), ...steps.filter((step) => !isBackbone(step))]) {
    const timeOf = (filling: Filling): number => stream[filling[k] ?? -1]?.time ?? Number.POSITIVE_INFINITY;
    const earliest = Math.min(...left.map(timeOf));
    left = left.filter((filling) => timeOf(filling) === earliest);
  }
  return left[0] ?? [];
}

function strictFillings(
  stream: readonly OracleEvent[],
  fits: readonly boolean[][],
  query: OracleQuery,
  first: number,
): Filling[] {
  const found: Filling[] = [];
  const end = (stream[first]?.time ?? 0) + (query.window ?? Number.POSITIVE_INFINITY);
  const extend = (filling: (number | null)[], event: number): void => {
    found.push(pad(filling, query));
    const next = event + 1;
    if (next >= stream.length || (stream[next]?.time ?? 0) > end) return;
    for (let step = filling.length; step < query.steps.length; step++) {
      const skipped = query.steps.slice(filling.length, step).map(() => null);
      if (fits[next]?.[step] === true) extend([...filling, ...skipped, next], next);
      if (query.steps[step]?.optional !== true) break;
    }
  };
  extend([first], first);
  return found;
}

/** Strict: the deepest; of those the one that skips least, early steps first. */
function chooseFullest(found: readonly Filling[], query: OracleQuery): Filling {
  const deepest = Math.max(...found.map(levelOf));
  let left = found.filter((filling) => levelOf(filling) === deepest);
  query.steps.forEach((_, k) => {
    const filled = left.filter((filling) => filling[k] !== null);
    if (filled.length > 0) left = filled;
  });
  return left[0] ?? [];
}

function unorderedAttempt(
  stream: readonly OracleEvent[],
  fits: readonly boolean[][],
  query: OracleQuery,
  time: number,
): OracleAttempt[] {
  const end = time + (query.window ?? Number.POSITIVE_INFINITY);
  const steps = query.steps.map((_, k) => k);
  const required = steps.filter((k) => query.steps[k]?.optional !== true);
  if (!stream.some((event, i) => event.time === time && fits[i]?.includes(true) === true)) return [];
  const until = (limit: number): number[] =>
    stream.flatMap((event, i) => (event.time >= time && event.time <= Math.min(end, limit) ? [i] : []));
  const done = steps.map((k) => {
    const reached = stream.find((event) => countFillable(until(event.time), fits, steps) > k);
    return reached?.time ?? null;
  });
  const complete = countFillable(until(end), fits, required) === required.length;
  const level = complete ? steps.length : done.filter((t) => t !== null).length;
  return [{ level, times: done, start: time }];
}

/** How many of the steps can be filled, each by an event of its own: every choice is tried. */
function countFillable(events: readonly number[], fits: readonly boolean[][], steps: readonly number[]): number {
  const [step, ...rest] = steps;
  if (step === undefined) return 0;
  const without = countFillable(events, fits, rest);
  const fitting = events.filter((i) => fits[i]?.[step] === true);
  return Math.max(
    without,
    ...fitting.map(
      (i) =>
        1 +
        countFillable(
          events.filter((j) => j !== i),
          fits,
          rest,
        ),
    ),
  );
}

function isVoid(stream: readonly OracleEvent[], query: OracleQuery, attempt: OracleAttempt): boolean {
  const end = attempt.start + (query.window ?? Number.POSITIVE_INFINITY);
  return query.exclusions.some((exclusion) => {
    const [after, before] =
      query.order === 'unordered' ? wholeSpan(attempt, query, end) : stepSpan(attempt, exclusion, end);
    if (after === null) return false;
    return stream.some((event) => names(exclusion.names, event.name) && event.time > after && event.time < before);
  });
}

function wholeSpan(attempt: OracleAttempt, query: OracleQuery, end: number): [number, number] {
  const last = Math.max(...attempt.times.map((time) => time ?? attempt.start));
  return [attempt.start, attempt.level === query.steps.length ? last : end];
}

function stepSpan(
  attempt: OracleAttempt,
  { fromStep, toStep }: { fromStep: number; toStep: number },
  end: number,
): [number | null, number] {
  if (attempt.level <= fromStep) return [null, end];
  const from = attempt.times.slice(0, fromStep + 1).findLast((time) => time !== null) ?? null;
  const to = attempt.times.slice(toStep).find((time) => time !== null) ?? end;
  return [from, to];
}
