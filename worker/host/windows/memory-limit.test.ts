import { expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { countBatches, countShards, countWindows, fitsBuild, fitsWhole, getMemoryLimit } from './memory-limit.ts';

const GB = { bytes: 1e9, pieces: null };

test('a limit comes from the option, else from the environment, else there is none', () => {
  expect(getMemoryLimit(5e8, undefined, '1GB')).toEqual({ bytes: 5e8, pieces: null });
  expect(getMemoryLimit(undefined, undefined, '1GB')).toEqual(GB);
  expect(getMemoryLimit(undefined, undefined, '')).toBeNull();
  expect(getMemoryLimit(undefined, 3, '')).toEqual({ bytes: Infinity, pieces: 3 });
});

test.each(['100MB', 'much'])('%s is refused with a hint', (text) => {
  expect(() => getMemoryLimit(undefined, undefined, text)).toThrow(EngineError);
});

test('small sources are not cut', () => {
  expect(fitsBuild(GB, 1_000_000)).toBe(true);
  expect(fitsWhole(GB, 10_000_000)).toBe(true);
});

test('large ones are cut so that what is in memory at a time fits', () => {
  expect(fitsBuild(GB, 50_000_000)).toBe(false);
  expect(fitsWhole(GB, 50_000_000)).toBe(false);
  expect(60 * (50e6 / countShards(GB, 50e6))).toBeLessThan(1e9);
  expect(2 * 110 * (50e6 / countBatches(GB, 2, 50e6))).toBeLessThan(1e9);
  expect(2e9 / countWindows(GB, 2e9, 1e8)).toBeLessThan(1e9);
});

test('pieces are as many as are asked for', () => {
  const limit = { bytes: Infinity, pieces: 7 };
  expect([countShards(limit, 10), countBatches(limit, 2, 10), countWindows(limit, 10, 0)]).toEqual([7, 7, 7]);
  expect(fitsBuild(limit, 1)).toBe(false);
});
