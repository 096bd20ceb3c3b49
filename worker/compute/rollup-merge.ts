import type { RollupQuery, RollupSeries } from '../../protocol/index.ts';
import { compareText } from './compare-text.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import { buildRangeGrid, isOpen, isUnfinished } from './range-grid.ts';
import { getOtherLabel } from './rollup-series.ts';
import { createRollupPartial, type RollupPartial } from './rollup-tally.ts';
import { addExactly, toSum } from './sums.ts';
import type { IntervalGrid } from './time-bucket.ts';

export function mergeRollup(
  partials: readonly RollupPartial[],
  query: RollupQuery,
  context: ComputeContext,
): AnswerBody<'rollup'> {
  const grid = buildRangeGrid(context, query, query.interval);
  const { body, last } = getMerged(partials, grid, query);
  return { ...body, unfinished: query.interval !== 'total' && last >= 0 && isUnfinished(context, grid, last) };
}

/** All but `unfinished`, which the end of the data or asOf decides. */
interface Merged {
  readonly body: Omit<AnswerBody<'rollup'>, 'unfinished'>;
  /** Index of the last period in the grid; -1 = there is none. */
  readonly last: number;
}
/**
 * Kept partials (kept-partial.ts) come again as the same objects, for a question that differs in its asOf at most: their
 * answers share lists, for hours by type are two hundred thousand numbers.
 */
const mergedOf = new WeakMap<RollupPartial, Merged>();

function getMerged(partials: readonly RollupPartial[], grid: IntervalGrid, query: RollupQuery): Merged {
  const [key] = partials;
  const known = key === undefined ? undefined : mergedOf.get(key);
  if (known !== undefined) return known;
  const merged = buildSeries(addPartials(partials, grid.starts.length, query), grid, query);
  if (key !== undefined) mergedOf.set(key, merged);
  return merged;
}

function buildSeries(merged: RollupPartial, grid: IntervalGrid, query: RollupQuery): Merged {
  const slots = merged.shown.length + 2;
  const [first, last] = trimPeriods(merged, grid, query);
  const buckets = grid.starts.length;
  const toSeries = (slot: number, value: string): RollupSeries => {
    const cut = (cells: Cells): number[] => copyCells(cells, slot * buckets + first, slot * buckets + last + 1);
    const events = cut(merged.events);
    let totalEvents = 0;
    for (const n of events) totalEvents += n;
    const sums = merged.sums === null || merged.lost === null ? null : toSum(cut(merged.sums), cut(merged.lost));
    return {
      value,
      events,
      actors: cut(merged.actors),
      totalEvents,
      totalActors: merged.totalActors[slot] ?? 0,
      ...(sums === null ? {} : { sums: sums.cells, totalSum: sums.total }),
    };
  };
  const isEmpty = (slot: number): boolean => (merged.totalActors[slot] ?? 0) === 0;
  const shown = merged.shown.flatMap((value, slot) => (isEmpty(slot) ? [] : toSeries(slot, value)));
  const other = isEmpty(slots - 2) ? [] : [toSeries(slots - 2, getOtherLabel(merged.shown))];
  return {
    body: {
      type: 'rollup',
      periods: grid.labels.slice(first, last + 1),
      periodStarts: grid.instants.slice(first, last + 1),
      series: [...shown.toSorted((a, b) => b.totalEvents - a.totalEvents || compareText(a.value, b.value)), ...other],
      seriesCount: merged.valueCount ?? shown.length,
      total: toSeries(slots - 1, 'Total'),
    },
    last: last >= first ? last : -1,
  };
}

type Cells = Float64Array | Uint32Array;

/** Plain loops: a hundred thousand cells are usual (hours by type), and iterators take ten times as long. */
function copyCells(cells: Cells, from: number, to: number): number[] {
  const copy: number[] = [];
  copy.length = Math.max(0, to - from);
  for (let i = 0; i < copy.length; i++) copy[i] = cells[from + i] ?? 0;
  return copy;
}
function addCells(into: Uint32Array, cells: Uint32Array): void {
  if (cells.length !== into.length) throw new Error('parts of one answer have the same cells');
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + (cells[i] ?? 0);
}

function addPartials(partials: readonly RollupPartial[], buckets: number, query: RollupQuery): RollupPartial {
  const [first, ...rest] = partials;
  if (first === undefined) return createRollupPartial([], 0, buckets, isOpen(query.sum));
  const sum = createRollupPartial(first.shown, first.valueCount, buckets, isOpen(query.sum));
  for (const key of ['events', 'actors', 'totalActors'] as const) {
    sum[key].set(first[key]);
    for (const partial of rest) addCells(sum[key], partial[key]);
  }
  for (const partial of [first, ...rest]) {
    const { sums, lost } = sum;
    if (sums === null || lost === null) continue;
    partial.sums?.forEach((value, i) => addExactly(sums, lost, i, value));
    partial.lost?.forEach((value, i) => addExactly(sums, lost, i, value));
  }
  return sum;
}

/** First and last period shown: where the range is open, empty periods at the ends are left out. */
function trimPeriods({ events }: RollupPartial, grid: IntervalGrid, query: RollupQuery): readonly [number, number] {
  const buckets = grid.starts.length;
  const total = events.subarray(events.length - buckets);
  let first = 0;
  let last = buckets - 1;
  if (isOpen(query.dateRange?.from)) while (first <= last && total[first] === 0) first++;
  if (isOpen(query.dateRange?.to)) while (last >= first && total[last] === 0) last--;
  return [first, last];
}
