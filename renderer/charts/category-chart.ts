import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import { formatCompact, formatNumber, formatShare } from '../widgets/format.ts';
import { getBaseOption, getHatch, getValueAxis } from './base-option.ts';
import { mixColors, type ChartTheme } from './palette.ts';
import type { ChartOption, ChartPicture, Tip } from './picture.ts';
import { truncateMiddle } from './truncate.ts';

export interface CategorySeries {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** One a category; null where there is none. */
  readonly values: readonly (number | null)[];
}
export interface CategoryInput {
  readonly categories: readonly string[];
  readonly series: readonly CategorySeries[];
  readonly shape: 'bar' | 'line' | 'area';
  readonly stacked: boolean;
  /** Said once, at the axes. */
  readonly categoryTitle: string;
  readonly unit: string;
  /** Names of categories are long or many: bars lie, names stand left of them. */
  readonly lying: boolean;
  /** A fine label for the axis; the tip has the category itself. */
  readonly label?: (category: string) => string;
}

const LONGEST = 28;
const short = (text: string): string => truncateMiddle(text, (t) => t.length <= LONGEST);

/** Bars, lines or areas over names or moments, of any result. */
export function getCategoryChart(input: CategoryInput, theme: ChartTheme): ChartPicture {
  const { lying, shape } = input;
  const names = {
    type: 'category' as const,
    data: [...input.categories],
    boundaryGap: shape === 'bar',
    inverse: lying,
    name: lying ? '' : input.categoryTitle,
    nameLocation: 'end' as const,
    nameGap: 0,
    nameTextStyle: {
      color: theme.muted,
      fontSize: 12,
      align: 'right' as const,
      verticalAlign: 'top' as const,
      padding: [26, 0, 0, 0],
    },
    axisLabel: {
      color: theme.muted,
      fontSize: 12,
      hideOverlap: true,
      ...(lying ? { interval: 0 } : {}),
      formatter: (category: string) => short(input.label?.(category) ?? category),
    },
    axisLine: { lineStyle: { color: theme.borderStrong } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
  const values = { ...getValueAxis(theme, lying ? '' : input.unit), ...(lying ? { position: 'top' as const } : {}) };
  const option: ChartOption = {
    ...getBaseOption(theme),
    grid: {
      left: 8,
      right: lying ? 56 : 16,
      top: lying ? 24 : 32,
      bottom: lying ? 8 : 22,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    tooltip: {
      trigger: 'axis',
      axisPointer: {
        type: shape === 'bar' ? 'shadow' : 'line',
        lineStyle: { color: theme.borderStrong },
        shadowStyle: { color: mixColors(theme.panel, theme.border, 0.5), opacity: 0.5 },
      },
    },
    series: input.series.map((s) => (shape === 'bar' ? getBar(s, input, theme) : getLine(s, input))),
  };
  return { kind: 'plain', option, tip: ({ dataIndex }) => getTip(input, dataIndex), table: getTable(input) };
}

function getBar(s: CategorySeries, input: CategoryInput, theme: ChartTheme): BarSeriesOption {
  const isDirect = input.lying && input.series.length === 1;
  return {
    id: s.id,
    name: s.name,
    type: 'bar',
    ...(input.stacked ? { stack: 'all', stackStrategy: 'samesign' } : {}),
    barMaxWidth: input.lying ? 22 : 48,
    barCategoryGap: input.categories.length > 60 ? '10%' : '28%',
    itemStyle: { color: s.color, borderRadius: input.stacked ? 0 : 2 },
    emphasis: { focus: 'none', itemStyle: { color: mixColors(s.color, theme.text, 0.2) } },
    ...(isDirect
      ? {
          label: {
            show: true,
            position: 'right',
            color: theme.text,
            fontSize: 12,
            formatter: ({ value }) => formatCompact(Number(value)),
          },
        }
      : {}),
    data: [...s.values],
  };
}

function getLine(s: CategorySeries, input: CategoryInput): LineSeriesOption {
  const isArea = input.shape === 'area';
  return {
    id: s.id,
    name: s.name,
    type: 'line',
    symbol: 'circle',
    symbolSize: 5,
    showSymbol: !isArea && input.categories.length <= 31,
    connectNulls: false,
    itemStyle: { color: s.color },
    lineStyle: { color: s.color, width: isArea ? 1 : 2 },
    ...(isArea ? { areaStyle: { color: s.color, opacity: input.stacked ? 0.75 : 0.3 } } : {}),
    ...(input.stacked ? { stack: 'all' } : {}),
    emphasis: { focus: 'none' },
    data: [...s.values],
  };
}

const TIP_ROWS = 12;
function getTip(input: CategoryInput, index: number): Tip | null {
  const title = input.categories[index];
  if (title === undefined) return null;
  const sum = input.series.reduce((total, s) => total + (s.values[index] ?? 0), 0);
  const rows = input.series
    .map((s) => ({ s, value: s.values[index] ?? null }))
    .filter(({ value }) => value !== null)
    .slice(0, TIP_ROWS)
    .map(({ s, value }) => ({
      color: s.color,
      label: s.name,
      value: formatNumber(value ?? 0),
      note: input.stacked && input.series.length > 1 && sum > 0 ? formatShare((value ?? 0) / sum) : '',
    }));
  return {
    title,
    rows: input.stacked && input.series.length > 1 ? [...rows, { label: 'Total', value: formatNumber(sum) }] : rows,
  };
}

function getTable(input: CategoryInput): ChartPicture['table'] {
  return {
    columns: [input.categoryTitle, ...input.series.map((s) => s.name)],
    rows: input.categories.map((c, i) => [
      c,
      ...input.series.map((s) => ((s.values[i] ?? null) === null ? '–' : formatNumber(s.values[i] ?? 0))),
    ]),
  };
}

export interface StepsInput {
  readonly steps: readonly { readonly name: string; readonly value: number }[];
  readonly unit: string;
}
/** Steps that lose some each: how many are left, what share of the first and of the one before. */
export function getSteps({ steps, unit }: StepsInput, theme: ChartTheme): ChartPicture {
  const first = Math.max(1e-9, steps[0]?.value ?? 0);
  const base = getCategoryChart(
    {
      categories: steps.map((s) => s.name),
      series: [{ id: 'value', name: unit, color: theme.accent, values: steps.map((s) => s.value) }],
      shape: 'bar',
      stacked: true,
      categoryTitle: 'Step',
      unit,
      lying: true,
    },
    theme,
  );
  const [bars] = base.option.series ?? [];
  const share = (i: number): string => formatShare((steps[i]?.value ?? 0) / first);
  const lost = steps.map((s, i) => Math.max(0, (steps[i - 1]?.value ?? s.value) - s.value));
  const label = {
    show: true,
    position: 'insideLeft' as const,
    color: theme.mode === 'light' ? '#ffffff' : theme.background,
    fontSize: 12,
    formatter: ({ dataIndex }: { dataIndex: number }) => share(dataIndex),
  };
  return {
    ...base,
    option: {
      ...base.option,
      series: [
        { ...(bars as BarSeriesOption), barMaxWidth: 44, label },
        {
          id: '_lost',
          name: 'Lost',
          type: 'bar',
          stack: 'all',
          silent: true,
          itemStyle: getHatch(theme, theme.remainder),
          data: lost,
          barMaxWidth: 44,
          label: {
            show: true,
            position: 'right',
            color: theme.text,
            fontSize: 12,
            formatter: ({ dataIndex }) => formatCompact(steps[dataIndex]?.value ?? 0),
          },
        },
      ],
    },
    tip: ({ dataIndex: i }) => {
      const step = steps[i];
      if (step === undefined) return null;
      const before = steps[i - 1];
      return {
        title: step.name,
        rows: [
          { color: theme.accent, label: unit, value: formatNumber(step.value), note: `${share(i)} of the first` },
          ...(before === undefined
            ? []
            : [
                { label: 'Of the step before', value: formatShare(before.value === 0 ? 0 : step.value / before.value) },
                { label: 'Lost', value: formatNumber(lost[i] ?? 0) },
              ]),
        ],
      };
    },
  };
}
