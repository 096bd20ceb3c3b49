import type { ActorIndex, EventIndex, Milliseconds, Segment } from '../segment/segment.ts';
import { getMask, lowestBit, type Attempt, type StepPlan } from './step-match.ts';

/**
 * One actor's stream (SEMANTICS.md, funnel rule 1), reduced to the events that can matter: those that may fill a step
 * or are excluded; in strict order every event, because any event in between ends an attempt. Reused from actor to
 * actor; arrays grow and never shrink.
 */
export interface StepStream {
  count: number;
  /** Position in the segment. */
  events: Uint32Array;
  times: Float64Array;
  /** Steps that the event may fill. */
  masks: Int32Array;
  /** Exclusions that name the event. */
  excluded: Int32Array;
}

/** Return false to stop. The attempt is reused: copy what you keep. */
export type Visit = (attempt: Attempt) => boolean;
/** All attempts of a stream by ascending start; void ones too, marked by `voidedBy`. */
export type Matcher = (stream: StepStream, visit: Visit) => void;

export function createStream(): StepStream {
  const size = 64;
  return {
    count: 0,
    events: new Uint32Array(size),
    times: new Float64Array(size),
    masks: new Int32Array(size),
    excluded: new Int32Array(size),
  };
}

export function pushEvent(
  stream: StepStream,
  event: EventIndex,
  time: Milliseconds,
  mask: number,
  excluded: number,
): void {
  const at = stream.count++;
  if (at === stream.times.length) grow(stream);
  stream.events[at] = event;
  stream.times[at] = time;
  stream.masks[at] = mask;
  stream.excluded[at] = excluded;
}

function grow(stream: StepStream): void {
  const size = stream.times.length * 2;
  const { events, times, masks, excluded } = stream;
  (stream.events = new Uint32Array(size)).set(events);
  (stream.times = new Float64Array(size)).set(times);
  (stream.masks = new Int32Array(size)).set(masks);
  (stream.excluded = new Int32Array(size)).set(excluded);
}

/** Replaces the stream by that of an actor. */
export function loadStream(stream: StepStream, plan: StepPlan, segment: Segment, actor: ActorIndex): void {
  stream.count = 0;
  const from = segment.offsets[actor] ?? 0;
  const to = segment.offsets[actor + 1] ?? from;
  if (plan.firstTimeMask === 0) loadRange(stream, plan, segment, from, to);
  else loadFirstTimes(stream, plan, segment, from, to);
}

function loadRange(stream: StepStream, plan: StepPlan, segment: Segment, from: EventIndex, to: EventIndex): void {
  const { steps, exclusions } = plan;
  const { types, seconds, millis, baseSeconds } = segment;
  const keepsAll = plan.order === 'strict';
  const plain = plan.where === null && (segment.recordedAt === null || plan.knownAtMs === Number.POSITIVE_INFINITY);
  for (let event = from; event < to; event++) {
    const type = types[event] ?? 0;
    const mask = steps.asked[type] === 0 ? (steps.certain[type] ?? 0) : getMask(steps, type, event);
    const excluded = exclusions.asked[type] === 0 ? (exclusions.certain[type] ?? 0) : getMask(exclusions, type, event);
    if ((mask | excluded) === 0 && !keepsAll) continue;
    const time = (baseSeconds + (seconds[event] ?? 0)) * 1000 + (millis[event] ?? 0);
    if (time < plan.fromMs) continue;
    if (time > plan.toMs) return;
    if (plain || isInStream(plan, segment, event)) pushEvent(stream, event, time, mask, excluded);
  }
}

/**
 * First ever is looked up in all known data up to the end of the range, before range and filters apply (rule 11).
 * Among fitting events of one time, all are first where arrival order must not matter (rule 3); in strict order only
 * the first to arrive is.
 */
function loadFirstTimes(stream: StepStream, plan: StepPlan, segment: Segment, from: EventIndex, to: EventIndex): void {
  const firstTimes = new Float64Array(plan.stepCount).fill(Number.NaN);
  const strict = plan.order === 'strict';
  for (let event = from; event < to; event++) {
    if (!isKnown(plan, segment, event)) continue;
    const time = (segment.baseSeconds + (segment.seconds[event] ?? 0)) * 1000 + (segment.millis[event] ?? 0);
    if (time > plan.toMs) return;
    const type = segment.types[event] ?? 0;
    let mask = getMask(plan.steps, type, event);
    for (let open = mask & plan.firstTimeMask; open !== 0; open &= open - 1) {
      const k = lowestBit(open);
      const first = firstTimes[k] ?? Number.NaN;
      if (Number.isNaN(first)) firstTimes[k] = time;
      else if (strict || first !== time) mask &= ~(1 << k);
    }
    const excluded = getMask(plan.exclusions, type, event);
    if ((mask | excluded) === 0 && !strict) continue;
    if (time >= plan.fromMs && isInStream(plan, segment, event)) pushEvent(stream, event, time, mask, excluded);
  }
}

export function isInRange({ fromMs, toMs }: StepPlan, time: Milliseconds): boolean {
  return time >= fromMs && time <= toMs;
}

/** Filters of the query, apart from the range. */
export function isInStream(plan: StepPlan, segment: Segment, event: EventIndex): boolean {
  return isKnown(plan, segment, event) && (plan.where === null || plan.where(event));
}

/** Rows recorded after knownAt do not exist; rows without a recorded time always do. */
export function isKnown({ knownAtMs }: StepPlan, { recordedAt }: Segment, event: EventIndex): boolean {
  return recordedAt === null || !((recordedAt[event] ?? Number.NaN) > knownAtMs);
}
