import type { FunnelGroup, FunnelQuery, FunnelStepResult } from '../../protocol/index.ts';
import type { AnswerBody } from '../compute/compute-module.ts';
import { OTHER, MAX_GROUPS, tooManyGroups } from '../compute/funnel-merge.ts';
import { getStepName } from '../compute/funnel-steps.ts';
import { toTrend } from '../compute/funnel-trend.ts';
import type { IntervalGrid } from '../compute/time-bucket.ts';
import { CONVERSION, TOTAL } from './funnel-rows.ts';
import type { ResultRow } from './question.ts';

export interface ReadFunnel {
  readonly query: FunnelQuery;
  readonly grid: IntervalGrid | null;
  /** ms, Infinity = no limit. */
  readonly windowMs: number;
  /** Up to asOf or the last event of the data. */
  readonly horizonMs: number;
}

/** The rows of a funnel's statement as the answer of the engine. */
export function readFunnel(rows: readonly ResultRow[], read: ReadFunnel): AnswerBody<'funnel'> {
  const { query, grid } = read;
  const all = byPlace(rows);
  const whole = all.get(0) ?? [];
  const steps = toSteps(whole, query);
  const total = find(whole, 'step', TOTAL);
  const trend = grid === null ? null : readTrend(whole, grid, read);
  return {
    type: 'funnel',
    steps,
    empty: (steps[0]?.count ?? 0) === 0,
    ...(total === undefined || numberOf(total, 'converted') === 0
      ? {}
      : {
          totalAverageSeconds: numberOf(total, 'average_seconds'),
          totalMedianSeconds: numberOf(total, 'median_seconds'),
        }),
    ...(trend === null ? {} : { trend, periodCount: trend.length }),
    ...(query.viz === 'timeToConvert' ? readConversion(whole) : {}),
    ...(query.breakdown ? readGroups(all, read) : {}),
  };
}

const numberOf = (row: ResultRow | undefined, column: string): number => Number(row?.[column] ?? 0);

function byPlace(rows: readonly ResultRow[]): ReadonlyMap<number, readonly ResultRow[]> {
  const places = new Map<number, ResultRow[]>();
  for (const row of rows) {
    const place = numberOf(row, 'place');
    const known = places.get(place);
    if (known === undefined) places.set(place, [row]);
    else known.push(row);
  }
  return places;
}

const find = (rows: readonly ResultRow[], part: string, number: number): ResultRow | undefined =>
  rows.find((row) => row['part'] === part && numberOf(row, 'number') === number);

function toSteps(rows: readonly ResultRow[], query: FunnelQuery): FunnelStepResult[] {
  const found = query.steps.map((_, k) => find(rows, 'step', k + 1));
  const counts = found.map((row) => numberOf(row, 'actors'));
  return query.steps.map((step, k) => {
    const count = counts[k] ?? 0;
    const row = found[k];
    const share = (of: number): number => (of === 0 ? 0 : count / of);
    return {
      name: getStepName(step, k),
      count,
      ...(step.optional === true && query.order !== 'unordered' ? { filled: numberOf(row, 'converted') } : {}),
      conversionFromStart: share(counts[0] ?? 0),
      conversionFromPrevious: share(counts[Math.max(0, k - 1)] ?? 0),
      ...(k === 0 ? {} : readStats(row)),
    };
  });
}

/** Nothing where nobody was timed. */
function readStats(row: ResultRow | undefined) {
  if (numberOf(row, 'converted') === 0) return {};
  return {
    averageSeconds: numberOf(row, 'average_seconds'),
    medianSeconds: numberOf(row, 'median_seconds'),
    p90Seconds: numberOf(row, 'p90_seconds'),
  };
}

function readTrend(rows: readonly ResultRow[], grid: IntervalGrid, { windowMs, horizonMs }: ReadFunnel) {
  const intervals = grid.starts.length;
  const from = new Float64Array(intervals);
  const to = new Float64Array(intervals);
  const openSince = new Float64Array(intervals).fill(Number.NEGATIVE_INFINITY);
  for (const row of rows) {
    if (row['part'] !== 'trend') continue;
    const period = numberOf(row, 'number');
    from[period] = numberOf(row, 'actors');
    to[period] = numberOf(row, 'converted');
    if (row['since_ms'] !== null) openSince[period] = numberOf(row, 'since_ms');
  }
  return toTrend({ from, to, openSince }, grid, windowMs, horizonMs);
}

function readConversion(rows: readonly ResultRow[]) {
  const layout = rows.find((row) => row['part'] === 'layout');
  const bins = new Map(
    rows.filter((row) => row['part'] === 'bin').map((row) => [numberOf(row, 'number'), numberOf(row, 'actors')]),
  );
  const [count, width, base] = ['number', 'actors', 'since_ms'].map((column) => numberOf(layout, column));
  const edges = layout === undefined ? 0 : (count ?? 0) + 1;
  return {
    ...readStats(find(rows, 'step', CONVERSION)),
    bins: Array.from({ length: edges }, (_, i) => [(base ?? 0) / 1000 + i * (width ?? 0), bins.get(i) ?? 0] as const),
  };
}

/** By place; the pooled rest has no row for its value. */
function readGroups(all: ReadonlyMap<number, readonly ResultRow[]>, read: ReadFunnel) {
  const { query, grid } = read;
  const places = [...all].filter(([place]) => place > 0).toSorted(([a], [b]) => a - b);
  if (places.length > MAX_GROUPS) throw tooManyGroups();
  const props = query.breakdown?.props ?? [];
  const groups: FunnelGroup[] = places.map(([, rows]) => {
    const values = props.map((_, i) => find(rows, 'group', i + 1));
    const value = values[0] === undefined ? [OTHER] : values.map((row) => textOf(row?.['name']));
    return { value, steps: toSteps(rows, query) };
  });
  const limit = query.breakdown?.limit ?? Number.POSITIVE_INFINITY;
  const trends =
    grid === null
      ? []
      : places.map(([, rows], i) => ({ value: groups[i]?.value ?? [], trend: readTrend(rows, grid, read) }));
  return {
    groups,
    groupCount: Math.min(groups.length, limit),
    groupValues: groups.map(({ value }) => value),
    ...(grid === null
      ? {}
      : { groupTrends: trends, groupRates: trends.map(({ trend }) => trend.map((point) => point.rate)) }),
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
