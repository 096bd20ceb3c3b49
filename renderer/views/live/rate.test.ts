import { describe, expect, it } from 'vitest';
import { BARS, getBars, getRate } from './rate.ts';

const NOW = 1_000_000;
const at = (secondsAgo: number, events: number) => ({ at: NOW - secondsAgo * 1_000, events });

describe('the rate of arrivals', () => {
  it('is nothing before the first look', () => expect(getRate([], NOW)).toBe(0));
  it('is that of the last ten seconds', () =>
    expect(getRate([at(60, 900), at(9, 30), at(5, 20), at(0, 10)], NOW)).toBe(6));
  it('is that since the first look while that is not long ago, which counts for nothing itself', () =>
    expect(getRate([at(4, 7), at(2, 8), at(0, 12)], NOW)).toBe(5));
});

describe('the bars', () => {
  it('sum arrivals of two seconds each, newest last', () => {
    const bars = getBars([at(119, 5), at(3, 2), at(2.5, 1), at(0, 4)], NOW);
    expect(bars).toHaveLength(BARS);
    expect([bars[0], bars.at(-2), bars.at(-1)]).toEqual([5, 3, 4]);
  });
  it('leave out what is too old', () => expect(getBars([at(121, 9)], NOW).reduce((sum, n) => sum + n, 0)).toBe(0));
});
