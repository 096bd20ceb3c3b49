import { EngineError } from '../../protocol/errors.ts';
import type { Interval, WeekStart } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import { findInstants, findOffsetChange, formatOffset, getFirstInstant, getOffset } from './time-zone.ts';

/**
 * Calendar intervals of a time zone as instants. A day may have 23 or 25 hours; hours are those of the local clock.
 *
 *   Europe/Berlin, day, 2021-03-27 to 2021-03-29
 *   starts  26T23:00Z     27T23:00Z     28T22:00Z        end 29T22:00Z
 *   labels  2021-03-27    2021-03-28    2021-03-29
 */
export interface IntervalGrid {
  /** Ascending. */
  readonly starts: Float64Array;
  /** Exclusive end of the last interval. */
  readonly end: Milliseconds;
  /** Local starts: `2021-05-01`, hours `2021-05-01T13:00`, hours that the clock shows twice with their offset. */
  readonly labels: readonly string[];
  /** Intervals per ms, for the first guess of a look-up. */
  readonly density: number;
}
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** More intervals than this are a mistake in the query, not a chart. */
export const MAX_INTERVALS = 200_000;

/** All intervals that touch `fromMs`..`toMs`, both inclusive; none where an end is not finite. Throws E_LIMIT, E_BAD_TIME_ZONE. */
export function buildIntervals(
  timezone: string,
  interval: Interval,
  weekStart: WeekStart,
  fromMs: Milliseconds,
  toMs: Milliseconds,
): IntervalGrid {
  if (!(fromMs <= toMs && Number.isFinite(toMs - fromMs)))
    return { starts: new Float64Array(0), end: 0, labels: [], density: 0 };
  const starts =
    interval === 'hour' ? listHours(timezone, fromMs, toMs) : listDates(timezone, interval, weekStart, fromMs, toMs);
  const end = starts.pop() ?? fromMs;
  return toGrid(
    starts,
    end,
    starts.map((start) => labelOf(timezone, interval, start)),
  );
}

/** One interval over everything, for totals. */
export function buildSingleInterval(label: string, fromMs: Milliseconds, toMs: Milliseconds): IntervalGrid {
  return toGrid([fromMs], toMs + 1, [label]);
}

function toGrid(starts: readonly Milliseconds[], end: Milliseconds, labels: readonly string[]): IntervalGrid {
  return { starts: Float64Array.from(starts), end, labels, density: starts.length / (end - (starts[0] ?? 0)) };
}

/** Index of the interval that contains an instant; -1 outside the grid. Intervals are of about equal length, so the first guess is nearly right. */
export function getIntervalIndex(grid: IntervalGrid, instant: Milliseconds): number {
  const { starts, end } = grid;
  const first = starts[0];
  if (first === undefined || instant < first || instant >= end) return -1;
  let index = Math.min(Math.floor((instant - first) * grid.density), starts.length - 1);
  while ((starts[index] ?? 0) > instant) index--;
  while ((starts[index + 1] ?? end) <= instant) index++;
  return index;
}

/** Exclusive end of an interval. */
export function getIntervalEnd(grid: IntervalGrid, index: number): Milliseconds {
  return grid.starts[index + 1] ?? grid.end;
}

/** Starts of all local hours that touch the range, and one more (the end). The clock's jumps start an hour, too. */
function listHours(timezone: string, fromMs: Milliseconds, toMs: Milliseconds): Milliseconds[] {
  const starts: Milliseconds[] = [];
  let at = floorHour(timezone, fromMs);
  while (at <= toMs) {
    push(starts, at);
    const next = at + HOUR - modulo(at + getOffset(timezone, at), HOUR);
    at = findOffsetChange(timezone, at, next - 1) ?? next;
  }
  starts.push(at);
  return starts;
}

function floorHour(timezone: string, instant: Milliseconds): Milliseconds {
  const floored = instant - modulo(instant + getOffset(timezone, instant), HOUR);
  return findOffsetChange(timezone, floored, instant) ?? floored;
}

/** Starts of all local days, weeks or months that touch the range, and one more (the end). */
function listDates(
  timezone: string,
  interval: 'day' | 'week' | 'month',
  weekStart: WeekStart,
  fromMs: Milliseconds,
  toMs: Milliseconds,
): Milliseconds[] {
  const starts: Milliseconds[] = [];
  let local = floorLocal(interval, weekStart, fromMs + getOffset(timezone, fromMs));
  for (;;) {
    const start = getFirstInstant(timezone, local);
    // A day that the zone skipped altogether (Samoa, 30 December 2011) has no length.
    if (starts.at(-1) === start) starts.pop();
    push(starts, start);
    if (start > toMs) return starts;
    local = nextLocal(interval, local);
  }
}

function push(starts: Milliseconds[], start: Milliseconds): void {
  if (starts.length > MAX_INTERVALS)
    throw new EngineError('E_LIMIT', `The range has more than ${MAX_INTERVALS} intervals.`, {
      hint: 'Choose a longer interval or a shorter range.',
      path: 'interval',
    });
  starts.push(start);
}

function floorLocal(interval: 'day' | 'week' | 'month', weekStart: WeekStart, local: Milliseconds): Milliseconds {
  const day = Math.floor(local / DAY);
  if (interval === 'day') return day * DAY;
  // Day 0 of the epoch was a Thursday.
  if (interval === 'week') return (day - modulo(day + (weekStart === 'monday' ? 3 : 4), 7)) * DAY;
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function nextLocal(interval: 'day' | 'week' | 'month', local: Milliseconds): Milliseconds {
  if (interval !== 'month') return local + (interval === 'day' ? DAY : 7 * DAY);
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function labelOf(timezone: string, interval: Interval, start: Milliseconds): string {
  const offset = getOffset(timezone, start);
  const local = start + offset;
  // A date whose midnight does not exist starts later that day.
  if (interval !== 'hour') return new Date(local).toISOString().slice(0, 10);
  const hour = local - modulo(local, HOUR);
  const label = new Date(hour).toISOString().slice(0, 16);
  return isRepeated(timezone, hour) ? `${label}${formatOffset(offset)}` : label;
}

/** Whether the clock shows some part of this local hour twice. */
function isRepeated(timezone: string, localHour: Milliseconds): boolean {
  if (timezone === 'UTC' || getOffset(timezone, localHour - DAY) === getOffset(timezone, localHour + DAY)) return false;
  for (let quarter = 0; quarter < 4; quarter++)
    if (findInstants(timezone, localHour + (quarter * HOUR) / 4).instants.length > 1) return true;
  return false;
}

/** Remainder that is never negative. */
function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}
