import type { LifecycleResult, RetentionResult, StickinessResult } from '../../../protocol/index.ts';
import { getHeatMap, type HeatCell } from '../../charts/heat-map.ts';
import { getHistogram } from '../../charts/histogram.ts';
import { getBaseOption, getValueAxis } from '../../charts/base-option.ts';
import type { ChartTheme } from '../../charts/palette.ts';
import type { ChartPicture } from '../../charts/picture.ts';
import { getPeriodTitle, getPeriodLabel } from '../../charts/period-text.ts';
import { getTimeSeries } from '../../charts/time-series.ts';
import { formatCompact, formatCount, formatNumber, formatShare } from '../../widgets/format.ts';

type Interval = 'hour' | 'day' | 'week' | 'month';
const unitOf = (interval: Interval): string => interval[0]?.toUpperCase() + interval.slice(1);

export interface CohortMap {
  readonly picture: ChartPicture;
  /** Cohort and interval of each cell. */
  readonly cells: readonly { readonly cohort: number; readonly interval: number }[];
  readonly rowCount: number;
}

/** Was the interval `interval` of a cohort still running at the end of the data? The last diagonal may be. */
const isUnfinished = (result: RetentionResult, cohort: number, interval: number): boolean =>
  result.unfinished && cohort + interval === result.matrix.length - 1;

/** Rows are cohorts with their size, columns how many intervals later; shares are of the cohort. */
export function getCohortMap(
  result: RetentionResult,
  interval: Interval,
  shows: 'share' | 'count',
  theme: ChartTheme,
): CohortMap {
  const width = Math.max(1, ...result.matrix.map((row) => row.length));
  const cells = result.matrix.flatMap((_, cohort) =>
    Array.from({ length: width }, (__, k) => ({ cohort, interval: k })),
  );
  const sizeOf = (cohort: number): number => result.matrix[cohort]?.[0] ?? 0;
  // Colour by the returns: the first column is always everybody.
  const most = Math.max(1e-9, ...result.matrix.flatMap((row) => row.slice(1).map((n) => n / Math.max(1, row[0] ?? 1))));
  const rows = result.periodStarts
    .slice(0, result.matrix.length)
    .map((start, i) => `${getPeriodLabel(start, interval)}  ·  ${formatCompact(sizeOf(i))}`);
  const heat = cells.map(({ cohort, interval: k }): HeatCell => {
    const value = result.matrix[cohort]?.[k];
    const at = { row: cohort, column: k };
    if (value === undefined || sizeOf(cohort) === 0) return { ...at, strength: 0, text: '' };
    const share = value / sizeOf(cohort);
    return {
      ...at,
      strength: k === 0 ? 0 : share / most,
      text: shows === 'share' ? (k === 0 ? '100%' : formatShare(share)) : formatCompact(value),
      unfinished: isUnfinished(result, cohort, k),
    };
  });
  const picture = getHeatMap(
    {
      rows,
      columns: Array.from({ length: width }, (_, k) => `${unitOf(interval)} ${k}`),
      cells: heat,
      color: theme.stages[2],
      rowTitle: 'cohort · size',
      columnTitle: '',
      tip: (cell) => {
        const value = result.matrix[cell.row]?.[cell.column] ?? 0;
        const size = sizeOf(cell.row);
        return {
          title: `${getPeriodTitle(result.periodStarts[cell.row] ?? '', interval)}, ${interval} ${cell.column}`,
          rows:
            cell.column === 0
              ? [{ label: 'Cohort', value: formatCount(value) }]
              : [
                  { label: 'Returned', value: formatCount(value), note: formatShare(value / size) },
                  { label: 'Did not', value: formatCount(size - value), note: formatShare(1 - value / size) },
                  { label: 'Cohort', value: formatCount(size) },
                ],
          ...(cell.unfinished === true ? { footer: 'This interval has not ended.' } : {}),
        };
      },
    },
    theme,
  );
  return { picture, cells, rowCount: result.matrix.length };
}

export interface CurvePoint {
  readonly interval: number;
  readonly returned: number;
  readonly size: number;
  /** Wilson interval at 95 %, 0..1. */
  readonly low: number;
  readonly high: number;
}
/** All cohorts together, over those that have finished the interval. */
export function getRetentionCurve(result: RetentionResult): readonly CurvePoint[] {
  const width = Math.max(0, ...result.matrix.map((row) => row.length));
  return Array.from({ length: width }, (_, interval): CurvePoint => {
    const rows = result.matrix.filter(
      (row, cohort) => interval < row.length && !isUnfinished(result, cohort, interval),
    );
    const returned = rows.reduce((sum, row) => sum + (row[interval] ?? 0), 0);
    const size = rows.reduce((sum, row) => sum + (row[0] ?? 0), 0);
    return { interval, returned, size, ...getWilson(returned, size) };
  }).filter((point) => point.size > 0);
}

/** Bounds of a share of few: Wilson score interval, z = 1.96. */
export function getWilson(count: number, size: number): { low: number; high: number } {
  if (size === 0) return { low: 0, high: 1 };
  const z2 = 1.96 ** 2;
  const share = count / size;
  const middle = (share + z2 / (2 * size)) / (1 + z2 / size);
  const half = (1.96 * Math.sqrt((share * (1 - share)) / size + z2 / (4 * size * size))) / (1 + z2 / size);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export function getCurvePicture(points: readonly CurvePoint[], interval: Interval, theme: ChartTheme): ChartPicture {
  const color = theme.stages[2];
  const percent = (share: number): number => share * 100;
  const axis = { color: theme.muted, fontSize: 12 };
  return {
    kind: 'plain',
    option: {
      ...getBaseOption(theme),
      grid: { left: 8, right: 24, top: 32, bottom: 24, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: points.map((p) => String(p.interval)),
        name: `${interval}s since the first`,
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: axis,
        axisLabel: axis,
        axisLine: { lineStyle: { color: theme.borderStrong } },
        axisTick: { show: false },
      },
      yAxis: { ...getValueAxis(theme, '% of the cohort', (v) => String(v)), max: 100, interval: 25 },
      tooltip: { trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: theme.borderStrong } } },
      series: [
        {
          id: 'curve',
          type: 'line',
          data: points.map((p) => percent(p.returned / p.size)),
          symbol: 'circle',
          symbolSize: 6,
          showSymbol: true,
          lineStyle: { color, width: 2 },
          itemStyle: { color },
          z: 3,
          label: {
            show: points.length <= 16,
            position: 'top',
            color: theme.text,
            fontSize: 12,
            formatter: (p) => (p.dataIndex === 0 ? '' : formatShare(Number(p.value) / 100)),
          },
          labelLayout: { hideOverlap: true },
        },
        {
          id: '_low',
          type: 'line',
          data: points.map((p) => percent(p.low)),
          stack: 'band',
          symbol: 'none',
          silent: true,
          lineStyle: { opacity: 0 },
          tooltip: { show: false },
        },
        {
          id: '_band',
          type: 'line',
          data: points.map((p) => percent(p.high - p.low)),
          stack: 'band',
          symbol: 'none',
          silent: true,
          lineStyle: { opacity: 0 },
          areaStyle: { color, opacity: 0.18 },
          tooltip: { show: false },
        },
      ],
    },
    tip: ({ dataIndex }) => {
      const point = points[dataIndex];
      return point === undefined
        ? null
        : {
            title: `${unitOf(interval)} ${point.interval}`,
            rows: [
              {
                color,
                label: 'Returned',
                value: formatNumber(point.returned),
                note: formatShare(point.returned / point.size),
              },
              { label: 'Of cohorts that got so far', value: formatNumber(point.size) },
              { label: '95 % interval', value: `${formatShare(point.low)} to ${formatShare(point.high)}` },
            ],
          };
    },
    table: {
      columns: [interval, 'returned', 'of', 'share'],
      rows: points.map((p) => [
        String(p.interval),
        formatNumber(p.returned),
        formatNumber(p.size),
        formatShare(p.returned / p.size),
      ]),
    },
  };
}

/** New, returning, resurrecting above zero, dormant below. */
export const LIFECYCLE_TEXT = {
  new: 'New',
  returning: 'Returning',
  resurrecting: 'Resurrecting',
  dormant: 'Dormant',
} as const;
export type LifecycleColors = Readonly<Record<keyof typeof LIFECYCLE_TEXT, string>>;
/** Not the stage hues: those mean the stages and nothing else. */
export const getLifecycleColors = (theme: ChartTheme): LifecycleColors => ({
  new: theme.types[0] ?? '',
  returning: theme.types[6] ?? '',
  resurrecting: theme.types[1] ?? '',
  dormant: theme.remainder,
});

export function getLifecyclePicture(result: LifecycleResult, interval: Interval, theme: ChartTheme): ChartPicture {
  const colors = getLifecycleColors(theme);
  const order = ['returning', 'new', 'resurrecting', 'dormant'] as const;
  return getTimeSeries(
    {
      periods: result.periods,
      interval,
      series: order.map((id) => ({ id, name: LIFECYCLE_TEXT[id], color: colors[id], values: result.series[id] })),
      shape: 'bar',
      stacked: true,
      unit: 'actors',
      zone: result.timezone,
      unfinished: result.unfinished,
      axisText: (v) => formatCompact(Math.abs(v)),
      valueText: (v) => formatNumber(Math.abs(v)),
    },
    theme,
  );
}

export function getStickinessPicture(result: StickinessResult, interval: Interval, theme: ChartTheme): ChartPicture {
  return getHistogram(
    {
      bars: result.actorsByActiveIntervals.map((value, i) => ({
        label: String(i + 1),
        title: `Active in ${i + 1} ${interval}${i === 0 ? '' : 's'}`,
        value,
      })),
      color: theme.types[0] ?? theme.accent,
      unit: 'actors',
      axis: `${interval}s active`,
    },
    theme,
  );
}
