import { describe, expect, test } from 'vitest';
import { createSampleCollector, getAverage, getGroup, getMedian, getPercentile } from './sample-groups.ts';

const groupOf = (values: readonly number[]): Float64Array => {
  const samples = createSampleCollector();
  for (const value of values) samples.add(1, value);
  samples.add(0, 7);
  return getGroup(samples.freeze(2), 1);
};

describe('quantiles over several threads', () => {
  test('are those of all values together', () => {
    const parts = [groupOf([9, 1, 5]), groupOf([]), groupOf([3, 3, 100])];
    expect([getMedian(parts), getPercentile(parts, 0.9), getAverage(parts)]).toEqual([4, 100, 121 / 6]);
    expect(getMedian([groupOf([5, 1, 9])])).toBe(5);
  });
  test('of nothing are 0', () => {
    expect([getMedian([]), getPercentile([groupOf([])], 0.9), getAverage([])]).toEqual([0, 0, 0]);
  });
  test('p90 by nearest rank', () => {
    expect(getPercentile([groupOf([1, 2, 3, 4, 5]), groupOf([6, 7, 8, 9, 10])], 0.9)).toBe(9);
  });
});
