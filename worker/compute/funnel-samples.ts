const EMPTY = new Float64Array(0);

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

  toArray(): Float64Array {
    return this.values.slice(0, this.count);
  }
}

export function concatSamples(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** In seconds. */
export interface SampleStats {
  readonly averageSeconds: number;
  readonly medianSeconds: number;
  readonly p90Seconds: number;
}

/**
 * Mean, median (of an even number the mean of the two middle values) and p90 by nearest rank; null without samples.
 * Reorders the samples.
 */
export function getStats(samples: Float64Array): SampleStats | null {
  const n = samples.length;
  if (n === 0) return null;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  const upper = selectNth(samples, n >>> 1);
  const median = n % 2 === 1 ? upper : (upper + maxOf(samples, n >>> 1)) / 2;
  const p90 = selectNth(samples, Math.ceil(0.9 * n) - 1);
  return { averageSeconds: mean / 1000, medianSeconds: median / 1000, p90Seconds: p90 / 1000 };
}

function maxOf(samples: Float64Array, end: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < end; i++) max = Math.max(max, samples[i] ?? 0);
  return max;
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
