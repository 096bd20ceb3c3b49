import type { JourneyQuery } from '../../protocol/index.ts';
import type { ComputeContext } from './compute-module.ts';
import { getEndOfData } from './event-stream.ts';
import { getGridSpan } from './range-grid.ts';
import { buildIntervals, type IntervalGrid } from './time-bucket.ts';

/** Intervals of the range; never beyond the end of the data, because nothing is known about later states. */
export function buildJourneyGrid(context: ComputeContext, query: JourneyQuery): IntervalGrid {
  const { from } = getGridSpan(context, query);
  const to = Math.min(context.toMs, getEndOfData(context));
  return buildIntervals(query.timezone, query.interval, query.weekStart, from, to);
}
