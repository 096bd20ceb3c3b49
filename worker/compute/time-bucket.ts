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
  /** The starts as UTC, ISO 8601 with milliseconds. */
  readonly instants: readonly string[];
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
  if (!(fromMs <= toMs && Number.isFinite(toMs - fromMs))) return toGrid([], 0, () => '');
  const key = `${timezone} ${interval} ${weekStart} ${fromMs} ${toMs}`;
  const known = grids.get(key);
  if (known !== undefined) return known;
  const starts =
    interval === 'hour' ? listHours(timezone, fromMs, toMs) : listDates(timezone, interval, weekStart, fromMs, toMs);
  const end = starts.pop() ?? fromMs;
  const grid = toGrid(starts, end, (start) => labelOf(timezone, interval, start));
  if (grids.size >= KEPT_GRIDS) grids.clear();
  grids.set(key, grid);
  return grid;
}
/** A question builds its calendar in every thread and again for its answer, and the next question is often about the same. */
const grids = new Map<string, IntervalGrid>();
const KEPT_GRIDS = 32;

/** One interval over everything, for totals. */
export function buildSingleInterval(label: string, fromMs: Milliseconds, toMs: Milliseconds): IntervalGrid {
  return toGrid([fromMs], toMs + 1, () => label);
}

/** Texts are made when first read: counting does not need them. */
export function toGrid(
  starts: ArrayLike<Milliseconds>,
  end: Milliseconds,
  labelOfStart: (start: Milliseconds) => string,
): IntervalGrid {
  let labels: readonly string[] | null = null;
  let instants: readonly string[] | null = null;
  return {
    starts: Float64Array.from(starts),
    end,
    get labels() {
      return (labels ??= Array.from(starts, labelOfStart));
    },
    get instants() {
      return (instants ??= Array.from(starts, formatInstant));
    },
    density: starts.length === 0 ? 0 : starts.length / (end - (starts[0] ?? 0)),
  };
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
  if (interval !== 'hour') return formatDate(local);
  const hour = local - modulo(local, HOUR);
  const label = `${formatDate(hour)}${formatTime(hour).slice(0, 6)}`;
  return isRepeated(timezone, hour) ? `${label}${formatOffset(offset)}` : label;
}

/** ISO texts of many times: a date and a time of day are written once. */
const dates = new Map<number, string>();
const times = new Map<number, string>();
const KEPT_TEXTS = 10_000;
const formatInstant = (ms: Milliseconds): string => `${formatDate(ms)}${formatTime(ms)}`;
const formatDate = (ms: Milliseconds): string => formatOnce(dates, Math.floor(ms / DAY), DAY, 0, 10);
const formatTime = (ms: Milliseconds): string => formatOnce(times, modulo(ms, DAY), 1, 10, 24);
function formatOnce(kept: Map<number, string>, key: number, unit: number, from: number, to: number): string {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const text = new Date(key * unit).toISOString().slice(from, to);
  if (kept.size >= KEPT_TEXTS) kept.clear();
  kept.set(key, text);
  return text;
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
