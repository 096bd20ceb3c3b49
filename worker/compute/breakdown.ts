import type { Breakdown } from '../../protocol/index.ts';
import { BLANK, type ValueId, type ValueReader } from './breakdown-values.ts';
import { findDeepest } from './step-match-attempts.ts';
import { createStream, pushEvent, type Matcher, type StepStream } from './step-match-stream.ts';
import { createAttempt, type Attempt, type StepPlan } from './step-match.ts';

/** An actor's events as the whole answer or one of its groups sees them. Reused: copy what you keep. */
export interface ActorView {
  readonly stream: StepStream;
  /** The deepest that counts. */
  readonly deepest: Attempt;
  /** Which attempts count, to be asked in the order of their starts; null = all that are not void. */
  readonly createFilter: (() => AttemptFilter) | null;
}
export type AttemptFilter = (attempt: Attempt) => boolean;
export type VisitGroup = (id: ValueId, view: ActorView) => void;
/** Calls `visit` once for each group in which the actor counts. `whole` = its view over all values. */
export type Grouper = (whole: ActorView, visit: VisitGroup) => void;

export function createGrouper(plan: StepPlan, match: Matcher, reader: ValueReader, breakdown: Breakdown): Grouper {
  const { attribution } = breakdown;
  if (attribution.type === 'first_touch' || attribution.type === 'last_touch') {
    const last = attribution.type === 'last_touch';
    return (whole, visit) => {
      if (whole.deepest.level > 0) visit(findTouch(whole.stream, reader, last), whole);
    };
  }
  return attribution.type === 'step'
    ? groupByStep(plan, match, reader, attribution.step)
    : groupByAllEvents(plan, match, reader);
}

/** The first (or last) event that fits any step and has a value decides. */
function findTouch(stream: StepStream, reader: ValueReader, last: boolean): ValueId {
  for (let n = 0; n < stream.count; n++) {
    const i = last ? stream.count - 1 - n : n;
    if (stream.masks[i] === 0) continue;
    const id = reader.idOf(stream.events[i] ?? 0);
    if (id !== BLANK) return id;
  }
  return BLANK;
}

/** Only events with the value may fill the named step; the actor counts in each value for which that step is filled. */
function groupByStep(plan: StepPlan, match: Matcher, reader: ValueReader, step: number): Grouper {
  const limited = createStream();
  const deepest = createAttempt(plan.stepCount);
  const createFilter = (): AttemptFilter => createFilledTest(plan, limited, step);
  const view: ActorView = { stream: limited, deepest, createFilter };
  const bit = 1 << step;
  return ({ stream }, visit) => {
    for (const id of listIds(stream, reader, bit)) {
      limited.count = 0;
      for (let i = 0; i < stream.count; i++) {
        const mask = stream.masks[i] ?? 0;
        const isOther = (mask & bit) !== 0 && reader.idOf(stream.events[i] ?? 0) !== id;
        copyEvent(stream, limited, i, isOther ? mask & ~bit : mask);
      }
      findDeepest(match, limited, plan.stepCount, deepest, createFilter());
      if (deepest.level > 0) visit(id, view);
    }
  };
}

/**
 * Whether an attempt fills the step; a skipped step is not filled. In any order a step can be filled exactly when some
 * fitting event lies in the attempt's window: another step may give up its event for it and the level stays.
 */
function createFilledTest(plan: StepPlan, stream: StepStream, step: number): AttemptFilter {
  if (plan.order !== 'unordered') return (attempt) => (attempt.events[step] ?? -1) !== -1;
  const times: number[] = [];
  for (let i = 0; i < stream.count; i++)
    if ((((stream.masks[i] ?? 0) >>> step) & 1) === 1) times.push(stream.times[i] ?? 0);
  let next = 0;
  return ({ start }) => {
    while (next < times.length && (times[next] ?? 0) < start) next++;
    return (times[next] ?? Number.NaN) <= start + plan.windowMs;
  };
}

/** Each value sees only events that carry it; events are shared out once, however many values an actor has. */
function groupByAllEvents(plan: StepPlan, match: Matcher, reader: ValueReader): Grouper {
  const limited = createStream();
  const deepest = createAttempt(plan.stepCount);
  const view: ActorView = { stream: limited, deepest, createFilter: null };
  return ({ stream }, visit) => {
    for (const [id, events] of shareOut(stream, reader)) {
      limited.count = 0;
      for (const i of events) copyEvent(stream, limited, i, stream.masks[i] ?? 0);
      findDeepest(match, limited, plan.stepCount, deepest);
      if (deepest.level > 0) visit(id, view);
    }
  };
}

function shareOut(stream: StepStream, reader: ValueReader): ReadonlyMap<ValueId, readonly number[]> {
  const byId = new Map<ValueId, number[]>();
  for (let i = 0; i < stream.count; i++) {
    const id = reader.idOf(stream.events[i] ?? 0);
    const events = byId.get(id);
    if (events === undefined) byId.set(id, [i]);
    else events.push(i);
  }
  return byId;
}

/** Values of the events that may fill the step. */
function listIds(stream: StepStream, reader: ValueReader, bit: number): ReadonlySet<ValueId> {
  const ids = new Set<ValueId>();
  for (let i = 0; i < stream.count; i++)
    if (((stream.masks[i] ?? 0) & bit) !== 0) ids.add(reader.idOf(stream.events[i] ?? 0));
  return ids;
}

function copyEvent(from: StepStream, to: StepStream, i: number, mask: number): void {
  pushEvent(to, from.events[i] ?? 0, from.times[i] ?? 0, mask, from.excluded[i] ?? 0);
}
