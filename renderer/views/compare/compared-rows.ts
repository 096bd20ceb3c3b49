import type { FunnelResult, JourneyResult, RollupResult } from '../../../protocol/index.ts';

/** One number of both sources. `share` is of the first step, of all in a stage, of all events; NaN = there is nothing to share. */
export interface ComparedRow {
  readonly name: string;
  readonly counts: readonly [number, number];
  readonly shares: readonly [number, number];
}
type Both<R> = readonly [R, R];

/** Steps by their place: both answers are of the same funnel. */
export function getStepRows([a, b]: Both<FunnelResult>): readonly ComparedRow[] {
  return a.steps.map((step, i) => ({
    name: step.name,
    counts: [step.count, b.steps[i]?.count ?? 0],
    shares: [step.conversionFromStart, b.steps[i]?.conversionFromStart ?? Number.NaN],
  }));
}

export function getStageRows([a, b]: Both<JourneyResult>): readonly ComparedRow[] {
  return withShares(a.states.map((state) => ({ name: state, counts: [a.sizes[state] ?? 0, b.sizes[state] ?? 0] })));
}

/** Events of either source, those of the first in its order, then what only the second has. */
export function getEventRows([a, b]: Both<RollupResult>): readonly ComparedRow[] {
  const sumOf = (result: RollupResult, name: string): number =>
    result.series.find((series) => series.value === name)?.totalEvents ?? 0;
  const names = new Set([...a.series, ...b.series].map(({ value }) => value));
  return withShares([...names].map((name) => ({ name, counts: [sumOf(a, name), sumOf(b, name)] })));
}

function withShares(rows: readonly Pick<ComparedRow, 'name' | 'counts'>[]): readonly ComparedRow[] {
  const totals = rows.reduce(([x, y], { counts }) => [x + counts[0], y + counts[1]] as const, [0, 0] as readonly [
    number,
    number,
  ]);
  return rows.map((row) => ({ ...row, shares: [row.counts[0] / totals[0], row.counts[1] / totals[1]] }));
}
