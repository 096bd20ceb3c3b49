import type { Workspace } from '../../../protocol/index.ts';
import { formatDate, formatMinute, fromLocalText, toLocalText } from '../../widgets/zoned-time.ts';
import { getBinStart, getLocalStart, type BinUnit, type Span } from './strip-bins.ts';

/** How the strip's stretches of time become the workspace's local moments, and back. */
export type Range = Workspace['range'];
/** Edges stop at hours where bins are shorter than a day, else at local days. */
export type SnapUnit = 'hour' | 'day';
export const snapUnitOf = (unit: BinUnit): SnapUnit =>
  unit === 'hour' || unit === 'hours3' || unit === 'hours6' ? 'hour' : 'day';

export const snap = (ms: number, unit: SnapUnit, zone: string): number => {
  const start = getBinStart(ms, unit, zone);
  const next = getBinStart(ms, unit, zone, 1);
  return ms - start <= next - ms ? start : next;
};

/** First instant after a moment that is meant inclusively: a bare date means its whole day. NaN for what is no time. */
export function endOfMoment(moment: string, zone: string): number {
  const at = fromLocalText(moment, zone);
  if (Number.isNaN(at)) return at;
  return moment.length <= 10 ? getLocalStart(at, 'day', zone, 1) : at + 1;
}

/** The range as a span; open ends are the extent's. */
export function toSpan(range: Range, extent: Span, zone: string): Span {
  const from = range.from === null ? extent.from : fromLocalText(range.from, zone);
  const to = range.to === null ? extent.to : endOfMoment(range.to, zone);
  return { from: Number.isNaN(from) ? extent.from : from, to: Number.isNaN(to) ? extent.to : to };
}

const isLocalMidnight = (ms: number, zone: string): boolean => toLocalText(ms, zone).endsWith('T00:00:00.000');

/** `2024-05-01`, or `2024-05-01T13:00:00` inside a day. */
const fromText = (ms: number, zone: string): string =>
  isLocalMidnight(ms, zone) ? formatDate(ms, zone) : toLocalText(ms, zone).slice(0, 19);
/** The last millisecond before `ms`, as a bare date where that means the same. */
const toText = (ms: number, zone: string): string =>
  isLocalMidnight(ms, zone) ? formatDate(ms - 1, zone) : toLocalText(ms - 1, zone);

/** A span as local moments; what reaches the ends of the data is open. */
export function toRange(span: Span, extent: Span, zone: string): Range {
  return {
    from: span.from <= extent.from ? null : fromText(span.from, zone),
    to: span.to >= extent.to ? null : toText(span.to, zone),
  };
}

/** As of the last millisecond before `ms`; at the end of the data = now = null. */
export const toAsOf = (ms: number, extent: Span, zone: string): string | null =>
  ms >= extent.to ? null : toLocalText(ms - 1, zone);
export const asOfEnd = (asOf: string | null, extent: Span, zone: string): number => {
  const at = asOf === null ? extent.to : endOfMoment(asOf, zone);
  return Number.isNaN(at) ? extent.to : at;
};

/** Edges in words: the first moment inside, and the last. A bare date is its midnight, or its end. */
export const formatStart = (from: number, zone: string): string =>
  isLocalMidnight(from, zone) ? formatDate(from, zone) : formatMinute(from, zone);
export const formatEnd = (to: number, zone: string): string =>
  isLocalMidnight(to, zone) ? formatDate(to - 1, zone) : formatMinute(to - 1, zone);

/** `2024-05-01` or `2024-05-01 13:00`: the last moment inside. */
export const formatAsOf = (asOf: string, zone: string): string => {
  const end = endOfMoment(asOf, zone);
  return Number.isNaN(end) ? asOf : formatEnd(end, zone);
};
/** `2024-05-01 – 2024-05-31`, or with the hours where they matter. */
export function formatSpan(span: Span, zone: string): string {
  const whole = isLocalMidnight(span.from, zone) && isLocalMidnight(span.to, zone);
  if (whole) {
    const [from, to] = [formatDate(span.from, zone), formatDate(span.to - 1, zone)];
    return from === to ? from : `${from} – ${to}`;
  }
  const [from, to] = [formatMinute(span.from, zone), formatMinute(span.to - 1, zone)];
  // What is the same is said once: `2024-05-01 13:00 – 17:59`, `2024-05-01 13:00 – 05-03 17:59`.
  const same = from.slice(0, 10) === to.slice(0, 10) ? 11 : from.slice(0, 4) === to.slice(0, 4) ? 5 : 0;
  return `${from} – ${to.slice(same)}`;
}
/** The range in words; where it is open, the day of the first or last event. */
export function formatRange(range: Range, extent: Span, zone: string): string {
  const days = { from: getLocalStart(extent.from, 'day', zone), to: getLocalStart(extent.to - 1, 'day', zone, 1) };
  return formatSpan(toSpan(range, days, zone), zone);
}
