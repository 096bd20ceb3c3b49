import { createRef } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { page, userEvent } from 'vitest/browser';
// Loaded on demand in the window; named here so that the test server prepares them before the first test.
import './echarts-heatmap.ts';
import './echarts-svg.ts';
import { Chart, type ChartHandle } from './Chart.tsx';
import { getHeatMap } from './heat-map.ts';
import { LIGHT_THEME } from './palette.ts';
import { getTimeSeries } from './time-series.ts';

const picture = getTimeSeries(
  {
    periods: ['2024-01-01', '2024-01-02', '2024-01-03'],
    interval: 'day',
    series: [{ id: 'a', name: '<b>signup</b>', color: '#157f8f', values: [1, 2, 3] }],
    shape: 'bar',
    stacked: true,
    unit: 'events',
    zone: 'UTC',
    unfinished: true,
  },
  LIGHT_THEME,
);

async function draw(onSelect = vi.fn<(...what: unknown[]) => void>()) {
  const chart = createRef<ChartHandle>();
  await render(
    <div style={{ width: 480, height: 240 }}>
      <Chart {...picture} ref={chart} label="Events per day" onSelect={onSelect} />
    </div>,
  );
  await vi.waitFor(() => expect(document.querySelector('canvas')).not.toBeNull(), 15_000);
  return { chart, onSelect };
}

describe('Chart', () => {
  it('is walked by arrow keys, says each mark, and opens by Enter', async () => {
    const { onSelect } = await draw();
    page.getByRole('application').element().focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect
      .element(page.getByText('Jan 3, 2024 (UTC). <b>signup</b>: 3, +1. This period has not ended.'))
      .toBeInTheDocument();
    await userEvent.keyboard('{ArrowLeft}{Enter}');
    expect(onSelect).toHaveBeenCalledWith({ seriesId: 'a', dataIndex: 1 }, { value: null });
  });

  it('shows names from files as text, never as markup', async () => {
    await draw();
    page.getByRole('application').element().focus();
    await userEvent.keyboard('{ArrowLeft}');
    await vi.waitFor(() =>
      expect([...document.querySelectorAll('span')].some((s) => s.textContent === '<b>signup</b>')).toBe(true),
    );
    expect(document.querySelector('[data-chart] b')).toBeNull();
  });

  it('tells the same as a table', async () => {
    await draw();
    await expect.element(page.getByRole('table', { name: 'Events per day' })).toBeInTheDocument();
    expect(
      page
        .getByRole('row')
        .elements()
        .map((row) => row.textContent),
    ).toEqual(['Period<b>signup</b>', 'Jan 11', 'Jan 22', 'Jan 33']);
  });

  it('gives SVG text and a PNG of twice the size', async () => {
    const { chart } = await draw();
    const svg = (await chart.current?.getSvg()) ?? '';
    expect(svg).toMatch(/^<svg[^>]*width="480"/);
    expect(svg).toContain('Jan 2');
    expect(svg).toContain('Events per day');
    const png = await createImageBitmap((await chart.current?.getPng()) ?? new Blob());
    // Taller by the title; one series needs no legend.
    expect([png.width, png.height]).toEqual([960, 544]);
  });

  it('draws and exports heat maps', async () => {
    const chart = createRef<ChartHandle>();
    const map = getHeatMap(
      {
        rows: ['a'],
        columns: ['x', 'y'],
        cells: [
          { row: 0, column: 0, strength: 1, text: 'seven' },
          { row: 0, column: 1, strength: 0.2, text: '' },
        ],
        color: '#157f8f',
        rowTitle: 'from',
        columnTitle: 'to',
        tip: () => ({ title: 't', rows: [] }),
      },
      LIGHT_THEME,
    );
    await render(
      <div style={{ width: 300, height: 120 }}>
        <Chart {...map} ref={chart} label="Matrix" />
      </div>,
    );
    await vi.waitFor(() => expect(document.querySelector('[data-chart] svg')).not.toBeNull(), 15_000);
    expect(await chart.current?.getSvg()).toContain('seven');
  });
});
