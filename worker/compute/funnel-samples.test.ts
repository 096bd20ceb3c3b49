import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleBuffer, concatSamples, getStats, selectNth } from './funnel-samples.ts';

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
  expect(getStats(Float64Array.of(1000, 4000, 2000, 9000))).toEqual({
    averageSeconds: 4,
    medianSeconds: 3,
    p90Seconds: 9,
  });
  expect(getStats(Float64Array.of(500))).toEqual({ averageSeconds: 0.5, medianSeconds: 0.5, p90Seconds: 0.5 });
  expect(getStats(new Float64Array(0))).toBeNull();
});

test('buffers grow and join', () => {
  const buffer = new SampleBuffer();
  for (let i = 0; i < 100; i++) buffer.push(i);
  const joined = concatSamples([buffer.toArray(), Float64Array.of(7)]);
  expect([joined.length, joined[99], joined[100]]).toEqual([101, 99, 7]);
});
