import { getBaseOption, getValueAxis } from './base-option.ts';
import { formatCompact, formatNumber, formatShare } from '../widgets/format.ts';
import { mixColors, type ChartTheme } from './palette.ts';
import type { ChartPicture } from './picture.ts';

export interface HistogramBar {
  /** Below the bar. */
  readonly label: string;
  /** In the tooltip: `from 1 d to 2 d`. */
  readonly title: string;
  readonly value: number;
}
export interface HistogramInput {
  readonly bars: readonly HistogramBar[];
  readonly color: string;
  /** What is counted: `actors`. */
  readonly unit: string;
  /** What lies along the axis: `days active`, `time to convert`. */
  readonly axis: string;
}

/** Bars over ordered classes, each with its number on top while there is room. */
export function getHistogram(input: HistogramInput, theme: ChartTheme): ChartPicture {
  const sum = input.bars.reduce((total, bar) => total + bar.value, 0);
  return {
    kind: 'plain',
    option: {
      ...getBaseOption(theme),
      grid: { left: 8, right: 16, top: 32, bottom: 24, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: {
        type: 'category',
        data: input.bars.map((bar) => bar.label),
        name: input.axis,
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: { color: theme.muted, fontSize: 12 },
        axisLabel: { color: theme.muted, fontSize: 12, hideOverlap: true },
        axisLine: { lineStyle: { color: theme.borderStrong } },
        axisTick: { show: false },
      },
      yAxis: { ...getValueAxis(theme, input.unit), minInterval: 1 },
      tooltip: { trigger: 'item' },
      series: [
        {
          id: 'bars',
          type: 'bar',
          barMaxWidth: 56,
          barCategoryGap: '12%',
          itemStyle: { color: input.color },
          emphasis: { itemStyle: { color: mixColors(input.color, theme.text, 0.2) } },
          label: {
            show: input.bars.length <= 32,
            position: 'top',
            color: theme.muted,
            fontSize: 12,
            formatter: (p) => (Number(p.value) === 0 ? '' : formatCompact(Number(p.value))),
          },
          labelLayout: { hideOverlap: true },
          data: input.bars.map((bar) => bar.value),
        },
      ],
    },
    tip: ({ dataIndex }) => {
      const bar = input.bars[dataIndex];
      return bar === undefined
        ? null
        : {
            title: bar.title,
            rows: [
              {
                color: input.color,
                label: input.unit,
                value: formatNumber(bar.value),
                note: formatShare(sum === 0 ? Number.NaN : bar.value / sum),
              },
            ],
          };
    },
    table: {
      columns: [input.axis, input.unit, 'share'],
      rows: input.bars.map((bar) => [
        bar.title,
        formatNumber(bar.value),
        formatShare(sum === 0 ? Number.NaN : bar.value / sum),
      ]),
    },
  };
}
