import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../protocol/index.ts';
import { reportDone } from './control.ts';
import { ARRANGING, READING, RequestScope } from './request-scope.ts';

const seen: Progress[] = [];
let scope: RequestScope;
beforeEach(() => {
  vi.useFakeTimers();
  seen.length = 0;
  scope = new RequestScope('r', null, (progress) => seen.push(progress));
});
afterEach(() => {
  scope.end();
  vi.useRealTimers();
});
/** Every 100 ms that much more is done. */
function work(slot: number, ticks: readonly number[]): void {
  for (const done of ticks) {
    reportDone(scope.control, slot, done);
    vi.advanceTimersByTime(100);
  }
}

describe('progress', () => {
  it('counts speed from the first row, and guesses the rest once there is something to guess from', () => {
    scope.begin('scan', 'rows', 10_000);
    work(0, [0, 0, 0, 100, 200, 300]);
    expect(seen.map((p) => [p.done, p.perSecond, p.etaMs])).toEqual([
      [0, 0, null],
      [100, 1_000, null],
      [200, 1_000, null],
      [300, 1_000, 9_700],
    ]);
  });

  it('is told steadily, and follows the speed of the last seconds', () => {
    scope.begin('scan', 'rows', 100_000);
    work(0, [1_000, 2_000, 2_000, 2_000]);
    expect(seen.map((p) => p.done)).toEqual([1_000, 2_000, 2_000, 2_000]);
    work(
      0,
      Array.from({ length: 40 }, (_, i) => 2_000 + 100 * (i + 1)),
    );
    expect(seen.at(-1)).toMatchObject({ done: 6_000, perSecond: 1_000, etaMs: 94_000 });
  });

  it('of a reading and its arranging only grows, in rows, and ends with all', () => {
    scope.begin('scan', 'rows', 1_000, READING);
    work(0, [400, 800, 990]);
    scope.begin('build', 'rows', 2_970, ARRANGING);
    work(1, [0, 1_000, 2_970]);
    const done = seen.map((p) => p.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.map((p) => [p.phase, p.total])).toEqual([
      ...Array.from({ length: 3 }, () => ['scan', 1_000]),
      ...Array.from({ length: 3 }, () => ['build', 1_000]),
    ]);
    expect(seen.at(-1)?.done).toBe(1_000);
    expect(seen.every((p) => p.perSecond > 0)).toBe(true);
  });

  it('never shows more than all, and nothing once it was stopped', () => {
    scope.begin('scan', 'rows', 100);
    work(0, [50, 130]);
    expect(seen.map((p) => p.done)).toEqual([50, 100]);
    scope.stop();
    work(0, [140]);
    expect(seen.length).toBe(2);
  });

  it('of work without a known end has no rest', () => {
    scope.begin('inspect', 'rows', null);
    work(0, [10, 20, 30, 40, 50]);
    expect(seen.at(-1)).toMatchObject({ done: 50, total: null, perSecond: 100, etaMs: null });
  });
});
