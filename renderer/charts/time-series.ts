import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import { getBaseOption, getHatch, getTimeAxis, getValueAxis } from './base-option.ts';
import { formatCompact, formatNumber, formatShare } from '../widgets/format.ts';
import { getPeriodLabel, getPeriodTitle, type PeriodInterval } from './period-text.ts';
import { mixColors, type ChartTheme } from './palette.ts';
import type { ChartOption, ChartPicture, Tip } from './picture.ts';

export interface TimeSeries {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** One value a period; null where there is none. */
  readonly values: readonly (number | null)[];
}
export interface TimeSeriesInput {
  /** Local interval starts. */
  readonly periods: readonly string[];
  readonly interval: PeriodInterval;
  readonly series: readonly TimeSeries[];
  readonly shape: 'bar' | 'line' | 'area';
  readonly stacked: boolean;
  /** Said above the value axis: `events`, `actors`, `% of actors`. */
  readonly unit: string;
  readonly zone: string;
  /** The last period had not ended: its bars are hatched, its line is dashed. */
  readonly unfinished: boolean;
  readonly axisText?: (value: number) => string;
  readonly valueText?: (value: number) => string;
  /** Shares of the sum in tooltips; wrong for numbers that do not add up (unique actors). */
  readonly additive?: boolean;
}

/** Bars, lines or stacked areas over time. Series named in the tip are those that were not zero. */
export function getTimeSeries(input: TimeSeriesInput, theme: ChartTheme): ChartPicture {
  const labelled = getEndLabels(input);
  const option: ChartOption = {
    ...getBaseOption(theme),
    grid: {
      left: 8,
      right: labelled.size > 0 ? 120 : 16,
      top: 32,
      bottom: 22,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      ...getTimeAxis(theme, input.periods, input.interval, input.shape === 'bar'),
      name: input.zone,
      nameLocation: 'end',
      nameGap: 0,
      nameTextStyle: { color: theme.muted, fontSize: 12, align: 'right', verticalAlign: 'top', padding: [26, 0, 0, 0] },
    },
    yAxis: {
      ...getValueAxis(theme, input.unit, input.axisText ?? formatCompact),
      // Counts have no halves.
      ...(input.axisText === undefined ? { minInterval: 1 } : {}),
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: {
        type: input.shape === 'bar' ? 'shadow' : 'line',
        lineStyle: { color: theme.borderStrong },
        shadowStyle: { color: mixColors(theme.panel, theme.border, 0.5), opacity: 0.5 },
      },
    },
    series: input.series.flatMap((series): (BarSeriesOption | LineSeriesOption)[] =>
      input.shape === 'bar' ? [getBars(series, input, theme)] : getLines(series, input, theme, labelled),
    ),
  };
  return { kind: 'plain', option, tip: (mark) => getTip(input, mark.dataIndex), table: getTable(input) };
}

function getBars(series: TimeSeries, input: TimeSeriesInput, theme: ChartTheme): BarSeriesOption {
  const last = input.periods.length - 1;
  return {
    id: series.id,
    name: series.name,
    type: 'bar',
    ...(input.stacked ? { stack: 'all', stackStrategy: 'samesign' } : {}),
    barMaxWidth: 48,
    barCategoryGap: input.periods.length > 60 ? '10%' : '25%',
    itemStyle: { color: series.color },
    emphasis: { focus: 'none', itemStyle: { color: mixColors(series.color, theme.text, 0.2) } },
    data: series.values.map((value, i) =>
      input.unfinished && i === last ? { value, itemStyle: getHatch(theme, series.color) } : value,
    ),
  };
}

/** Part of the plot's height that a direct label needs. */
const LABEL_SHARE = 0.07;
/** Which lines get their name at their end: the uppermost first, as long as no two are too close. The legend has all. */
export function getEndLabels(input: TimeSeriesInput): ReadonlySet<string> {
  if (input.shape !== 'line' || input.series.length < 2) return new Set();
  const most = Math.max(1e-9, ...input.series.flatMap((s) => s.values.map((v) => v ?? 0)));
  const ends = input.series
    .map((s) => ({ id: s.id, at: (s.values.at(-1) ?? 0) / most }))
    .toSorted((a, b) => b.at - a.at);
  const kept: typeof ends = [];
  for (const end of ends) if (kept.every((other) => Math.abs(other.at - end.at) >= LABEL_SHARE)) kept.push(end);
  return new Set(kept.map((end) => end.id));
}

/** The unfinished end of a line is a dashed twin that carries no marks of its own. */
function getLines(
  series: TimeSeries,
  input: TimeSeriesInput,
  theme: ChartTheme,
  labelled: ReadonlySet<string>,
): LineSeriesOption[] {
  const cut =
    input.unfinished && !input.stacked && input.periods.length > 1 ? series.values.length - 1 : series.values.length;
  const common = {
    type: 'line',
    showSymbol: false,
    symbolSize: 7,
    itemStyle: { color: series.color },
  } satisfies Partial<LineSeriesOption>;
  const main: LineSeriesOption = {
    ...common,
    id: series.id,
    name: series.name,
    showSymbol: input.periods.length <= 31,
    symbol: 'circle',
    symbolSize: 5,
    lineStyle: { color: series.color, width: input.shape === 'area' ? 1 : 2 },
    ...(input.stacked ? { stack: 'all' } : {}),
    ...(input.shape === 'area' ? { areaStyle: { color: series.color, opacity: 0.75 }, showSymbol: false } : {}),
    emphasis: { focus: 'none' },
    data: series.values.map((value, i) =>
      i < cut
        ? value
        : { value: value ?? '-', itemStyle: { color: theme.panel, borderColor: series.color, borderWidth: 1 } },
    ),
    ...(labelled.has(series.id)
      ? {
          endLabel: {
            show: true,
            formatter: series.name,
            color: theme.text,
            fontSize: 12,
            width: 104,
            overflow: 'truncate',
            distance: 6,
          },
        }
      : {}),
  };
  if (cut === series.values.length) return [main];
  const tail: LineSeriesOption = {
    ...common,
    id: `_tail-${series.id}`,
    name: series.name,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: series.color, width: 2, type: [4, 4] },
    data: series.values.map((value, i) => (i >= cut - 1 ? value : null)),
  };
  const solid: LineSeriesOption = { ...main, lineStyle: { color: series.color, width: 0 } };
  const body: LineSeriesOption = {
    ...common,
    id: `_body-${series.id}`,
    name: series.name,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: series.color, width: 2 },
    data: series.values.map((value, i) => (i < cut ? value : null)),
  };
  return [solid, body, tail];
}

const TIP_ROWS = 12;
function getTip(input: TimeSeriesInput, index: number): Tip | null {
  const period = input.periods[index];
  if (period === undefined) return null;
  const text = input.valueText ?? formatNumber;
  const additive = input.additive === true;
  const sum = input.series.reduce((total, s) => total + Math.max(0, s.values[index] ?? 0), 0);
  const rows = input.series
    .map((s) => ({ s, value: s.values[index] ?? null, before: index > 0 ? (s.values[index - 1] ?? null) : null }))
    .filter((row) => row.value !== null && (input.series.length <= TIP_ROWS || row.value !== 0))
    .slice(0, TIP_ROWS)
    .map(({ s, value, before }) => {
      const share = additive && input.series.length > 1 && sum > 0 ? formatShare(Math.abs(value ?? 0) / sum) : '';
      const change = before === null || value === null ? '' : getDifferenceText(value - before, text);
      return {
        color: s.color,
        label: s.name,
        value: value === null ? '–' : text(value),
        note: [share, change].filter((t) => t !== '').join(' · '),
      };
    });
  const unfinished = input.unfinished && index === input.periods.length - 1;
  return {
    title: input.interval === 'total' ? 'Whole range' : `${getPeriodTitle(period, input.interval)} (${input.zone})`,
    rows: additive && input.series.length > 1 ? [...rows, { label: 'Total', value: text(sum) }] : rows,
    ...(unfinished ? { footer: 'This period has not ended.' } : {}),
  };
}

/** `+12`, `−3`, `±0` against the period before. */
export function getDifferenceText(difference: number, text: (value: number) => string = formatNumber): string {
  if (difference === 0) return '±0';
  return difference > 0 ? `+${text(difference)}` : `−${text(-difference)}`;
}

function getTable(input: TimeSeriesInput): ChartPicture['table'] {
  const text = input.valueText ?? formatNumber;
  return {
    columns: ['Period', ...input.series.map((s) => s.name)],
    rows: input.periods.map((period, i) => [
      getPeriodLabel(period, input.interval),
      ...input.series.map((s) => (s.values[i] === null || s.values[i] === undefined ? '–' : text(s.values[i]))),
    ]),
  };
}
