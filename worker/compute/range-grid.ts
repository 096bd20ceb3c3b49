import { EngineError } from '../../protocol/errors.ts';
import type { DateRange, Interval, WeekStart } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { getEndOfData, getFirstEventTime } from './event-stream.ts';
import { buildIntervals, buildSingleInterval, getIntervalEnd, type IntervalGrid } from './time-bucket.ts';

interface GridQuery {
  readonly timezone: string;
  readonly weekStart: WeekStart;
  readonly dateRange?: DateRange | null | undefined;
}
/** Label of the one interval of `interval: 'total'`. */
export const TOTAL_PERIOD = 'total';

/** The span of the intervals: the document's range; an open end is the first or last event of the data (or asOf). */
export function getGridSpan(
  context: ComputeContext,
  query: GridQuery,
): { readonly from: Milliseconds; readonly to: Milliseconds } {
  const from = Number.isFinite(context.fromMs) ? context.fromMs : getFirstEventTime(context.segment);
  const to = isOpen(query.dateRange?.to) ? Math.min(context.toMs, context.lastEventMs) : context.toMs;
  return { from, to: Number.isFinite(from) ? to : Number.NEGATIVE_INFINITY };
}

/** Every local interval that the span touches. */
export function buildRangeGrid(context: ComputeContext, query: GridQuery, interval: Interval | 'total'): IntervalGrid {
  const { from, to } = getGridSpan(context, query);
  if (interval !== 'total') return buildIntervals(query.timezone, interval, query.weekStart, from, to);
  return to < from
    ? buildIntervals(query.timezone, 'day', query.weekStart, from, to)
    : buildSingleInterval(TOTAL_PERIOD, from, to);
}

/** Whether an interval had not ended at the end of the data, asOf or the range. */
export function isUnfinished(context: ComputeContext, grid: IntervalGrid, index: number): boolean {
  return index >= 0 && getIntervalEnd(grid, index) - 1 > Math.min(getEndOfData(context), context.toMs);
}

/** Index of a period that was clicked. Throws E_BAD_QUERY when the answer has no such period. */
export function getPeriodIndex(grid: IntervalGrid, label: string): number {
  const index = grid.labels.indexOf(label);
  if (index < 0)
    throw new EngineError('E_BAD_QUERY', `The answer has no period "${label}".`, {
      hint: 'Take a label from its periods.',
      path: 'period',
    });
  return index;
}

export const isOpen = (moment: string | null | undefined): boolean => moment === null || moment === undefined;
