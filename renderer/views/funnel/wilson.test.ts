import { describe, expect, it } from 'vitest';
import { drawnInterval, wilsonInterval } from './wilson.ts';

const rounded = (i: readonly [number, number] | null): number[] | null => i && i.map((x) => Math.round(x * 1e4) / 1e4);

describe('Wilson interval', () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, trials, low, high) => {
    expect(rounded(wilsonInterval(successes, trials))).toEqual([low, high]);
  });
  it('says nothing about nothing', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
  });
  it('is drawn for few actors only', () => {
    expect(drawnInterval(50, 100)).not.toBeNull();
    expect(drawnInterval(5000, 10_000)).toBeNull();
    expect(drawnInterval(0, 0)).toBeNull();
  });
});
