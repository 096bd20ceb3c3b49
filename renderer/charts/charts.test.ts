import { describe, expect, it } from 'vitest';
import { getNextMark } from './chart-marks.ts';
import { getCellColors, getColumnLabel, getHeatMap } from './heat-map.ts';
import { getHistogram } from './histogram.ts';
import { DARK_THEME, getContrast, getEventColors, getStateColors, LIGHT_THEME } from './palette.ts';
import { getEndLabels, getTimeSeries, type TimeSeriesInput } from './time-series.ts';

const input: TimeSeriesInput = {
  periods: ['2021-05-01', '2021-05-02', '2021-05-03'],
  interval: 'day',
  series: [
    { id: 'a', name: 'signup', color: '#157f8f', values: [10, 20, 15] },
    { id: 'b', name: 'payment', color: '#946000', values: [5, 0, 5] },
  ],
  shape: 'bar',
  stacked: true,
  unit: 'events',
  zone: 'UTC',
  unfinished: true,
  additive: true,
};

describe('palette', () => {
  it.each([
    ['light', LIGHT_THEME],
    ['dark', DARK_THEME],
  ])('keeps text at 4.5:1 and marks at 3:1 (%s)', (_, theme) => {
    for (const text of [theme.text, theme.muted]) expect(getContrast(text, theme.panel)).toBeGreaterThanOrEqual(4.5);
    for (const mark of [...theme.types, ...theme.stages, theme.remainder])
      expect(getContrast(mark, theme.panel)).toBeGreaterThanOrEqual(3);
  });
  it('keeps a type its hue, and gives the ninth the remainder colour', () => {
    const names = Array.from({ length: 10 }, (_, i) => `e${i}`);
    const colorOf = getEventColors(LIGHT_THEME, names);
    expect(colorOf('e0')).toBe('#157f8f');
    expect(colorOf('e8')).toBe(LIGHT_THEME.remainder);
    expect(colorOf('unknown')).toBe(LIGHT_THEME.remainder);
  });
  it('keeps the stage hues for the four stages', () => {
    const colorOf = getStateColors(LIGHT_THEME, ['Trial', 'Customer', 'Paused']);
    expect([colorOf('Customer'), colorOf('Trial'), colorOf('Paused')]).toEqual(['#0f8a68', '#157f8f', '#946000']);
  });
});

describe('getTimeSeries', () => {
  it('hatches the unfinished period and starts at zero', () => {
    const { option } = getTimeSeries(input, LIGHT_THEME);
    const [first] = option.series ?? [];
    expect(first?.data?.[0]).toBe(10);
    expect(first?.data?.[2]).toMatchObject({ value: 15, itemStyle: { decal: {} } });
    // Without `scale`, a value axis of echarts has zero in it.
    expect(option.yAxis).not.toHaveProperty('scale');
    expect(option.yAxis).not.toHaveProperty('min');
  });
  it('tells exact numbers, share and difference', () => {
    const tip = getTimeSeries(input, LIGHT_THEME).tip({ seriesId: null, dataIndex: 2 });
    expect(tip?.rows).toEqual([
      { color: '#157f8f', label: 'signup', value: '15', note: '75.0% · −5' },
      { color: '#946000', label: 'payment', value: '5', note: '25.0% · +5' },
      { label: 'Total', value: '20' },
    ]);
    expect(tip?.footer).toBe('This period has not ended.');
  });
  it('draws the unfinished end of a line as a dashed decoration', () => {
    const picture = getTimeSeries({ ...input, shape: 'line', stacked: false }, LIGHT_THEME);
    expect(picture.option.series?.map((s) => s.id)).toEqual(['a', '_body-a', '_tail-a', 'b', '_body-b', '_tail-b']);
    expect(getNextMark(picture, { seriesId: 'a', dataIndex: 2 }, 'ArrowUp')).toEqual({ seriesId: 'b', dataIndex: 2 });
    expect(getNextMark(picture, { seriesId: 'a', dataIndex: 2 }, 'ArrowRight')).toEqual({
      seriesId: 'a',
      dataIndex: 2,
    });
  });
  it('says the same as a table', () => {
    expect(getTimeSeries(input, LIGHT_THEME).table.rows[1]).toEqual(['May 2', '20', '0']);
  });
});

describe('labels', () => {
  it('names lines at their end while they are apart', () => {
    const lines = [100, 98, 50].map((v, i) => ({ id: `l${i}`, name: `l${i}`, color: '#000000', values: [v, v] }));
    expect([...getEndLabels({ ...input, shape: 'line', series: lines })]).toEqual(['l0', 'l2']);
  });
  it('breaks names of columns at their joints', () => {
    expect(getColumnLabel('payment_succeeded')).toBe('payment_\nsucceeded');
    expect(getColumnLabel('plan_changed')).toBe('plan_changed');
    expect(getColumnLabel('a_b_c_averyveryverylongone')).toBe('a_b_c_\naveryv…ngone');
  });
});

describe('getHistogram and getHeatMap', () => {
  it('gives shares of all', () => {
    const picture = getHistogram(
      {
        bars: [
          { label: '1', title: '1 day', value: 3 },
          { label: '2', title: '2 days', value: 1 },
        ],
        color: '#000000',
        unit: 'actors',
        axis: 'days',
      },
      LIGHT_THEME,
    );
    expect(picture.tip({ seriesId: 'bars', dataIndex: 0 })?.rows[0]).toMatchObject({ value: '3', note: '75.0%' });
  });
  it('picks the better of two text colours for every cell', () => {
    for (const theme of [LIGHT_THEME, DARK_THEME])
      for (let strength = 0; strength <= 1; strength += 0.05) {
        const { ground, text } = getCellColors(strength, theme.accent, theme);
        expect(getContrast(ground, text)).toBeGreaterThanOrEqual(4);
      }
  });
  it('moves by rows in a heat map', () => {
    const cells = [0, 1, 2, 3].map((i) => ({ row: i >> 1, column: i & 1, strength: 0.5, text: String(i) }));
    const picture = getHeatMap(
      {
        rows: ['a', 'b'],
        columns: ['x', 'y'],
        cells,
        color: '#000000',
        rowTitle: 'row',
        columnTitle: 'column',
        tip: (c) => ({ title: c.text, rows: [] }),
      },
      LIGHT_THEME,
    );
    expect(getNextMark(picture, { seriesId: 'cells', dataIndex: 1 }, 'ArrowDown')).toEqual({
      seriesId: 'cells',
      dataIndex: 3,
    });
    expect(picture.tip({ seriesId: 'cells', dataIndex: 3 })?.title).toBe('3');
  });
});
