import { describe, expect, it } from 'vitest';
import type { LifecycleResult, RetentionResult } from '../../../protocol/index.ts';
import { LIGHT_THEME } from '../../charts/palette.ts';
import { getCohortMap, getLifecyclePicture, getRetentionCurve, getWilson } from './retention-chart.ts';

const result = {
  matrix: [[10, 5, 2], [20, 8], [4]],
  periodStarts: ['2024-01-01T00:00:00+00:00', '2024-01-08T00:00:00+00:00', '2024-01-15T00:00:00+00:00'],
  unfinished: true,
} as unknown as RetentionResult;

describe('getCohortMap', () => {
  const map = getCohortMap(result, 'week', 'share', LIGHT_THEME);
  it('has one cell a cohort and interval, empty where time has not come', () => {
    expect(map.cells).toHaveLength(9);
    expect(map.picture.tip({ seriesId: 'cells', dataIndex: 8 })).toBeNull();
  });
  it('tells counts and shares of the cohort, and which interval still runs', () => {
    expect(map.picture.tip({ seriesId: 'cells', dataIndex: 4 })).toMatchObject({
      title: 'Week of Jan 8, 2024, week 1',
      rows: [{ label: 'Returned', value: '8', note: '40.0%' }, { value: '12', note: '60.0%' }, { value: '20' }],
      footer: 'This interval has not ended.',
    });
    expect(map.picture.tip({ seriesId: 'cells', dataIndex: 1 })).not.toHaveProperty('footer');
  });
  it('prints sizes with the cohorts', () => {
    expect(map.picture.table.rows[0]).toEqual(['Jan 1  ·  10', '100%', '50.0%', '20.0%']);
  });
});

describe('getRetentionCurve', () => {
  it('is over cohorts that have finished the interval', () => {
    expect(getRetentionCurve(result).map((p) => [p.interval, p.returned, p.size])).toEqual([
      [0, 30, 30],
      [1, 5, 10],
    ]);
  });
  it('states uncertainty', () => {
    const { low, high } = getWilson(5, 10);
    expect(low).toBeCloseTo(0.2366, 3);
    expect(high).toBeCloseTo(0.7634, 3);
    expect(getWilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('getLifecyclePicture', () => {
  it('keeps dormant below zero and names it without a sign', () => {
    const lifecycle = {
      periods: ['2024-01-01'],
      series: { new: [3], returning: [1], resurrecting: [0], dormant: [-2] },
      unfinished: false,
      timezone: 'UTC',
    } as unknown as LifecycleResult;
    const picture = getLifecyclePicture(lifecycle, 'week', LIGHT_THEME);
    expect(picture.option.series?.find((s) => s.id === 'dormant')?.data).toEqual([-2]);
    expect(picture.tip({ seriesId: null, dataIndex: 0 })?.rows.find((r) => r.label === 'Dormant')?.value).toBe('2');
  });
});
