import { describe, expect, it } from 'vitest';
import type { FunnelResult, JourneyResult, RollupResult } from '../../../protocol/index.ts';
import { getEventRows, getStageRows, getStepRows } from './compared-rows.ts';

const funnel = (...counts: number[]): FunnelResult =>
  ({
    steps: counts.map((count, i) => ({ name: `s${i}`, count, conversionFromStart: count / (counts[0] ?? 1) })),
  }) as unknown as FunnelResult;
const journey = (sizes: Record<string, number>): JourneyResult =>
  ({ states: ['Lead', 'Customer'], sizes }) as unknown as JourneyResult;
const rollup = (events: Record<string, number>): RollupResult =>
  ({
    series: Object.entries(events).map(([value, totalEvents]) => ({ value, totalEvents })),
  }) as unknown as RollupResult;

describe('numbers of two sources', () => {
  it('are steps by place, each with its share of its own first step', () =>
    expect(getStepRows([funnel(10, 5), funnel(40, 10)])).toEqual([
      { name: 's0', counts: [10, 40], shares: [1, 1] },
      { name: 's1', counts: [5, 10], shares: [0.5, 0.25] },
    ]));

  it('are stages of all in a stage', () =>
    expect(getStageRows([journey({ Lead: 1, Customer: 3 }), journey({ Lead: 2 })])).toEqual([
      { name: 'Lead', counts: [1, 2], shares: [0.25, 1] },
      { name: 'Customer', counts: [3, 0], shares: [0.75, 0] },
    ]));

  it('are events of either source, each once', () =>
    expect(
      getEventRows([rollup({ a: 3, b: 1 }), rollup({ b: 1, c: 1 })]).map(({ name, counts }) => [name, counts]),
    ).toEqual([
      ['a', [3, 0]],
      ['b', [1, 1]],
      ['c', [0, 1]],
    ]));

  it('say nothing where there is nothing to share', () =>
    expect(getEventRows([rollup({ a: 1 }), rollup({})])[0]?.shares).toEqual([1, Number.NaN]));
});
