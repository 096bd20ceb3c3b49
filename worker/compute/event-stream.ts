import type { Condition, EventMatch } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type EventIndex, type Milliseconds, type Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { all, type EventTest } from './event-test.ts';
import { ALWAYS, DEPENDS, compileMatch, compileWhere, testMatch, testWhere, type EventPredicate } from './predicate.ts';

/**
 * Whether an event exists at knownAt and passes the document's `where`; null when all do. A row without a recorded
 * time always exists.
 */
export function compileStream(context: ComputeContext, where: readonly Condition[] | undefined): EventPredicate | null {
  const { segment, knownAtMs } = context;
  const known = compileKnown(segment, knownAtMs);
  const passes = compileWhere(segment, where);
  if (known === null) return passes;
  if (passes === null) return known;
  return (event) => known(event) && passes(event);
}

export function compileKnown(segment: Segment, knownAtMs: Milliseconds): EventPredicate | null {
  const { recordedAt } = segment;
  if (recordedAt === null || knownAtMs === Number.POSITIVE_INFINITY) return null;
  return (event) => !((recordedAt[event] ?? Number.NaN) > knownAtMs);
}

/** `compileStream` for kernels. */
export function testStream(context: ComputeContext, where: readonly Condition[] | undefined): EventTest {
  return all([testKnown(context), testWhere(context.segment, where)]);
}
export function testKnown({ segment, knownAtMs }: ComputeContext): EventTest {
  const known = compileKnown(segment, knownAtMs);
  return known === null || { kind: 'predicate', test: known };
}

/** First event of the actor at or after `ms`; the actor's end when there is none. */
export function findFirstEvent(segment: Segment, actor: ActorIndex, ms: Milliseconds): EventIndex {
  const { offsets } = segment;
  let low = offsets[actor] ?? 0;
  let high = offsets[actor + 1] ?? 0;
  if (ms === Number.NEGATIVE_INFINITY) return low;
  if (ms === Number.POSITIVE_INFINITY) return high;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (getTime(segment, mid) < ms) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** One past the actor's last event at or before `ms`. */
export function findEventsEnd(segment: Segment, actor: ActorIndex, ms: Milliseconds): EventIndex {
  return findFirstEvent(segment, actor, ms + 1);
}

/** Time of the first event of the whole segment, Infinity without events: one look per actor, at the first call. */
export function getFirstEventTime(segment: Segment): Milliseconds {
  if (segment.firstMs !== undefined) return segment.firstMs;
  const { offsets, seconds, millis, baseSeconds } = segment;
  const known = firstTimes.get(seconds);
  if (known !== undefined) return known;
  let second = Number.POSITIVE_INFINITY;
  let millisecond = 0;
  for (let actor = 0; actor < segment.actorCount; actor++) {
    const event = offsets[actor] ?? 0;
    const at = seconds[event] ?? 0;
    if (at > second || event === offsets[actor + 1]) continue;
    const ms = millis[event] ?? 0;
    if (at === second && ms >= millisecond) continue;
    second = at;
    millisecond = ms;
  }
  const first = (baseSeconds + second) * 1000 + millisecond;
  firstTimes.set(seconds, first);
  return first;
}
/** Tells a thread what another one found. */
export function rememberFirstEventTime({ seconds }: Segment, first: Milliseconds): void {
  firstTimes.set(seconds, first);
}
/** By the column of seconds, which segments with more columns share. */
const firstTimes = new WeakMap<Uint32Array, Milliseconds>();

/**
 * The moment up to which the data speaks: asOf, else the last event; never after knownAt. What had not happened by
 * then (a deadline, the end of a period) had not happened.
 */
export function getEndOfData(context: ComputeContext): Milliseconds {
  const end = Number.isFinite(context.asOfMs) ? context.asOfMs : context.lastEventMs;
  return Math.min(end, context.knownAtMs);
}

/** Growing list of actor indexes, for selections. */
export interface ActorList {
  add(actor: ActorIndex): void;
  toArray(): Uint32Array;
}
export function createActorList(): ActorList {
  let items = new Uint32Array(1024);
  let length = 0;
  return {
    add(actor) {
      if (length === items.length) {
        const grown = new Uint32Array(length * 2);
        grown.set(items);
        items = grown;
      }
      items[length++] = actor;
    },
    toArray: () => items.slice(0, length),
  };
}

/** The stream's events that also fit `match`; null when all do. */
export function compileCounted(
  context: ComputeContext,
  where: readonly Condition[] | undefined,
  match: EventMatch | null | undefined,
): EventPredicate | null {
  const stream = compileStream(context, where);
  if (match === null || match === undefined) return stream;
  const { byType, test } = compileMatch(context.segment, match);
  if (byType.every((answer) => answer === ALWAYS)) return stream;
  const { types } = context.segment;
  const fits: EventPredicate = (event) => {
    const answer = byType[types[event] ?? 0];
    return answer === ALWAYS || (answer === DEPENDS && test(event));
  };
  return stream === null ? fits : (event) => fits(event) && stream(event);
}

/** `compileCounted` for kernels. */
export function testCounted(
  context: ComputeContext,
  where: readonly Condition[] | undefined,
  match: EventMatch | null | undefined,
): EventTest {
  const stream = testStream(context, where);
  return match === null || match === undefined ? stream : all([stream, testMatch(context.segment, match)]);
}

/** Visits the actors of the range in order with the positions of their events in `fromMs`..`toMs`, empty ones too. */
export function forEachActor(
  context: ComputeContext,
  fromMs: Milliseconds,
  toMs: Milliseconds,
  visit: (actor: ActorIndex, from: EventIndex, to: EventIndex) => void,
): void {
  const { segment, range } = context;
  for (let actor = range.from; actor < range.to; actor++) {
    if ((actor & CHECKPOINT_MASK) === 0) context.checkpoint(actor - range.from);
    visit(actor, findFirstEvent(segment, actor, fromMs), findEventsEnd(segment, actor, toMs));
  }
  context.checkpoint(range.to - range.from);
}
const CHECKPOINT_MASK = 127;
