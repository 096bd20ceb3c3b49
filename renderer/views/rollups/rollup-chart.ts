import type { RollupQuery, RollupResult, RollupSelection, RollupSeries } from '../../../protocol/index.ts';
import { getHistogram } from '../../charts/histogram.ts';
import type { ChartTheme, ColorOf } from '../../charts/palette.ts';
import type { ChartMark, ChartPicture } from '../../charts/picture.ts';
import { getTimeSeries } from '../../charts/time-series.ts';
import { getPeriodTitle } from '../../charts/period-text.ts';

/** What is drawn; kept with the window, not with the analysis: the answer has all three. */
export type RollupMeasure = 'events' | 'actors' | 'sum';
export type RollupShape = 'bar' | 'line';

export const getValues = (series: RollupSeries, measure: RollupMeasure): readonly number[] =>
  measure === 'events' ? series.events : measure === 'actors' ? series.actors : (series.sums ?? []);
export const getTotal = (series: RollupSeries, measure: RollupMeasure): number =>
  measure === 'events' ? series.totalEvents : measure === 'actors' ? series.totalActors : (series.totalSum ?? 0);

/** Ids of series by their place, so that any text can be a value. */
const idOf = (index: number): string => `s${index}`;

export interface RollupLook {
  readonly measure: RollupMeasure;
  readonly shape: RollupShape;
  readonly colorOf: ColorOf;
  /** Said on the axis: `events`, `sum of amount_cents`. */
  readonly unit: string;
}

/** Unique actors do not add up over series (one actor may be in two), so they are never stacked. */
export function getRollupPicture(
  result: RollupResult,
  query: Pick<RollupQuery, 'interval'>,
  look: RollupLook,
  theme: ChartTheme,
): ChartPicture {
  const stacked = look.measure !== 'actors' && look.shape === 'bar';
  if (query.interval === 'total')
    return getHistogram(
      {
        bars: result.series.map((s) => ({ label: s.value, title: s.value, value: getTotal(s, look.measure) })),
        color: theme.types[0] ?? theme.accent,
        unit: look.unit,
        axis: '',
      },
      theme,
    );
  return getTimeSeries(
    {
      periods: result.periods,
      interval: query.interval,
      series: result.series.map((s, i) => ({
        id: idOf(i),
        name: s.value,
        color: look.colorOf(s.value),
        values: getValues(s, look.measure),
      })),
      shape: look.shape,
      stacked,
      unit: look.unit,
      zone: result.timezone,
      unfinished: result.unfinished,
      additive: look.measure !== 'actors',
    },
    theme,
  );
}

/** The actors a mark stands for, and what to call them. */
export function getRollupSelection(
  result: RollupResult,
  query: Pick<RollupQuery, 'interval' | 'by'>,
  mark: ChartMark,
): { selection: RollupSelection; title: string } | null {
  if (query.interval === 'total') {
    const series = result.series[mark.dataIndex];
    return series === undefined
      ? null
      : { selection: query.by === null ? {} : { series: series.value }, title: series.value };
  }
  const period = result.periods[mark.dataIndex];
  if (period === undefined) return null;
  const series = mark.seriesId === null ? undefined : result.series[Number(mark.seriesId.slice(1))];
  const when = getPeriodTitle(period, query.interval);
  if (series === undefined || query.by === null) return { selection: { period }, title: when };
  return { selection: { period, series: series.value }, title: `${series.value}, ${when}` };
}
