import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { SampleBuffer, getStats, selectNth } from './funnel-samples.ts';

test('selectNth is the n-th of the sorted values, and what comes before is not larger', () => {
  const values = fc.array(fc.nat(20), { minLength: 1, maxLength: 60 });
  const property = fc.property(values, fc.nat(), (list, pick) => {
    const n = pick % list.length;
    const array = Float64Array.from(list);
    const got = selectNth(array, n);
    expect(got).toBe(list.toSorted((a, b) => a - b)[n]);
    expect(array.subarray(0, n).every((value) => value <= got)).toBe(true);
  });
  expect(fc.assert(property)).toBeUndefined();
});

test('stats are in seconds', () => {
  expect(getStats([Float64Array.of(1000, 4000), Float64Array.of(2000, 9000)])).toEqual({
    averageSeconds: 4,
    medianSeconds: 3,
    p90Seconds: 9,
  });
  expect(getStats([Float64Array.of(500)])).toEqual({ averageSeconds: 0.5, medianSeconds: 0.5, p90Seconds: 0.5 });
  expect(getStats([new Float64Array(0)])).toBeNull();
  expect(getStats([])).toBeNull();
});

test('stats of many are those of the sorted values', () => {
  const top = fc.constantFrom(0, 3, 1000, 2_000_000_000, 4e12);
  const property = fc.property(fc.nat(), fc.integer({ min: 16_384, max: 40_000 }), top, (seed, n, max) => {
    const random = randomOf(seed);
    const values = Float64Array.from({ length: n }, () => Math.floor(random() * (max + 1)));
    const sorted = values.toSorted();
    const at = (rank: number): number => (sorted[rank] ?? 0) / 1000;
    const cut = Math.floor(random() * n);
    expect(getStats([values.slice(0, cut), values.slice(cut)])).toEqual({
      averageSeconds: values.reduce((sum, value) => sum + value, 0) / n / 1000,
      medianSeconds: ((sorted[(n - 1) >>> 1] ?? 0) + (sorted[n >>> 1] ?? 0)) / 2 / 1000,
      p90Seconds: at(Math.ceil(0.9 * n) - 1),
    });
  });
  expect(fc.assert(property, { numRuns: 30 })).toBeUndefined();
});

test('buffers grow, by one and by many', () => {
  const buffer = new SampleBuffer();
  for (let i = 0; i < 100; i++) buffer.push(i);
  buffer.append(Float64Array.from({ length: 10_000 }, (_, i) => 100 + i));
  buffer.push(-1);
  const values = buffer.toArrays().flatMap((part) => [...part]);
  expect([values.length, values[99], values[100], values[10_099], values[10_100]]).toEqual([
    10_101, 99, 100, 10_099, -1,
  ]);
});
