import type { PlanSummary } from '../../protocol/index.ts';
import type { NeededHistory } from './needed-history.ts';

const HOUR_MS = 3_600_000;
/** `YYYY-MM-DDTHH` sorts as text only for the years 0001 to 9999: other bounds are left open. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:00:00Z');

/** UTC hours, inclusive; null = open. */
export interface NeededHours {
  readonly from: string | null;
  readonly to: string | null;
}

export function getHour(ms: number): string {
  return new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString().slice(0, 13);
}

/** The partition hours that hold `history`, before the source widens them by its guard band. */
export function getNeededHours(history: NeededHistory): NeededHours {
  const inRange = (ms: number): boolean => ms > FIRST_MS && ms < LAST_MS;
  return {
    from: inRange(history.fromMs) ? getHour(history.fromMs) : null,
    to: inRange(history.toMs) ? getHour(history.toMs) : null,
  };
}

/** Whether a segment built from `built` has every event of `needed`. */
export function coversHours(built: NeededHours, needed: NeededHours): boolean {
  const fromCovered = built.from === null || (needed.from !== null && built.from <= needed.from);
  const toCovered = built.to === null || (needed.to !== null && built.to >= needed.to);
  return fromCovered && toCovered;
}

/** All that a plan has to know of partitions, in the order of their hours. */
export interface PartitionHours {
  readonly count: number;
  hourAt(index: number): string | null;
  /** Before each partition, and of all. */
  readonly rowsBefore: Float64Array;
}

export interface PlanInput {
  readonly partitions: PartitionHours;
  readonly guardHours: number;
  readonly prunable: boolean;
  readonly needed: NeededHours;
  readonly columns: readonly string[];
  readonly threads: number;
  /** A segment that covers the need is in memory. */
  readonly inMemory: boolean;
}

/** What will be read: nothing new when in memory, the needed hours and their guard band when the source can prune, else all. */
export function planPartitions(input: PlanInput): PlanSummary {
  const { partitions, guardHours } = input;
  const bounded = input.needed.from !== null || input.needed.to !== null;
  const pruned = input.prunable && bounded;
  const fromHour =
    pruned && input.needed.from !== null ? shiftHour(input.needed.from, -guardHours) : partitions.hourAt(0);
  const toHour =
    pruned && input.needed.to !== null
      ? shiftHour(input.needed.to, guardHours)
      : partitions.hourAt(partitions.count - 1);
  const { rowsBefore: rows, count } = partitions;
  const from = pruned && fromHour !== null ? findHour(partitions, fromHour, false) : 0;
  const to = pruned && toHour !== null ? findHour(partitions, toHour, true) : count;
  return {
    partitionsRead: Math.max(0, to - from),
    partitionsTotal: count,
    rowsRead: to > from ? (rows[to] ?? 0) - (rows[from] ?? 0) : 0,
    rowsTotal: rows[count] ?? 0,
    fromHour,
    toHour,
    guardHours,
    scan: input.inMemory ? 'cached' : pruned ? 'pruned' : 'full',
    columns: input.columns,
    threads: input.threads,
  };
}

/** Partitions come by hour. Index of the first one at (or, `behind`, after) an hour. */
function findHour(partitions: PartitionHours, hour: string, behind: boolean): number {
  let low = 0;
  let high = partitions.count;
  while (low < high) {
    const mid = (low + high) >>> 1;
    const known = partitions.hourAt(mid) ?? '';
    if (known < hour || (behind && known === hour)) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Rows before each partition, and of all. */
export function sumRows(rows: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) sums[i + 1] = (sums[i] ?? 0) + (rows[i] ?? 0);
  return sums;
}

function shiftHour(hour: string, hours: number): string {
  return getHour(Date.parse(`${hour}:00:00Z`) + hours * HOUR_MS);
}
