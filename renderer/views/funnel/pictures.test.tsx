import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import type { FunnelResult, FunnelTrendPoint } from '../../../protocol/index.ts';
import '../../theme/global-styles.ts';
import { theme } from '../../theme/mantine-theme.ts';
import { TimeToConvert } from './TimeToConvert.tsx';
import { Trend } from './Trend.tsx';

const show = async (element: ReactElement): Promise<void> => {
  await render(
    <MantineProvider theme={theme} env="test">
      {element}
    </MantineProvider>,
  );
};
const texts = (): string => [...document.querySelectorAll('svg text')].map((t) => t.textContent).join('|');

describe('time to convert', () => {
  // SEMANTICS funnel rule 13: two classes of one hour and the row that closes them.
  const result = {
    bins: [
      [0, 30],
      [3600, 10],
      [7200, 0],
    ],
    averageSeconds: 2500,
    medianSeconds: 1800,
    p90Seconds: 6000,
  } as unknown as FunnelResult;
  it('draws the classes, marks mean, median and p90, and opens the actors of a class', async () => {
    const onSelect = vi.fn<(bin: number, title: string) => void>();
    await show(<TimeToConvert result={result} color="#157f8f" width={600} height={300} onSelect={onSelect} />);
    expect(document.querySelectorAll('[data-mark]')).toHaveLength(2);
    expect(texts()).toContain('median 30 min');
    expect(texts()).toContain('mean 41 min 40 s');
    expect(texts()).toContain('90% within 1 h 40 min');
    await page.getByRole('button', { name: /^1 h to 2 h. Actors: 10, 25.0%. Up to here: 100.0%/ }).click();
    expect(onSelect).toHaveBeenCalledWith(1, '1 h to 2 h');
  });
  it('draws times that are all equal', async () => {
    const equal = {
      bins: [
        [86_400, 5],
        [86_460, 0],
      ],
      averageSeconds: 86_400,
      medianSeconds: 86_400,
      p90Seconds: 86_400,
    } as unknown as FunnelResult;
    await show(<TimeToConvert result={equal} color="#157f8f" width={600} height={300} onSelect={() => undefined} />);
    expect(document.querySelectorAll('[data-mark]')).toHaveLength(1);
    expect(document.querySelector('svg')?.outerHTML).not.toContain('NaN');
  });
});

describe('trend', () => {
  const point = (period: string, from: number, to: number, unfinished = false): FunnelTrendPoint => ({
    period,
    from,
    to,
    rate: from === 0 ? 0 : (100 * to) / from,
    unfinished,
  });
  const points = [
    point('2026-01-01', 10, 5),
    point('2026-01-02', 0, 0),
    point('2026-01-03', 20, 4),
    point('2026-01-04', 20, 2, true),
  ];
  const draw = (onSelect = vi.fn<(period: string) => void>()) =>
    show(
      <Trend
        series={[{ label: 'All actors', color: '#157f8f', group: null, points }]}
        interval="day"
        timezone="Europe/Berlin"
        width={600}
        height={300}
        onSelect={onSelect}
      />,
    );
  it('says the zone, hatches what is unfinished and says so', async () => {
    await draw();
    expect(texts()).toContain('Day of entry, Europe/Berlin');
    expect(texts()).toContain('window still open');
    expect(document.querySelectorAll('rect[fill^="url(#trend"]')).toHaveLength(1);
    expect(
      page
        .getByRole('button', { name: /All actors: 10.0%, 2 of 20. The window of some entries was still open/ })
        .query(),
    ).not.toBeNull();
  });
  it('breaks the line where nobody entered, and dashes it into the unfinished period', async () => {
    await draw();
    const [solid, dashed] = [...document.querySelectorAll('path[stroke-width="2"]')];
    expect(solid?.getAttribute('d') ?? '').toBe('');
    expect(dashed?.getAttribute('d')?.match(/M/g)).toHaveLength(1);
  });
  it('opens the actors of a period', async () => {
    const onSelect = vi.fn<(period: string) => void>();
    await draw(onSelect);
    await page.getByRole('button', { name: /All actors: 20.0%, 4 of 20/ }).click();
    expect(onSelect).toHaveBeenCalledWith('2026-01-03');
  });
});
