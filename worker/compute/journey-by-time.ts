import type { Milliseconds } from '../segment/segment.ts';
import type { JourneyLog } from './journey-log.ts';

/**
 * A log's changes once more in order of time, for counts as of any moment by look-up. What a change is to a count (its
 * position, from, to, whether it is the actor's first of that pair) is a kind, a small number; a count as of T is a sum
 * over kinds of how many there were up to T:
 *
 *   quarter hour     0             1       2             starts  0 2 3
 *   changes          [k1 k0]       [k1]    [k2 k0 k0]    kind << 20 | ms since the quarter began, in no order inside it
 *   checkpoints      [0 0 0]               [1 2 0]       changes of each kind before every 1024th change
 *
 * A look-up reads one checkpoint and at most 1024 changes and those of the last quarter hour. 4 bytes a change.
 */
export interface JourneyByTime {
  readonly kinds: readonly ChangeKind[];
  /** Time of the first change; Infinity without any. */
  readonly firstMs: Milliseconds;
  /** Number of the first quarter hour since the epoch. */
  readonly firstQuarter: number;
  /** First change of each quarter hour, and one more. */
  readonly starts: Uint32Array;
  readonly changes: Uint32Array;
  /** By [checkpoint * kinds + kind]. */
  readonly checkpoints: Uint32Array;
  /** Changes after the last quarter hour, by kind; their times. */
  readonly lateTimes: Float64Array;
  readonly lateKinds: Uint16Array;
}
export interface ChangeKind {
  /** 1 = the actor's first state; beyond POSITION_LIMIT they are not told apart. 0 = it is seen, in no state. */
  readonly position: number;
  readonly from: number;
  readonly to: number;
  /** The actor's first move of this pair. */
  readonly isFirst: boolean;
  /** The actor is seen for the first time. */
  readonly appears: boolean;
}

/** One more than the most positions a question can ask for. */
export const POSITION_LIMIT = 22;
const QUARTER: Milliseconds = 900_000;
const MS_BITS = 20;
const MS_MASK = (1 << MS_BITS) - 1;
const MAX_KINDS = 1 << (32 - MS_BITS);
const CHECKPOINT = 1024;
/** Deadlines later than this after the last event (a due date in the year 9999) are few and have no quarter hours. */
const LATE_AFTER: Milliseconds = 366 * 86_400_000;

/** `stateCount` with none. null = more kinds than can be told apart: such a model is counted from the log itself. */
export function indexByTime(log: JourneyLog, stateCount: number, lastEventMs: Milliseconds): JourneyByTime | null {
  const { times } = log;
  const span = getSpan(times);
  const firstQuarter = times.length === 0 ? 0 : Math.floor(span.first / QUARTER);
  const lastQuarter = Math.floor(Math.min(span.last, lastEventMs + LATE_AFTER) / QUARTER);
  const quarters = times.length === 0 ? 0 : lastQuarter - firstQuarter + 1;
  const kinds = new KindIndex(stateCount);
  const words = new Uint32Array(times.length);
  const counts = new Uint32Array(quarters + 1);
  const lateFrom = (firstQuarter + quarters) * QUARTER;
  const late: { readonly time: Milliseconds; readonly kind: number }[] = [];
  eachKind(log, kinds, (i, kind) => {
    const time = times[i] ?? 0;
    if (time >= lateFrom) {
      late.push({ time, kind });
      return;
    }
    const quarter = Math.floor(time / QUARTER);
    words[i] = (kind << MS_BITS) | (time - quarter * QUARTER);
    const at = quarter - firstQuarter + 1;
    counts[at] = (counts[at] ?? 0) + 1;
  });
  if (kinds.list.length > MAX_KINDS) return null;
  for (let q = 0; q < quarters; q++) counts[q + 1] = (counts[q + 1] ?? 0) + (counts[q] ?? 0);
  const changes = scatter(times, words, counts, firstQuarter, lateFrom);
  return {
    kinds: kinds.list,
    firstMs: span.first,
    firstQuarter,
    starts: toShared(counts),
    changes,
    checkpoints: makeCheckpoints(changes, kinds.list.length),
    lateTimes: toShared(Float64Array.from(late, ({ time }) => time)),
    lateKinds: toShared(Uint16Array.from(late, ({ kind }) => kind)),
  };
}

function getSpan(times: Float64Array): { readonly first: Milliseconds; readonly last: Milliseconds } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return { first, last };
}

/** Numbers the kinds that occur. */
class KindIndex {
  readonly list: ChangeKind[] = [];
  readonly #ids: Int32Array;
  readonly #states: number;

  constructor(states: number) {
    this.#states = states;
    this.#ids = new Int32Array((POSITION_LIMIT + 1) * states * states * 4);
  }

  idOf(position: number, from: number, to: number, isFirst: boolean, appears: boolean): number {
    const states = this.#states;
    const key = (((position * states + from) * states + to) << 2) | (isFirst ? 2 : 0) | (appears ? 1 : 0);
    const known = this.#ids[key] ?? 0;
    if (known > 0) return known - 1;
    this.#ids[key] = this.list.push({ position, from, to, isFirst, appears });
    return this.list.length - 1;
  }
}

function eachKind(
  { offsets, states }: JourneyLog,
  kinds: KindIndex,
  visit: (change: number, kind: number) => void,
): void {
  // By pair: the actor (+ 1) who made it last.
  const made = new Uint32Array(256);
  for (let actor = 0; actor + 1 < offsets.length; actor++) {
    const start = offsets[actor] ?? 0;
    const end = offsets[actor + 1] ?? 0;
    let from = 0;
    let position = 0;
    for (let i = start; i < end; i++) {
      const to = states[i] ?? 0;
      if (to !== 0 && position < POSITION_LIMIT) position++;
      const pair = (from << 4) | to;
      const isFirst = made[pair] !== actor + 1;
      made[pair] = actor + 1;
      visit(i, kinds.idOf(position, from, to, isFirst, i === start));
      from = to;
    }
  }
}

function scatter(
  times: Float64Array,
  words: Uint32Array,
  starts: Uint32Array,
  firstQuarter: number,
  lateFrom: Milliseconds,
): Uint32Array {
  const next = starts.slice();
  const changes = new Uint32Array(new SharedArrayBuffer(4 * (starts[starts.length - 1] ?? 0)));
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time >= lateFrom) continue;
    const quarter = Math.floor(time / QUARTER) - firstQuarter;
    const at = next[quarter] ?? 0;
    changes[at] = words[i] ?? 0;
    next[quarter] = at + 1;
  }
  return changes;
}

function makeCheckpoints(changes: Uint32Array, kinds: number): Uint32Array {
  const rows = Math.floor(changes.length / CHECKPOINT) + 1;
  const checkpoints = new Uint32Array(new SharedArrayBuffer(4 * rows * kinds));
  const counts = new Uint32Array(kinds);
  for (let i = 0; i <= changes.length; i++) {
    if (i % CHECKPOINT === 0) checkpoints.set(counts, (i / CHECKPOINT) * kinds);
    if (i === changes.length) break;
    const kind = (changes[i] ?? 0) >>> MS_BITS;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return checkpoints;
}

function toShared<T extends Uint32Array | Uint16Array | Float64Array>(column: T): T {
  const Column = column.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Column(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

/** Counts as of one moment after the other; fastest when they ascend. */
export class ChangeCursor {
  readonly #index: JourneyByTime;
  /** Of the changes before #at. */
  readonly #before: Uint32Array;
  readonly #counts: Uint32Array;
  #at = 0;

  constructor(index: JourneyByTime) {
    this.#index = index;
    this.#before = new Uint32Array(index.kinds.length);
    this.#counts = new Uint32Array(index.kinds.length);
  }

  /** Changes up to and with `time`, by kind; valid until the next call. */
  countUpTo(time: Milliseconds): Uint32Array {
    const { starts, changes, firstQuarter, lateTimes, lateKinds } = this.#index;
    const quarters = starts.length - 1;
    const whole = Math.floor(time / QUARTER);
    const quarter = Math.max(0, Math.min(whole - firstQuarter, quarters));
    const isInside = whole - firstQuarter >= 0 && whole - firstQuarter < quarters;
    this.#seek(starts[quarter] ?? 0);
    const counts = this.#counts;
    counts.set(this.#before);
    const end = isInside ? (starts[quarter + 1] ?? 0) : this.#at;
    const ms = time - whole * QUARTER;
    for (let i = this.#at; i < end; i++) {
      const change = changes[i] ?? 0;
      if ((change & MS_MASK) <= ms) add(counts, change >>> MS_BITS);
    }
    if (quarter === quarters)
      for (let i = 0; i < lateTimes.length; i++) if ((lateTimes[i] ?? 0) <= time) add(counts, lateKinds[i] ?? 0);
    return counts;
  }

  #seek(to: number): void {
    const { changes, checkpoints, kinds } = this.#index;
    const checkpoint = Math.floor(to / CHECKPOINT);
    if (to < this.#at || checkpoint * CHECKPOINT > this.#at) {
      this.#before.set(checkpoints.subarray(checkpoint * kinds.length, (checkpoint + 1) * kinds.length));
      this.#at = checkpoint * CHECKPOINT;
    }
    for (; this.#at < to; this.#at++) add(this.#before, (changes[this.#at] ?? 0) >>> MS_BITS);
  }
}

function add(counts: Uint32Array, kind: number): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}
