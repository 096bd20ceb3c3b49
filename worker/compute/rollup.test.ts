import { describe, expect, test } from 'vitest';
import { toKernelSegment } from '../../tests/support/kernel-segment.ts';
import { runCompute, selectActors } from '../../tests/support/run-compute.ts';
import { segmentOf, type LogEvent } from '../../tests/support/timelines.ts';

const at = (time: string, actor: string, props: Record<string, unknown> = {}): LogEvent => ({
  actor,
  event: 'pay',
  time,
  props,
});

describe('rollup', () => {
  test('many intervals: the very first two events are of one actor in one interval', () => {
    const days = Array.from({ length: 300 }, (_, i) => new Date(Date.UTC(2021, 0, 2 + i)).toISOString());
    const log = [at('2021-01-01T01:00:00Z', 'a'), at('2021-01-01T02:00:00Z', 'a'), ...days.map((day) => at(day, 'b'))];
    for (const by of [null, '$event']) {
      const answer = runCompute(toKernelSegment(segmentOf(log)), { type: 'rollup', by });
      expect(answer.series[0]?.events[0]).toBe(2);
      expect(answer.series[0]?.actors[0]).toBe(1);
    }
  });
  test('days are local, the night the clock goes forward too', () => {
    const segment = segmentOf([
      at('2021-03-27T22:59:59Z', 'a'),
      at('2021-03-27T23:00:00Z', 'a'),
      at('2021-03-28T21:59:59Z', 'b'),
      at('2021-03-28T22:00:00Z', 'b'),
    ]);
    const answer = runCompute(segment, { type: 'rollup', timezone: 'Europe/Berlin' });
    expect(answer.periods).toEqual(['2021-03-27', '2021-03-28', '2021-03-29']);
    expect(answer.periodStarts[2]).toBe('2021-03-28T22:00:00.000Z');
    expect(answer.total.events).toEqual([1, 2, 1]);
    expect(answer.total.actors).toEqual([1, 2, 1]);
    expect(answer.unfinished).toBe(true);
  });
  test('a series that is called Other stays apart from the rest', () => {
    const segment = segmentOf([
      at('2021-01-01', 'a', { plan: 'Other' }),
      at('2021-01-01', 'b', { plan: 'Other' }),
      at('2021-01-01', 'a', { plan: 'x' }),
      at('2021-01-01', 'a'),
    ]);
    const query = { type: 'rollup', interval: 'total', by: 'plan', limit: 1 } as const;
    const answer = runCompute(segment, query);
    expect(answer.series.map((s) => [s.value, s.totalEvents, s.totalActors])).toEqual([
      ['Other', 2, 2],
      ['Other (rest)', 2, 1],
    ]);
    expect(selectActors<'rollup'>(segment, query, { series: 'Other' }, answer)).toEqual(['a', 'b']);
    expect(selectActors<'rollup'>(segment, query, { series: 'Other (rest)' }, answer)).toEqual(['a']);
  });
  test('sums do not show the rounding of binary fractions', () => {
    const segment = segmentOf(Array.from({ length: 10 }, (_, i) => at('2021-01-01', `u${i}`, { amount: 0.1 })));
    expect(runCompute(segment, { type: 'rollup', sum: 'amount' }, 3).total.sums).toEqual([1]);
  });
  test('a grid nobody could draw is refused', () => {
    const segment = segmentOf([at('2021-01-01', 'a')]);
    expect(() =>
      runCompute(segment, { type: 'rollup', interval: 'hour', dateRange: { from: '1900-01-01', to: '2021-01-01' } }),
    ).toThrow(expect.objectContaining({ code: 'E_LIMIT' }));
    expect(() =>
      selectActors<'rollup'>(
        segment,
        { type: 'rollup' },
        { period: '1999-01-01' },
        runCompute(segment, { type: 'rollup' }),
      ),
    ).toThrow(expect.objectContaining({ code: 'E_BAD_QUERY' }));
  });
});
