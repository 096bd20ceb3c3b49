import type { BarSeriesOption, HeatmapSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption, VisualMapComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';

type AnyOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | HeatmapSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | TooltipComponentOption
  | VisualMapComponentOption
>;

/** Builders always give one tooltip and a list of series. */
export type ChartOption = Omit<AnyOption, 'tooltip' | 'series'> & {
  tooltip?: TooltipComponentOption;
  series?: (BarSeriesOption | LineSeriesOption | HeatmapSeriesOption | ScatterSeriesOption)[];
};

/** One mark of a chart: `seriesId` is null where a whole position of the axis is meant. */
export interface ChartMark {
  readonly seriesId: string | null;
  readonly dataIndex: number;
}
export interface TipRow {
  readonly color?: string;
  readonly label: string;
  readonly value: string;
  /** Share, difference. */
  readonly note?: string;
}
/** What a tooltip says, as data: names come from files, so they never become markup. */
export interface Tip {
  readonly title: string;
  readonly rows: readonly TipRow[];
  readonly footer?: string;
}
/** The same numbers as a table, for screen readers and for "show as table". */
export interface SummaryTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
/** What an option builder answers; spread into `Chart`. */
export interface ChartPicture {
  /** Heat maps and scatters are loaded when first needed. */
  readonly kind: 'plain' | 'heatmap' | 'scatter';
  readonly option: ChartOption;
  readonly tip: (mark: ChartMark) => Tip | null;
  readonly table: SummaryTable;
  /** Cells in a row of a heat map, so that the arrow keys move in two dimensions. */
  readonly columnCount?: number;
}

export const getTipText = (tip: Tip): string =>
  [
    tip.title,
    ...tip.rows.map((r) => `${r.label}: ${r.value}${r.note === undefined ? '' : `, ${r.note}`}`),
    tip.footer ?? '',
  ]
    .filter((s) => s !== '')
    .join('. ');
