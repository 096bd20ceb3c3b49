import { NO_STATE, type JourneyQuery, type JourneyResult } from '../../../protocol/index.ts';
import { getHeatMap, type HeatCell } from '../../charts/heat-map.ts';
import type { ChartTheme, ColorOf } from '../../charts/palette.ts';
import type { ChartPicture } from '../../charts/picture.ts';
import { getTimeSeries } from '../../charts/time-series.ts';
import { formatCompact, formatNumber, formatShare } from '../../widgets/format.ts';

export const getStateText = (state: string): string => (state === NO_STATE ? 'No stage' : state);

/** Stage sizes at the end of each interval, stacked in the order of the model. */
export function getSizesPicture(
  result: JourneyResult,
  interval: JourneyQuery['interval'],
  colorOf: ColorOf,
  theme: ChartTheme,
): ChartPicture {
  return getTimeSeries(
    {
      periods: result.periods,
      interval,
      series: result.states.map((state) => ({
        id: state,
        name: state,
        color: colorOf(state),
        values: result.sizesOverTime[state] ?? [],
      })),
      // An area of one moment has no width.
      shape: result.periods.length > 1 ? 'area' : 'bar',
      stacked: true,
      unit: `actors at the end of each ${interval}`,
      zone: result.timezone,
      unfinished: result.unfinished,
      additive: true,
    },
    theme,
  );
}

/** The state drawn at a height of the stack; null above it. */
export function getStateAt(result: JourneyResult, index: number, value: number): string | null {
  let top = 0;
  for (const state of result.states) {
    top += result.sizesOverTime[state]?.[index] ?? 0;
    if (value <= top) return state;
  }
  return null;
}

export interface MovementMap {
  readonly picture: ChartPicture;
  readonly pairs: readonly { readonly from: string; readonly to: string }[];
}
/** Rows: the stage then; columns: the stage now. Who stayed lies on the diagonal. */
export function getMovementMap(result: JourneyResult, theme: ChartTheme): MovementMap {
  const states = [...result.states, NO_STATE];
  const counts = new Map((result.comparison?.movement ?? []).map((m) => [`${m.from}\u0000${m.to}`, m.count]));
  const countOf = (from: string, to: string): number => counts.get(`${from}\u0000${to}`) ?? 0;
  const rowSum = (from: string): number => states.reduce((sum, to) => sum + countOf(from, to), 0);
  const pairs = states.flatMap((from) => states.map((to) => ({ from, to })));
  const most = Math.max(1, ...pairs.filter((p) => p.from !== p.to).map((p) => countOf(p.from, p.to)));
  const cells = pairs.map(({ from, to }, i): HeatCell => {
    const count = countOf(from, to);
    const at = { row: Math.floor(i / states.length), column: i % states.length };
    return count === 0
      ? { ...at, strength: 0, text: '' }
      : { ...at, strength: from === to ? 0 : Math.sqrt(count / most), text: formatCompact(count) };
  });
  const names = states.map(getStateText);
  const picture = getHeatMap(
    {
      rows: names,
      columns: names,
      cells,
      color: theme.accent,
      rowTitle: 'then',
      columnTitle: 'now',
      tip: ({ row, column }) => {
        const count = countOf(states[row] ?? '', states[column] ?? '');
        return {
          title: row === column ? `Stayed: ${names[row] ?? ''}` : `${names[row] ?? ''} → ${names[column] ?? ''}`,
          rows: [{ label: 'Actors', value: formatNumber(count), note: formatShare(count / rowSum(states[row] ?? '')) }],
          footer: `Of those who were then in ${names[row] ?? ''}`,
        };
      },
    },
    theme,
  );
  return { picture, pairs };
}
