import { describe, expect, it } from 'vitest';
import { getDropPlace } from './use-reorder.ts';

describe('where a dragged item lands', () => {
  const middles = [10, 30, 70];
  it('passes an item at its middle', () => {
    expect([0, 29, 31, 69, 71, 500].map((y) => getDropPlace(0, y, middles))).toEqual([0, 0, 1, 1, 2, 2]);
    expect([500, 29, 11, 9, -5].map((y) => getDropPlace(2, y, middles))).toEqual([2, 1, 1, 0, 0]);
  });
  it('stays where it is for a small move', () => {
    expect(getDropPlace(1, 32, middles)).toBe(1);
    expect(getDropPlace(0, 9, [10])).toBe(0);
  });
});
