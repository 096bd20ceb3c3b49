import type { Partition, PlanSummary } from '../../protocol/index.ts';
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

export interface PlanInput {
  readonly partitions: readonly Partition[];
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
    pruned && input.needed.from !== null ? shiftHour(input.needed.from, -guardHours) : (partitions[0]?.hour ?? null);
  const toHour =
    pruned && input.needed.to !== null ? shiftHour(input.needed.to, guardHours) : (partitions.at(-1)?.hour ?? null);
  const from = fromHour === null ? 0 : findHour(partitions, fromHour, false);
  const to = toHour === null ? 0 : findHour(partitions, toHour, true);
  const rows = getRunningRows(partitions);
  return {
    partitionsRead: Math.max(0, to - from),
    partitionsTotal: partitions.length,
    rowsRead: to > from ? (rows[to] ?? 0) - (rows[from] ?? 0) : 0,
    rowsTotal: rows[partitions.length] ?? 0,
    fromHour,
    toHour,
    guardHours,
    scan: input.inMemory ? 'cached' : pruned ? 'pruned' : 'full',
    columns: input.columns,
    threads: input.threads,
  };
}

/** Partitions come by hour. Index of the first one at (or, `behind`, after) an hour. */
function findHour(partitions: readonly Partition[], hour: string, behind: boolean): number {
  let low = 0;
  let high = partitions.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    const known = partitions[mid]?.hour ?? '';
    if (known < hour || (behind && known === hour)) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Rows before each partition, and of all: every answer asks for them, and years have tens of thousands of hours. */
const runningRows = new WeakMap<readonly Partition[], Float64Array>();
function getRunningRows(partitions: readonly Partition[]): Float64Array {
  let rows = runningRows.get(partitions);
  if (rows === undefined) {
    rows = new Float64Array(partitions.length + 1);
    for (const [i, partition] of partitions.entries()) rows[i + 1] = (rows[i] ?? 0) + partition.rows;
    runningRows.set(partitions, rows);
  }
  return rows;
}

function shiftHour(hour: string, hours: number): string {
  return getHour(Date.parse(`${hour}:00:00Z`) + hours * HOUR_MS);
}
