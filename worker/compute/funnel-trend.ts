import type { FunnelQuery, FunnelTrendPoint } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { ActorView } from './breakdown.ts';
import type { ComputeContext } from './compute-module.ts';
import type { TrendTally } from './funnel-tally.ts';
import type { Matcher } from './step-match-stream.ts';
import { buildIntervals, getIntervalEnd, getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/** One actor's attempts by interval of entry: the deepest level and the latest start in each. Reused. */
export interface TrendEntries {
  count: number;
  readonly intervals: number[];
  readonly levels: number[];
  readonly lastStarts: Milliseconds[];
}

export function createTrendEntries(): TrendEntries {
  return { count: 0, intervals: [], levels: [], lastStarts: [] };
}

/** Intervals of the range; an open end is the first event of the segment, or its last one (or asOf). */
export function buildTrendGrid(context: ComputeContext, query: FunnelQuery): IntervalGrid {
  const { fromMs, toMs, lastEventMs } = context;
  const from = Number.isFinite(fromMs) ? fromMs : getFirstEvent(context);
  const hasEnd = query.dateRange?.to !== null && query.dateRange?.to !== undefined;
  const to = hasEnd ? toMs : Math.min(toMs, lastEventMs);
  return buildIntervals(query.timezone, query.interval, query.weekStart, from, Number.isFinite(to) ? to : from - 1);
}

/** Events of an actor are sorted by time, so that one look per actor is enough. 0 when there are no events. */
function getFirstEvent({ segment }: ComputeContext): Milliseconds {
  const { firstMs } = segment;
  if (firstMs !== undefined) return Number.isFinite(firstMs) ? Math.floor(firstMs / 1000) * 1000 : 0;
  let first = Number.POSITIVE_INFINITY;
  for (let actor = 0; actor < segment.actorCount; actor++) {
    const event = segment.offsets[actor] ?? 0;
    if (event < (segment.offsets[actor + 1] ?? 0)) first = Math.min(first, segment.seconds[event] ?? first);
  }
  return Number.isFinite(first) ? (segment.baseSeconds + first) * 1000 : 0;
}

/** Attempts come by ascending start, so each interval's are together (SEMANTICS.md, funnel rule 12). */
export function collectEntries(match: Matcher, view: ActorView, grid: IntervalGrid, entries: TrendEntries): void {
  const accepts = view.createFilter?.() ?? null;
  entries.count = 0;
  match(view.stream, (attempt) => {
    const counts = attempt.voidedBy === -1 && (accepts === null || accepts(attempt));
    const interval = counts ? getIntervalIndex(grid, attempt.start) : -1;
    if (interval === -1) return true;
    const last = entries.count - 1;
    if (last === -1 || entries.intervals[last] !== interval) {
      entries.intervals[entries.count] = interval;
      entries.levels[entries.count] = attempt.level;
      entries.lastStarts[entries.count] = attempt.start;
      entries.count++;
    } else {
      entries.levels[last] = Math.max(entries.levels[last] ?? 0, attempt.level);
      entries.lastStarts[last] = attempt.start;
    }
    return true;
  });
}

/**
 * A period is unfinished when it had not ended at the end of the data (or asOf), or when the window of somebody who
 * entered in it and has not converted was still open then. Without a window only the first counts.
 */
export function toTrend(
  tally: TrendTally,
  grid: IntervalGrid,
  windowMs: Milliseconds,
  horizonMs: Milliseconds,
): FunnelTrendPoint[] {
  return grid.labels.map((period, i) => {
    const from = tally.from[i] ?? 0;
    const to = tally.to[i] ?? 0;
    const openUntil = Number.isFinite(windowMs) ? (tally.openSince[i] ?? 0) + windowMs : Number.NEGATIVE_INFINITY;
    const unfinished = getIntervalEnd(grid, i) > horizonMs || openUntil > horizonMs;
    return { period, from, to, rate: from === 0 ? 0 : Math.round((10_000 * to) / from) / 100, unfinished };
  });
}
