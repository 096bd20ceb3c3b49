import { describe, expect, it } from 'vitest';
import { getTicks, getTimeTicks, spreadLabels } from './time-layout.ts';

describe('axes', () => {
  it('have few round numbers from zero past the maximum', () => {
    expect(getTicks(87, 4)).toEqual([0, 25, 50, 75, 100]);
    expect(getTicks(100, 4)).toEqual([0, 25, 50, 75, 100]);
    expect(getTicks(0.3, 4)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(getTicks(0, 4)).toEqual([0]);
  });
  it('of time have minutes, hours and days', () => {
    expect(getTimeTicks(0, 7200, 4)).toEqual([0, 1800, 3600, 5400, 7200]);
    expect(getTimeTicks(100, 260_000, 4)).toEqual([86_400, 172_800, 259_200]);
    expect(getTimeTicks(5, 5, 4)).toEqual([5]);
  });
});

describe('labels on one line', () => {
  it('stay where they are when there is room', () => {
    expect(
      spreadLabels(
        [
          { at: 0, width: 10 },
          { at: 50, width: 10 },
        ],
        4,
        100,
      ),
    ).toEqual([0, 50]);
  });
  it('never meet, keep their order and stay inside', () => {
    expect(
      spreadLabels(
        [
          { at: 55, width: 20 },
          { at: 50, width: 20 },
        ],
        4,
        100,
      ),
    ).toEqual([74, 50]);
    expect(
      spreadLabels(
        [
          { at: 90, width: 20 },
          { at: 80, width: 20 },
        ],
        4,
        100,
      ),
    ).toEqual([80, 56]);
  });
});
