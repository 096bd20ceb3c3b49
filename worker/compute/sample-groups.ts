import type { Milliseconds } from '../segment/segment.ts';

/**
 * Durations by group, ascending inside each group, in shared memory: threads sort their own, and quantiles over
 * several threads need no further sorting. Values are whole ms.
 */
export interface SampleGroups {
  /** groupCount + 1 */
  readonly offsets: Float64Array;
  readonly values: Float64Array;
}

export interface SampleCollector {
  readonly add: (group: number, value: Milliseconds) => void;
  readonly freeze: (groupCount: number) => SampleGroups;
}

export function createSampleCollector(): SampleCollector {
  let groups = new Uint32Array(1024);
  let values = new Float64Array(1024);
  let length = 0;
  const add = (group: number, value: Milliseconds): void => {
    if (length === groups.length) {
      const [oldGroups, oldValues] = [groups, values];
      (groups = new Uint32Array(length * 2)).set(oldGroups);
      (values = new Float64Array(length * 2)).set(oldValues);
    }
    groups[length] = group;
    values[length++] = value;
  };
  return { add, freeze: (groupCount) => sortIntoGroups(groups.subarray(0, length), values, groupCount) };
}

function sortIntoGroups(groups: Uint32Array, values: Float64Array, groupCount: number): SampleGroups {
  const offsets = new Float64Array(groupCount + 1);
  for (const group of groups) offsets[group + 1] = (offsets[group + 1] ?? 0) + 1;
  for (let i = 0; i < groupCount; i++) offsets[i + 1] = (offsets[i + 1] ?? 0) + (offsets[i] ?? 0);
  const next = offsets.slice();
  const sorted = new Float64Array(new SharedArrayBuffer(8 * groups.length));
  groups.forEach((group, i) => {
    const at = next[group] ?? 0;
    sorted[at] = values[i] ?? 0;
    next[group] = at + 1;
  });
  for (let i = 0; i < groupCount; i++) sorted.subarray(offsets[i], offsets[i + 1]).sort();
  return { offsets, values: sorted };
}

/** One group's values in one thread's partial. */
export function getGroup({ offsets, values }: SampleGroups, group: number): Float64Array {
  return values.subarray(offsets[group], offsets[group + 1]);
}

/** Mean of the two middle values where the number is even (funnel rule 6); 0 without values. */
export function getMedian(parts: readonly Float64Array[]): Milliseconds {
  const count = countAll(parts);
  if (count === 0) return 0;
  return (getRanked(parts, Math.floor((count - 1) / 2)) + getRanked(parts, Math.floor(count / 2))) / 2;
}

/** By nearest rank: the smallest value with at least `share` of all values at or below it; 0 without values. */
export function getPercentile(parts: readonly Float64Array[], share: number): Milliseconds {
  const count = countAll(parts);
  return count === 0 ? 0 : getRanked(parts, Math.max(0, Math.ceil(count * share) - 1));
}

export function getAverage(parts: readonly Float64Array[]): Milliseconds {
  const count = countAll(parts);
  let sum = 0;
  for (const part of parts) for (const value of part) sum += value;
  return count === 0 ? 0 : sum / count;
}

const countAll = (parts: readonly Float64Array[]): number => parts.reduce((n, part) => n + part.length, 0);

/** The value of a 0-based rank over several ascending arrays: bisection over whole ms. */
function getRanked(parts: readonly Float64Array[], rank: number): Milliseconds {
  let low = Math.min(...parts.map((part) => part[0] ?? Number.POSITIVE_INFINITY));
  let high = Math.max(...parts.map((part) => part.at(-1) ?? Number.NEGATIVE_INFINITY));
  while (low < high) {
    const mid = Math.floor((low + high) / 2);
    if (parts.reduce((n, part) => n + countUpTo(part, mid), 0) > rank) high = mid;
    else low = mid + 1;
  }
  return low;
}

function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((sorted[mid] ?? 0) <= value) low = mid + 1;
    else high = mid;
  }
  return low;
}
