import { describe, expect, it } from 'vitest';
import type { RollupResult, RollupSeries } from '../../../protocol/index.ts';
import { LIGHT_THEME } from '../../charts/palette.ts';
import { getRollupPicture, getRollupSelection } from './rollup-chart.ts';

const series = (value: string, events: number[], actors: number[]): RollupSeries => ({
  value,
  events,
  actors,
  totalEvents: events.reduce((a, b) => a + b, 0),
  totalActors: Math.max(...actors),
});
const result = {
  periods: ['2024-01-01', '2024-01-02'],
  timezone: 'UTC',
  unfinished: true,
  series: [series('a', [3, 1], [2, 1]), series('b', [1, 0], [1, 0])],
  total: series('', [4, 1], [2, 1]),
} as unknown as RollupResult;
const look = { shape: 'bar', colorOf: () => '#157f8f', unit: 'x' } as const;

describe('getRollupPicture', () => {
  it('stacks events, never unique actors', () => {
    const stacks = (measure: 'events' | 'actors') =>
      getRollupPicture(result, { interval: 'day' }, { ...look, measure }, LIGHT_THEME).option.series?.map((s) =>
        'stack' in s ? s.stack : undefined,
      );
    expect(stacks('events')).toEqual(['all', 'all']);
    expect(stacks('actors')).toEqual([undefined, undefined]);
  });
  it('has one bar a series over the whole range', () => {
    const { option } = getRollupPicture(result, { interval: 'total' }, { ...look, measure: 'events' }, LIGHT_THEME);
    expect(option.series?.[0]?.data).toEqual([4, 1]);
  });
});

describe('getRollupSelection', () => {
  it('means period and series, or the period over all', () => {
    const query = { interval: 'day', by: '$event' } as const;
    expect(getRollupSelection(result, query, { seriesId: 's1', dataIndex: 0 })).toEqual({
      selection: { period: '2024-01-01', series: 'b' },
      title: 'b, Jan 1, 2024',
    });
    expect(getRollupSelection(result, query, { seriesId: null, dataIndex: 1 })?.selection).toEqual({
      period: '2024-01-02',
    });
    expect(
      getRollupSelection(result, { interval: 'day', by: null }, { seriesId: 's0', dataIndex: 0 })?.selection,
    ).toEqual({ period: '2024-01-01' });
    expect(getRollupSelection(result, query, { seriesId: null, dataIndex: 9 })).toBeNull();
  });
});
