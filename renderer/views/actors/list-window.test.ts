import { describe, expect, it } from 'vitest';
import { getListWindow, getNextRow, getScrollTo, MAX_HEIGHT, ROW_HEIGHT } from './list-window.ts';

describe('rows on the screen', () => {
  it('of a short list are all of them', () => {
    expect(getListWindow(3, 0, 500)).toEqual({ height: 132, from: 0, to: 3, top: 0 });
    expect(getListWindow(0, 0, 500)).toEqual({ height: 0, from: 0, to: 0, top: 0 });
  });
  it('stand where they would stand in the whole list', () => {
    const w = getListWindow(10_000, 4400, 440);
    expect([w.from, w.to]).toEqual([96, 114]);
    expect(w.top).toBeCloseTo(96 * ROW_HEIGHT);
  });
  it('reach both ends of three million rows although the element cannot be that high', () => {
    const total = 3_000_000;
    expect(getListWindow(total, 0, 440).from).toBe(0);
    const end = getListWindow(total, MAX_HEIGHT - 440, 440);
    expect(end).toMatchObject({ height: MAX_HEIGHT, to: total });
    // The last row ends at the lower edge of the element.
    expect(end.top + (total - end.from) * ROW_HEIGHT).toBeCloseTo(MAX_HEIGHT, 3);
  });
});

describe('keys', () => {
  it('move inside the list', () => {
    expect([
      getNextRow(10, 3, 'ArrowDown', 5),
      getNextRow(10, 0, 'ArrowUp', 5),
      getNextRow(10, 8, 'PageDown', 5),
      getNextRow(10, 8, 'Home', 5),
      getNextRow(10, 0, 'End', 5),
    ]).toEqual([4, 0, 9, 0, 9]);
    expect(getNextRow(10, 3, 'a', 5)).toBeNull();
    expect(getNextRow(0, 0, 'End', 5)).toBeNull();
  });
  it('bring the row into sight and move no more than needed', () => {
    expect(getScrollTo(1000, 5, 0, 440)).toBe(0);
    expect(getScrollTo(1000, 10, 0, 440)).toBe(ROW_HEIGHT);
    expect(getScrollTo(1000, 2, 440, 440)).toBe(2 * ROW_HEIGHT);
    expect(getScrollTo(5, 4, 0, 440)).toBe(0);
  });
  it('every row of a squeezed list can be brought into sight', () => {
    const total = 3_000_000;
    for (const row of [0, 1, 77_777, 1_500_000, total - 1]) {
      const at = getScrollTo(total, row, 0, 440);
      const { from, to } = getListWindow(total, at, 440);
      expect(row).toBeGreaterThanOrEqual(from);
      expect(row).toBeLessThan(to);
    }
  });
});
