import type { Partition, PartitionTable, SourceInfo } from '../../../protocol/index.ts';
import { formatDate, fromLocalText } from '../../widgets/zoned-time.ts';

/** A stretch of time, ms since the epoch: from inclusive, to exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
export interface StripBin extends Span {
  readonly rows: number;
}
export type BinUnit = 'hour' | 'hours3' | 'hours6' | 'day' | 'week' | 'month';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const LENGTH: Readonly<Record<BinUnit, number>> = {
  hour: HOUR,
  hours3: 3 * HOUR,
  hours6: 6 * HOUR,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
};
const UNITS = Object.keys(LENGTH) as BinUnit[];

/** Partitions as sorted columns with running sums, so that any stretch is summed by two searches. */
export interface PartitionIndex {
  readonly starts: Float64Array;
  /** `sums[i]` = rows of the partitions before i. */
  readonly sums: Float64Array;
  /** All hours; null when there are none. */
  readonly extent: Span | null;
}

export const indexSource = (source: SourceInfo): PartitionIndex =>
  source.partitionTable === undefined ? indexPartitions(source.partitions) : indexTable(source.partitionTable);

export const indexPartitions = (partitions: readonly Partition[]): PartitionIndex =>
  indexHours(
    partitions.map(({ hour }) => hour),
    partitions.map(({ rows }) => rows),
  );

const indexTable = ({ hours, rows }: PartitionTable): PartitionIndex =>
  indexHours(rows.length === 0 ? [] : hours.split('\n'), rows);

/** Years have tens of thousands of hours, indexed as a source opens: without an object for each. */
function indexHours(hours: readonly string[], rows: ArrayLike<number>): PartitionIndex {
  const parsed = parseHours(hours);
  const order = getOrder(parsed);
  const starts = order === null ? parsed : Float64Array.from(order, (at) => parsed[at] ?? 0);
  const sums = new Float64Array(starts.length + 1);
  for (let i = 0; i < starts.length; i++) sums[i + 1] = (sums[i] ?? 0) + (rows[order?.[i] ?? i] ?? 0);
  const first = starts[0];
  const last = starts.at(-1);
  return { starts, sums, extent: first === undefined || last === undefined ? null : { from: first, to: last + HOUR } };
}

/** A day's start is worked out once for its hours. */
function parseHours(hours: readonly string[]): Float64Array {
  const starts = new Float64Array(hours.length);
  let [day, start] = ['none', Number.NaN];
  for (let i = 0; i < starts.length; i++) {
    const hour = hours[i] ?? '';
    if (!hour.startsWith(day)) {
      day = hour.slice(0, 10);
      start = Date.parse(`${day}T00:00:00Z`);
    }
    starts[i] = start + Number(hour.slice(11)) * HOUR;
  }
  return starts;
}

/** Where the earliest is, the next, …; null when they are in order, as they mostly come. */
function getOrder(starts: Float64Array): Uint32Array | null {
  if (starts.every((start, i) => i === 0 || start >= (starts[i - 1] ?? 0))) return null;
  return Uint32Array.from(starts.keys()).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
}

/** Position of the first start >= ms. */
function lowerBound(starts: Float64Array, ms: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
/** Rows of the hours that begin in the span. */
export function sumRows(index: PartitionIndex, { from, to }: Span): number {
  return (index.sums[lowerBound(index.starts, to)] ?? 0) - (index.sums[lowerBound(index.starts, from)] ?? 0);
}

/** The finest unit whose bins are at least `minPx` wide. */
export function getBinUnit(domain: Span, widthPx: number, minPx = 3): BinUnit {
  const msPerPx = (domain.to - domain.from) / Math.max(1, widthPx);
  return UNITS.find((unit) => LENGTH[unit] >= msPerPx * minPx) ?? 'month';
}

const dateAt = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** Local start of the day, week (Monday) or month that `ms` lies in, moved by `n` units. */
export function getLocalStart(ms: number, unit: 'day' | 'week' | 'month', zone: string, n = 0): number {
  const [year = 0, month = 1, day = 1] = formatDate(ms, zone).split('-').map(Number);
  if (unit === 'month') return fromLocalText(dateAt(year, month - 1 + n, 1), zone);
  const back = unit === 'week' ? (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7 : 0;
  return fromLocalText(dateAt(year, month - 1, day - back + n * (unit === 'week' ? 7 : 1)), zone);
}

/** Start of the bin that `ms` lies in, moved by `n` bins. Hours are UTC hours, as partitions are; days and longer are local. */
export function getBinStart(ms: number, unit: BinUnit, zone: string, n = 0): number {
  if (unit === 'day' || unit === 'week' || unit === 'month') return getLocalStart(ms, unit, zone, n);
  return (Math.floor(ms / LENGTH[unit]) + n) * LENGTH[unit];
}

/** The bins that cover the domain, empty ones too. */
export function getBins(index: PartitionIndex, domain: Span, unit: BinUnit, zone: string): readonly StripBin[] {
  const bins: StripBin[] = [];
  for (let from = getBinStart(domain.from, unit, zone); from < domain.to;) {
    const to = getBinStart(from + LENGTH[unit] / 2, unit, zone, 1);
    bins.push({ from, to, rows: sumRows(index, { from, to }) });
    from = to;
  }
  return bins;
}
