import type { TransitionsQuery, TransitionsResult } from '../../../protocol/index.ts';
import { getHeatMap, type HeatCell } from '../../charts/heat-map.ts';
import type { ChartTheme } from '../../charts/palette.ts';
import type { ChartPicture } from '../../charts/picture.ts';
import { formatCompact, formatDuration, formatNumber, formatShare } from '../../widgets/format.ts';

export type Measure = TransitionsQuery['measure'];
export const MEASURE_TEXT: Readonly<Record<Measure, string>> = {
  count: 'Count',
  actors: 'Actors',
  shareOfSource: 'Share of source',
  shareOfTarget: 'Share of target',
  shareOfTotal: 'Share of all',
  averageSeconds: 'Mean time',
  medianSeconds: 'Median time',
};
export function formatMeasure(measure: Measure, value: number, exact: boolean): string {
  if (measure.startsWith('share')) return formatShare(value);
  if (measure.endsWith('Seconds')) return formatDuration(value);
  return exact ? formatNumber(value) : formatCompact(value);
}

export interface TransitionMatrix {
  readonly picture: ChartPicture;
  /** Row and column of each cell, for clicks. */
  readonly pairs: readonly { readonly from: string; readonly to: string }[];
  readonly rowCount: number;
  readonly columnCount: number;
  /** Names there are, more than shown. */
  readonly nameCount: number;
}

/** So many names fit side by side with their numbers. */
export const TOP_NAMES = 16;

/** Names in rows and columns: start first, end last, between them by how often they occur. */
export function getMatrixNames(result: TransitionsResult): { from: string[]; to: string[] } {
  const order = (side: 'from' | 'to'): string[] => {
    const counts = new Map<string, number>();
    for (const edge of result.edges) counts.set(edge[side], (counts.get(edge[side]) ?? 0) + edge.count);
    const rank = (name: string): number => (name === 'path_start' ? -1 : name === 'path_end' ? 1 : 0);
    return [...counts]
      .toSorted((a, b) => rank(a[0]) - rank(b[0]) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([name]) => name);
  };
  return { from: order('from'), to: order('to') };
}

export function getTransitionMatrix(
  result: TransitionsResult,
  shows: 'top' | 'all',
  theme: ChartTheme,
): TransitionMatrix {
  const names = getMatrixNames(result);
  const limit = shows === 'top' ? TOP_NAMES : Infinity;
  // The most frequent, but beginning and end of paths always.
  const isShown = (name: string, i: number): boolean => i < limit || name === 'path_end';
  const from = names.from.filter(isShown);
  const to = names.to.filter(isShown);
  const byPair = new Map(result.edges.map((edge) => [`${edge.from}\u0000${edge.to}`, edge]));
  const most = Math.max(1e-9, ...result.edges.map((edge) => edge.value));
  const pairs = from.flatMap((f) => to.map((t) => ({ from: f, to: t })));
  const cells = pairs.map((pair, i): HeatCell => {
    const edge = byPair.get(`${pair.from}\u0000${pair.to}`);
    const at = { row: Math.floor(i / to.length), column: i % to.length };
    // The square root keeps the many small ones apart.
    return edge === undefined
      ? { ...at, strength: 0, text: '' }
      : { ...at, strength: Math.sqrt(edge.value / most), text: formatMeasure(result.measure, edge.value, false) };
  });
  const picture = getHeatMap(
    {
      rows: from,
      columns: to,
      cells,
      color: theme.accent,
      rowTitle: 'from',
      columnTitle: 'to',
      tip: (cell) => {
        const edge = byPair.get(`${from[cell.row]}\u0000${to[cell.column]}`);
        return {
          title: `${from[cell.row] ?? ''} → ${to[cell.column] ?? ''}`,
          rows:
            edge === undefined
              ? []
              : [
                  ...(result.measure === 'count' || result.measure === 'actors'
                    ? []
                    : [
                        { label: MEASURE_TEXT[result.measure], value: formatMeasure(result.measure, edge.value, true) },
                      ]),
                  { label: 'Times', value: formatNumber(edge.count) },
                  {
                    label: 'Actors',
                    value: formatNumber(edge.actors),
                    note: formatShare(edge.actors / result.actorCount),
                  },
                ],
        };
      },
    },
    theme,
  );
  return {
    picture,
    pairs,
    rowCount: from.length,
    columnCount: to.length,
    nameCount: Math.max(names.from.length, names.to.length),
  };
}
