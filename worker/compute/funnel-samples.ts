const EMPTY = new Float64Array(0);
const SHARED_FROM = 8192;
/** A megabyte: larger arrays are not grown, another one is begun. */
const CHUNK = 131_072;
const HISTOGRAM_FROM = 16_384;
const BUCKETS = 16_384;

/** Durations in ms, collected one by one. Costs nothing while empty: a breakdown may have a hundred thousand of them. */
export class SampleBuffer {
  private readonly full: Float64Array[] = [];
  private values: Float64Array = EMPTY;
  private count = 0;

  push(value: number): void {
    if (this.count === this.values.length) this.makeRoom(1);
    this.values[this.count++] = value;
  }

  append(values: Float64Array): void {
    for (let from = 0; from < values.length;) {
      if (this.count === this.values.length) this.makeRoom(values.length - from);
      const piece = values.subarray(from, from + this.values.length - this.count);
      this.values.set(piece, this.count);
      this.count += piece.length;
      from += piece.length;
    }
  }

  /** Many of them lie in shared memory, so that they need not be copied to the thread that merges. */
  toArrays(): Samples {
    if (this.count === 0) return this.full;
    const rest = this.values.subarray(0, this.count);
    return [...this.full, this.count < SHARED_FROM ? rest.slice() : share(rest, this.count)];
  }

  private makeRoom(wanted: number): void {
    const length = Math.min(Math.max(2, wanted, this.count * 2), CHUNK);
    if (this.count === CHUNK) {
      this.full.push(this.values);
      this.values = EMPTY;
      this.count = 0;
    }
    this.values = length < SHARED_FROM ? copy(this.values, new Float64Array(length)) : share(this.values, length);
  }
}

function copy(values: Float64Array, into: Float64Array): Float64Array {
  into.set(values);
  return into;
}

const share = (values: Float64Array, length: number): Float64Array =>
  copy(values, new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * length)));

/** Durations in ms from several threads or groups. */
export type Samples = readonly Float64Array[];

/** In seconds. */
export interface SampleStats {
  readonly averageSeconds: number;
  readonly medianSeconds: number;
  readonly p90Seconds: number;
}

/**
 * Mean, median (of an even number the mean of the two middle values) and p90 by nearest rank; null without samples.
 */
export function getStats(samples: Samples): SampleStats | null {
  const n = samples.reduce((count, part) => count + part.length, 0);
  if (n === 0) return null;
  const ranks = [(n - 1) >>> 1, n >>> 1, Math.ceil(0.9 * n) - 1];
  const { mean, ranked } = n < HISTOGRAM_FROM ? bySelection(samples, n, ranks) : byHistogram(samples, n, ranks);
  const [lower = 0, upper = 0, p90 = 0] = ranked;
  const median = lower === upper ? upper : (upper + lower) / 2;
  return { averageSeconds: mean / 1000, medianSeconds: median / 1000, p90Seconds: p90 / 1000 };
}

interface Ranked {
  readonly mean: number;
  /** The values of the ranks asked for. */
  readonly ranked: readonly number[];
}

function bySelection(samples: Samples, n: number, ranks: readonly number[]): Ranked {
  const all = new Float64Array(n);
  let at = 0;
  for (const part of samples) {
    all.set(part, at);
    at += part.length;
  }
  let sum = 0;
  for (const value of all) sum += value;
  return { mean: sum / n, ranked: ranks.map((rank) => selectNth(all, rank)) };
}

/**
 * Values are counted into buckets of equal width; only those in the bucket of a rank are then looked at again.
 *
 *   values 1 7 3 9 8    buckets 0–4: 2, 5–9: 3    rank 2 is the smallest in the second bucket
 */
function byHistogram(samples: Samples, n: number, ranks: readonly number[]): Ranked {
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  const scale = BUCKETS / (max - min + 1);
  const counts = new Uint32Array(BUCKETS);
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const bucket = (((part[i] ?? 0) - min) * scale) | 0;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
  const places = ranks.map((rank) => {
    let bucket = 0;
    let before = 0;
    while (before + (counts[bucket] ?? n) <= rank) before += counts[bucket++] ?? 0;
    return { bucket, rank: rank - before };
  });
  const found = new Map(places.map(({ bucket }) => [bucket, new Float64Array(counts[bucket] ?? 0)]));
  fillBuckets(samples, found, min, scale);
  return { mean: sum / n, ranked: places.map(({ bucket, rank }) => selectNth(found.get(bucket) ?? EMPTY, rank)) };
}

/** The values of up to three buckets, in one pass. */
function fillBuckets(samples: Samples, found: ReadonlyMap<number, Float64Array>, min: number, scale: number): void {
  const [one = -1, two = -1, three = -1] = found.keys();
  const next = new Map<number, number>();
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0;
      const bucket = ((value - min) * scale) | 0;
      if (bucket !== one && bucket !== two && bucket !== three) continue;
      const at = next.get(bucket) ?? 0;
      const values = found.get(bucket) ?? EMPTY;
      values[at] = value;
      next.set(bucket, at + 1);
    }
}

/** The n-th smallest (from 0) in linear time; everything before position n is then not larger (Hoare's quickselect). */
export function selectNth(values: Float64Array, n: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low] ?? 0, values[(low + high) >>> 1] ?? 0, values[high] ?? 0);
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] ?? 0) < pivot) i++;
      while ((values[j] ?? 0) > pivot) j--;
      if (i > j) break;
      const value = values[i] ?? 0;
      values[i++] = values[j] ?? 0;
      values[j--] = value;
    }
    if (n <= j) high = j;
    else if (n >= i) low = i;
    else break;
  }
  return values[n] ?? Number.NaN;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
