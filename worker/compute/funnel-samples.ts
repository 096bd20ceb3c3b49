const EMPTY = new Float64Array(0);
const SHARED_FROM = 8192;
const HISTOGRAM_FROM = 16_384;
const BUCKETS = 16_384;

/** Durations in ms, collected one by one. Costs nothing while empty: a breakdown may have a hundred thousand of them. */
export class SampleBuffer {
  private values = EMPTY;
  private count = 0;

  push(value: number): void {
    if (this.count === this.values.length) {
      const grown = new Float64Array(Math.max(2, this.count * 2));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = value;
  }

  append(values: Float64Array): void {
    const needed = this.count + values.length;
    if (needed > this.values.length) {
      const grown = new Float64Array(Math.max(needed, this.count * 2));
      grown.set(this.values);
      this.values = grown;
    }
    this.values.set(values, this.count);
    this.count = needed;
  }

  /** Many of them lie in shared memory, so that they need not be copied to the thread that merges. */
  toArray(): Float64Array {
    const values = this.values.subarray(0, this.count);
    if (this.count < SHARED_FROM) return values.slice();
    const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
    shared.set(values);
    return shared;
  }
}

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
  const ranked = ranks.map((rank) => {
    let bucket = 0;
    let before = 0;
    while (before + (counts[bucket] ?? n) <= rank) before += counts[bucket++] ?? 0;
    return selectNth(collectBucket(samples, bucket, counts[bucket] ?? 0, min, scale), rank - before);
  });
  return { mean: sum / n, ranked };
}

function collectBucket(samples: Samples, bucket: number, count: number, min: number, scale: number): Float64Array {
  const found = new Float64Array(count);
  let at = 0;
  for (const part of samples)
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0;
      if ((((value - min) * scale) | 0) === bucket) found[at++] = value;
    }
  return found;
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
