import { EngineError } from '../../protocol/errors.ts';
import type { Duration, EventMatch, FunnelQuery } from '../../protocol/index.ts';
import type { EventIndex, Milliseconds, Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { ALWAYS, DEPENDS, compileMatch, compileWhere, type EventPredicate } from './predicate.ts';

/**
 * Steps as bit masks: bit k of an event's mask says that it may fill step k. Exclusions have a mask of their own.
 *
 *   steps        view, (view | pay), pay
 *   event view   0b011        fits step 0 and 1
 *   event pay    0b110
 */
export interface StepPlan {
  readonly order: FunnelQuery['order'];
  readonly stepCount: number;
  readonly steps: MaskTable;
  readonly exclusions: MaskTable;
  readonly exclusionSteps: FunnelQuery['exclusions'];
  /** Steps that accept only the actor's first ever fitting event. */
  readonly firstTimeMask: number;
  readonly optionalMask: number;
  /** Step indexes that may not be skipped, ascending. */
  readonly required: Uint8Array;
  /** Infinity = no limit. */
  readonly windowMs: Milliseconds;
  readonly where: EventPredicate | null;
  readonly fromMs: Milliseconds;
  readonly toMs: Milliseconds;
  readonly knownAtMs: Milliseconds;
}

/** Masks by event type; only types with a bit in `asked` need a look at the event. */
export interface MaskTable {
  readonly certain: Int32Array;
  readonly asked: Int32Array;
  readonly tests: readonly EventPredicate[];
}

/** One try at the funnel. Reused from attempt to attempt: copy what you keep. */
export interface Attempt {
  /** Number of steps reached: position of the deepest filled step, from 1. Unordered: steps done. */
  level: number;
  start: Milliseconds;
  /** ms by step, NaN = not filled. Unordered: when the k-th step was done. */
  readonly times: Float64Array;
  /** Index into the stream by step, -1 = not filled. Unordered: of the k-th step done. */
  readonly events: Int32Array;
  /** Which step is filled at each position: k itself, except unordered. */
  readonly steps: Uint8Array;
  /** Index of the exclusion that voids it, -1 = none; and the excluded event, an index into the stream. */
  voidedBy: number;
  voidedAt: number;
}

const MAX_EXCLUSIONS = 30;
const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_592_000 } as const;

/** A day is 86,400 s whatever the clock does (SEMANTICS.md, funnel rule 4). */
export function toMilliseconds(duration: Duration): Milliseconds {
  return duration.value * UNIT_SECONDS[duration.unit] * 1000;
}

export function compileSteps(context: ComputeContext, query: FunnelQuery): StepPlan {
  if (query.exclusions.length > MAX_EXCLUSIONS)
    throw new EngineError('E_LIMIT', `A funnel can have at most ${MAX_EXCLUSIONS} exclusions.`, {
      hint: 'Put several events into one exclusion with anyOf.',
      path: 'exclusions',
    });
  const { segment, fromMs, toMs, knownAtMs } = context;
  const maskOf = (has: (step: FunnelQuery['steps'][number]) => boolean | undefined): number =>
    query.steps.reduce((mask, step, k) => (has(step) === true ? mask | (1 << k) : mask), 0);
  return {
    order: query.order,
    stepCount: query.steps.length,
    steps: compileMasks(segment, query.steps),
    exclusions: compileMasks(segment, query.exclusions),
    exclusionSteps: query.exclusions,
    firstTimeMask: maskOf((step) => step.firstTimeOnly),
    optionalMask: maskOf((step) => step.optional),
    required: Uint8Array.from(query.steps.flatMap((step, k) => (step.optional === true ? [] : [k]))),
    windowMs: query.window === null ? Number.POSITIVE_INFINITY : toMilliseconds(query.window),
    where: compileWhere(segment, query.where),
    fromMs,
    toMs,
    knownAtMs,
  };
}

function compileMasks(segment: Segment, matches: readonly EventMatch[]): MaskTable {
  const certain = new Int32Array(segment.eventNames.length);
  const asked = new Int32Array(segment.eventNames.length);
  const matchers = matches.map((match) => compileMatch(segment, match));
  matchers.forEach(({ byType }, k) => {
    byType.forEach((answer, type) => {
      if (answer === ALWAYS) certain[type] = (certain[type] ?? 0) | (1 << k);
      if (answer === DEPENDS) asked[type] = (asked[type] ?? 0) | (1 << k);
    });
  });
  return { certain, asked, tests: matchers.map((matcher) => matcher.test) };
}

export function getMask({ certain, asked, tests }: MaskTable, type: number, event: EventIndex): number {
  let mask = certain[type] ?? 0;
  for (let open = asked[type] ?? 0; open !== 0; open &= open - 1) {
    const k = lowestBit(open);
    if (tests[k]?.(event) === true) mask |= 1 << k;
  }
  return mask;
}

/** Index of the lowest set bit; -1 for 0. */
export const lowestBit = (mask: number): number => 31 - Math.clz32(mask & -mask);

export function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function createAttempt(stepCount: number): Attempt {
  return {
    level: 0,
    start: Number.NaN,
    times: new Float64Array(stepCount).fill(Number.NaN),
    events: new Int32Array(stepCount).fill(-1),
    steps: Uint8Array.from({ length: stepCount }, (_, k) => k),
    voidedBy: -1,
    voidedAt: -1,
  };
}

export function clearAttempt(attempt: Attempt, start: Milliseconds): void {
  attempt.level = 0;
  attempt.start = start;
  // A loop, as `fill` costs more than it does on a handful of elements; the same below.
  for (let k = 0; k < attempt.times.length; k++) {
    attempt.times[k] = Number.NaN;
    attempt.events[k] = -1;
  }
}

export function copyAttempt(from: Attempt, to: Attempt): void {
  to.level = from.level;
  to.start = from.start;
  for (let k = 0; k < from.times.length; k++) {
    to.times[k] = from.times[k] ?? Number.NaN;
    to.events[k] = from.events[k] ?? -1;
    to.steps[k] = from.steps[k] ?? k;
  }
  to.voidedBy = from.voidedBy;
  to.voidedAt = from.voidedAt;
}
