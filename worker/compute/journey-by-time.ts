import type { Milliseconds } from '../segment/segment.ts';
import { makeCheckpoints, MAX_KINDS, QUARTER, toChange, type ChangesByTime } from './changes-by-time.ts';
import type { JourneyLog } from './journey-log.ts';

/** A log's changes once more in order of time. A kind is a change's position, from, to, and whether it is the actor's first of that pair. */
export interface JourneyByTime extends ChangesByTime {
  readonly kinds: readonly ChangeKind[];
  /** Time of the first change; Infinity without any. */
  readonly firstMs: Milliseconds;
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
    words[i] = toChange(kind, time - quarter * QUARTER);
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
    ...makeCheckpoints(changes, kinds.list.length),
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

function toShared<T extends Uint32Array | Uint16Array | Float64Array>(column: T): T {
  const Column = column.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new Column(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}
