import { getTime, type ActorIndex, type EventIndex, type Milliseconds, type Segment } from '../segment/segment.ts';
import { createDeadlineQueue } from './deadline-queue.ts';
import { findEventsEnd } from './event-stream.ts';
import type { CompiledDeadline, CompiledJourney, TypeActions } from './journey-model.ts';
import type { EventPredicate } from './predicate.ts';

/** Where an actor is looked at from. */
export interface ViewPoint {
  /** Events after this do not exist. */
  readonly asOfMs: Milliseconds;
  /** Deadlines up to here have passed. */
  readonly endMs: Milliseconds;
  /** Which events exist and pass the filters; null = all. */
  readonly exists: EventPredicate | null;
}
/** The moves of one actor in order of time, reused from actor to actor. Move 0 leaves the start. */
export interface ActorMoves {
  length: number;
  times: Float64Array;
  /** State entered. */
  states: Uint8Array;
  /** Event that made the move; -1 = a deadline. */
  events: Float64Array;
  /** Whether any event of the actor exists at all. */
  seen: boolean;
}

/**
 * The machine: replays one actor's events.
 *
 *   invoice i1@0 (due @0 + 14 days)   payment i1@10d   → met, nothing happens
 *   invoice i1@0                      payment i1@15d   → Churn at 14d, Customer at 15d
 *
 * A deadline at the very time of an event comes after it.
 */
export function createMachine(
  segment: Segment,
  journey: CompiledJourney,
  point: ViewPoint,
): (actor: ActorIndex) => ActorMoves {
  const moves: ActorMoves = {
    length: 0,
    times: new Float64Array(64),
    states: new Uint8Array(64),
    events: new Float64Array(64),
    seen: false,
  };
  const queue = createDeadlineQueue();
  // Per rule or deadline and object: the actor (+ 1) for whom it is open or met, so that nothing must be cleared.
  const open = journey.rules.map(({ key }) => new Uint32Array(key?.size ?? 0));
  const met = journey.deadlines.map(({ key }) => new Uint32Array(key.size));
  const openCount = journey.rules.map(() => 0);
  let state = 0;

  const move = (to: number, time: Milliseconds, event: EventIndex): void => {
    if (to === state) return;
    state = to;
    if (moves.length === moves.times.length) growMoves(moves);
    moves.times[moves.length] = time;
    moves.states[moves.length] = to;
    moves.events[moves.length++] = event;
  };
  /** Deadlines before `time` that were not met. */
  const passDeadlines = (time: Milliseconds, mark: number): void => {
    while (queue.size() > 0 && queue.firstTime() < time) {
      const { at, deadline, key } = queue.take();
      const { from, to } = journey.deadlines[deadline] as CompiledDeadline;
      if (met[deadline]?.[key] !== mark && from[state] === 1) move(to, at, -1);
    }
  };
  const applyBookkeeping = (actions: TypeActions, event: EventIndex, time: Milliseconds, mark: number): void => {
    for (const { rule, matches } of actions.opensObject) {
      const key = rule.key?.codeOf(event) ?? 0;
      const opened = open[rule.index];
      if (opened === undefined || key === 0 || opened[key] === mark || !matches(event)) continue;
      opened[key] = mark;
      openCount[rule.index] = (openCount[rule.index] ?? 0) + 1;
    }
    for (const { deadline, matches } of actions.meets) {
      const stamps = met[deadline.index];
      if (stamps !== undefined && matches(event)) stamps[deadline.key.codeOf(event)] = mark;
    }
    for (const { deadline, matches } of actions.opensDeadline) {
      const key = deadline.key.codeOf(event);
      if (key !== 0 && matches(event)) queue.add(deadline.deadlineOf(event, time), deadline.index, key);
    }
  };
  /** Whether no object is open after this event closed its own. */
  const closesLast = (index: number, key: number, mark: number): boolean => {
    const opened = open[index];
    if (opened !== undefined && key !== 0 && opened[key] === mark) {
      opened[key] = 0;
      openCount[index] = (openCount[index] ?? 0) - 1;
    }
    return openCount[index] === 0;
  };
  const applyRules = (actions: TypeActions, event: EventIndex, time: Milliseconds, mark: number): void => {
    let decided = false;
    for (const { rule, matches } of actions.rules) {
      if (!matches(event)) continue;
      const fires = rule.key === null || closesLast(rule.index, rule.key.codeOf(event), mark);
      if (decided || !fires || rule.from[state] !== 1) continue;
      decided = true;
      move(rule.to, time, event);
    }
  };

  return (actor) => {
    const mark = actor + 1;
    moves.length = 0;
    moves.seen = false;
    state = 0;
    queue.clear();
    openCount.fill(0);
    const end = findEventsEnd(segment, actor, point.asOfMs);
    for (let event = segment.offsets[actor] ?? 0; event < end; event++) {
      const actions = journey.byType[segment.types[event] ?? 0] ?? null;
      if (actions === null && moves.seen) continue;
      if (point.exists !== null && !point.exists(event)) continue;
      moves.seen = true;
      if (actions === null) continue;
      const time = getTime(segment, event);
      passDeadlines(time, mark);
      applyBookkeeping(actions, event, time, mark);
      applyRules(actions, event, time, mark);
    }
    passDeadlines(point.endMs + 1, mark);
    return moves;
  };
}

function growMoves(moves: ActorMoves): void {
  const size = moves.times.length * 2;
  const times = new Float64Array(size);
  const states = new Uint8Array(size);
  const events = new Float64Array(size);
  times.set(moves.times);
  states.set(moves.states);
  events.set(moves.events);
  Object.assign(moves, { times, states, events });
}
