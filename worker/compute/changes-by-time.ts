import type { Milliseconds } from '../segment/segment.ts';

/**
 * Changes in order of time, for counts as of any moment by look-up. What a change is to a count is a kind, a small number;
 * a count as of T is a sum over kinds of how many there were up to T:
 *
 *   quarter hour     0             1       2             starts  0 2 3
 *   changes          [k1 k0]       [k1]    [k2 k0 k0]    kind << 20 | ms since the quarter began, in no order inside it
 *   checkpoints      [0 0 0]               [1 2 0]       changes of each kind before every `every`th change
 *
 * A look-up reads one checkpoint, at most `every` changes and those of the last quarter hour. 4 bytes a change.
 */
export interface ChangesByTime {
  readonly kinds: { readonly length: number };
  /** Number of the first quarter hour since the epoch. */
  readonly firstQuarter: number;
  /** First change of each quarter hour, and one more. */
  readonly starts: Uint32Array;
  readonly changes: Uint32Array;
  readonly every: number;
  /** By [checkpoint * kinds + kind]. */
  readonly checkpoints: Uint32Array;
  /** Changes after the last quarter hour, by kind; their times. */
  readonly lateTimes: Float64Array;
  readonly lateKinds: Uint16Array;
}

export const QUARTER: Milliseconds = 900_000;
const MS_BITS = 20;
const MS_MASK = (1 << MS_BITS) - 1;
export const MAX_KINDS = 1 << (32 - MS_BITS);
const LEAST_BETWEEN = 1024;

/** A change of a kind at a moment of a quarter hour. */
export const toChange = (kind: number, ms: Milliseconds): number => ((kind << MS_BITS) | ms) >>> 0;

/** Checkpoints take a byte a change at most. */
export function makeCheckpoints(changes: Uint32Array, kinds: number): Pick<ChangesByTime, 'every' | 'checkpoints'> {
  const every = Math.max(LEAST_BETWEEN, 4 * kinds);
  const rows = Math.floor(changes.length / every) + 1;
  const checkpoints = new Uint32Array(new SharedArrayBuffer(4 * rows * kinds));
  const counts = new Uint32Array(kinds);
  for (let i = 0; i <= changes.length; i++) {
    if (i % every === 0) checkpoints.set(counts, (i / every) * kinds);
    if (i === changes.length) break;
    add(counts, (changes[i] ?? 0) >>> MS_BITS);
  }
  return { every, checkpoints };
}

/** Counts as of one moment after the other; fastest when they ascend. */
export class ChangeCursor {
  readonly #index: ChangesByTime;
  /** Of the changes before #at. */
  readonly #before: Uint32Array;
  readonly #counts: Uint32Array;
  #at = 0;

  constructor(index: ChangesByTime) {
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
    const { changes, checkpoints, every, kinds } = this.#index;
    const checkpoint = Math.floor(to / every);
    if (to < this.#at || checkpoint * every > this.#at) {
      this.#before.set(checkpoints.subarray(checkpoint * kinds.length, (checkpoint + 1) * kinds.length));
      this.#at = checkpoint * every;
    }
    for (; this.#at < to; this.#at++) add(this.#before, (changes[this.#at] ?? 0) >>> MS_BITS);
  }
}

function add(counts: Uint32Array, kind: number): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}
