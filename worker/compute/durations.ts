import type { Milliseconds } from '../segment/segment.ts';

/** Durations by group, in no order inside it. Whole ms, not negative. */
export interface Durations {
  /** groupCount + 1 */
  readonly offsets: Float64Array;
  readonly values: Float64Array;
}
export interface DurationCollector {
  /** `group` below 256. */
  readonly add: (group: number, value: Milliseconds) => void;
  readonly freeze: (groupCount: number) => Durations;
}
export interface DurationSummary {
  readonly averageMs: number;
  /** Mean of the two middle values where the number is even (funnel rule 6). */
  readonly medianMs: number;
  /** By nearest rank: the smallest value with at least 90 % of all values at or below it. */
  readonly p90Ms: number;
}

export function createDurationCollector(): DurationCollector {
  let groups = new Uint8Array(1024);
  let values = new Float64Array(1024);
  let length = 0;
  const add = (group: number, value: Milliseconds): void => {
    if (length === groups.length) {
      const [oldGroups, oldValues] = [groups, values];
      (groups = new Uint8Array(length * 2)).set(oldGroups);
      (values = new Float64Array(length * 2)).set(oldValues);
    }
    groups[length] = group;
    values[length++] = value;
  };
  return { add, freeze: (groupCount) => putIntoGroups(groups, values, length, groupCount) };
}

function putIntoGroups(groups: Uint8Array, values: Float64Array, length: number, groupCount: number): Durations {
  const offsets = new Float64Array(groupCount + 1);
  for (let i = 0; i < length; i++) {
    const at = (groups[i] ?? 0) + 1;
    offsets[at] = (offsets[at] ?? 0) + 1;
  }
  for (let i = 0; i < groupCount; i++) offsets[i + 1] = (offsets[i + 1] ?? 0) + (offsets[i] ?? 0);
  const next = offsets.slice();
  const grouped = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const group = groups[i] ?? 0;
    const at = next[group] ?? 0;
    grouped[at] = values[i] ?? 0;
    next[group] = at + 1;
  }
  return { offsets, values: grouped };
}

export const getDurations = ({ offsets, values }: Durations, group: number): Float64Array =>
  values.subarray(offsets[group], offsets[group + 1]);

/** Zeros without values. */
export function summarizeDurations(parts: readonly Float64Array[]): DurationSummary {
  const count = parts.reduce((n, part) => n + part.length, 0);
  if (count === 0) return { averageMs: 0, medianMs: 0, p90Ms: 0 };
  let sum = 0;
  for (const part of parts) for (let i = 0; i < part.length; i++) sum += part[i] ?? 0;
  const ranks = [Math.floor((count - 1) / 2), Math.floor(count / 2), Math.max(0, Math.ceil(count * 0.9) - 1)];
  const [low = 0, high = 0, p90 = 0] = selectRanks(parts, ranks);
  return { averageMs: sum / count, medianMs: (low + high) / 2, p90Ms: p90 };
}

const BUCKETS = 4096;
/** Below this, sorting is cheaper than counting. */
const SORT_AT_MOST = 8192;

/**
 * The values of some 0-based ascending ranks, without sorting all: values are counted into buckets of equal width, and
 * only the buckets that hold a rank are looked into, in the same way.
 *
 *   7 1 9 4 2 8   ranks 2, 3   buckets of 3: [1 2 | 4 | 7 8 | 9]   → 4 in the second, 7 in the third
 */
export function selectRanks(parts: readonly Float64Array[], ranks: readonly number[]): number[] {
  const count = parts.reduce((n, part) => n + part.length, 0);
  if (count <= SORT_AT_MOST) {
    const sorted = concat(parts, count).sort();
    return ranks.map((rank) => sorted[rank] ?? 0);
  }
  const { min, max } = getExtremes(parts);
  if (min === max) return ranks.map(() => min);
  const width = (max - min + 1) / BUCKETS;
  const counts = new Uint32Array(BUCKETS);
  for (const part of parts)
    for (let i = 0; i < part.length; i++) {
      const bucket = Math.floor(((part[i] ?? 0) - min) / width);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
  const found = new Map<number, number>();
  for (const { bucket, before } of findBuckets(counts, ranks)) {
    const inside = ranks.filter((rank) => rank >= before && rank < before + (counts[bucket] ?? 0));
    const values = pick(parts, counts[bucket] ?? 0, (value) => Math.floor((value - min) / width) === bucket);
    const selected = selectRanks(
      [values],
      inside.map((rank) => rank - before),
    );
    inside.forEach((rank, i) => found.set(rank, selected[i] ?? 0));
  }
  return ranks.map((rank) => found.get(rank) ?? 0);
}

function concat(parts: readonly Float64Array[], count: number): Float64Array {
  const all = new Float64Array(count);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function getExtremes(parts: readonly Float64Array[]): { readonly min: number; readonly max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const part of parts)
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  return { min, max };
}

/** Buckets that hold a rank, and how many values lie before them. */
function findBuckets(
  counts: Uint32Array,
  ranks: readonly number[],
): { readonly bucket: number; readonly before: number }[] {
  const found: { readonly bucket: number; readonly before: number }[] = [];
  let before = 0;
  counts.forEach((count, bucket) => {
    const start = before;
    before += count;
    if (ranks.some((rank) => rank >= start && rank < start + count)) found.push({ bucket, before: start });
  });
  return found;
}

function pick(parts: readonly Float64Array[], count: number, fits: (value: number) => boolean): Float64Array {
  const picked = new Float64Array(count);
  let at = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i++) {
      const value = part[i] ?? 0;
      if (fits(value)) picked[at++] = value;
    }
  return picked;
}
