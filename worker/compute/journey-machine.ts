import { getTime, type ActorIndex, type EventIndex, type Milliseconds, type Segment } from '../segment/segment.ts';
import { createDeadlineQueue } from './deadline-queue.ts';
import { findEventsEnd } from './event-stream.ts';
import { getDeadline, type CompiledDeadline, type CompiledJourney, type TypeActions } from './journey-model.ts';
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
  add(time: Milliseconds, state: number, event: EventIndex): void;
}

export function createMoves(): ActorMoves {
  return {
    length: 0,
    times: new Float64Array(64),
    states: new Uint8Array(64),
    events: new Float64Array(64),
    seen: false,
    add(time, state, event) {
      if (this.length === this.times.length) growMoves(this);
      this.times[this.length] = time;
      this.states[this.length] = state;
      this.events[this.length++] = event;
    },
  };
}

/**
 * The machine: replays one actor's events after another.
 *
 *   invoice i1@0 (due @0 + 14 days)   payment i1@10d   → met, nothing happens
 *   invoice i1@0                      payment i1@15d   → Churn at 14d, Customer at 15d
 *
 * A deadline at the very time of an event comes after it.
 */
export class JourneyMachine {
  readonly #segment: Segment;
  readonly #journey: CompiledJourney;
  readonly #point: ViewPoint;
  readonly #queue = createDeadlineQueue();
  /** Per rule or deadline and object: the actor (+ 1) for whom it is open or met, so that nothing must be cleared. */
  readonly #open: readonly Uint32Array[];
  readonly #met: readonly Uint32Array[];
  readonly #openCount: number[];
  readonly #moves = createMoves();
  #state = 0;
  #mark = 0;

  constructor(segment: Segment, journey: CompiledJourney, point: ViewPoint) {
    this.#segment = segment;
    this.#journey = journey;
    this.#point = point;
    this.#open = journey.rules.map(({ key }) => new Uint32Array(key?.size ?? 0));
    this.#met = journey.deadlines.map(({ key }) => new Uint32Array(key.size));
    this.#openCount = journey.rules.map(() => 0);
  }

  /** Moves of an actor; valid until the next call. */
  run(actor: ActorIndex): ActorMoves {
    const { offsets, types } = this.#segment;
    const { exists, asOfMs, endMs } = this.#point;
    const moves = this.#moves;
    this.#reset(actor);
    const end = findEventsEnd(this.#segment, actor, asOfMs);
    for (let event = offsets[actor] ?? 0; event < end; event++) {
      const actions = this.#journey.byType[types[event] ?? 0] ?? null;
      if (actions === null && moves.seen) continue;
      if (exists !== null && !exists(event)) continue;
      moves.seen = true;
      if (actions !== null) this.#apply(actions, event, getTime(this.#segment, event));
    }
    this.#passDeadlines(endMs + 1);
    return moves;
  }

  #reset(actor: ActorIndex): void {
    this.#moves.length = 0;
    this.#moves.seen = false;
    this.#mark = actor + 1;
    this.#state = 0;
    this.#queue.clear();
    this.#openCount.fill(0);
  }

  #apply(actions: TypeActions, event: EventIndex, time: Milliseconds): void {
    // Events may lie behind knownAt (rows without a recorded time): what ran out between was not known yet.
    this.#passDeadlines(Math.min(time, this.#point.endMs + 1));
    this.#openObjects(actions, event);
    this.#trackDeadlines(actions, event, time);
    this.#applyRules(actions, event, time);
  }

  /** Moves by the deadlines before `time` that were not met. */
  #passDeadlines(time: Milliseconds): void {
    while (this.#queue.size() > 0 && this.#queue.firstTime() < time) {
      const { at, deadline, key } = this.#queue.take();
      const { from, to } = this.#journey.deadlines[deadline] as CompiledDeadline;
      if (this.#met[deadline]?.[key] !== this.#mark && from[this.#state] === 1) this.#move(to, at, -1);
    }
  }

  #openObjects(actions: TypeActions, event: EventIndex): void {
    for (const { rule, matches } of actions.opensObject) {
      const key = rule.key?.codeOf(event) ?? 0;
      const opened = this.#open[rule.index];
      if (opened === undefined || key === 0 || opened[key] === this.#mark || !matches(event)) continue;
      opened[key] = this.#mark;
      this.#openCount[rule.index] = (this.#openCount[rule.index] ?? 0) + 1;
    }
  }

  #trackDeadlines(actions: TypeActions, event: EventIndex, time: Milliseconds): void {
    for (const { deadline, matches } of actions.meets) {
      const stamps = this.#met[deadline.index];
      if (stamps !== undefined && matches(event)) stamps[deadline.key.codeOf(event)] = this.#mark;
    }
    for (const { deadline, matches } of actions.opensDeadline) {
      const key = deadline.key.codeOf(event);
      if (key !== 0 && matches(event)) this.#queue.add(getDeadline(deadline, event, time), deadline.index, key);
    }
  }

  /** The first rule that fits decides; closing an object is noted whether its rule decides or not. */
  #applyRules(actions: TypeActions, event: EventIndex, time: Milliseconds): void {
    let isDecided = false;
    for (const { rule, matches } of actions.rules) {
      if (!matches(event)) continue;
      const fires = rule.key === null || this.#closesLast(rule.index, rule.key.codeOf(event));
      if (isDecided || !fires || rule.from[this.#state] !== 1) continue;
      isDecided = true;
      this.#move(rule.to, time, event);
    }
  }

  /** Whether no object is open after this one closed. */
  #closesLast(rule: number, key: number): boolean {
    const opened = this.#open[rule];
    if (opened !== undefined && key !== 0 && opened[key] === this.#mark) {
      opened[key] = 0;
      this.#openCount[rule] = (this.#openCount[rule] ?? 0) - 1;
    }
    return this.#openCount[rule] === 0;
  }

  #move(to: number, time: Milliseconds, event: EventIndex): void {
    if (to === this.#state) return;
    this.#state = to;
    this.#moves.add(time, to, event);
  }
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
