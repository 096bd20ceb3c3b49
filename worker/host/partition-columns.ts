import type { Partition, PartitionTable } from '../../protocol/index.ts';
import { sumRows, type PartitionHours } from '../plan/plan-partitions.ts';
import type { PartitionPart, PartitionReport } from '../source/event-source.ts';
import { pack, unpack, type Packed } from './packed.ts';

/** Partitions by column, in shared memory: years have tens of thousands, and to copy an object for each takes long. */
export interface PartitionColumns {
  /** Hours with a line feed between two. */
  readonly hours: Uint8Array;
  readonly rows: Uint32Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
}
export interface ReadPartitions {
  /** Objects, made when somebody looks, which few answers need. */
  readonly all: () => readonly Partition[];
  readonly hours: PartitionHours;
  /** A copy to be sent away. */
  readonly getTable: () => PartitionTable;
}

/** Most lists come twice: in a report, and in what was counted. */
const columnsOf = new WeakMap<readonly Partition[], PartitionColumns>();

export function toColumns(partitions: readonly Partition[]): PartitionColumns {
  let columns = columnsOf.get(partitions);
  if (columns === undefined) columnsOf.set(partitions, (columns = makeColumns(partitions)));
  return columns;
}

function makeColumns(partitions: readonly Partition[]): PartitionColumns {
  const text = Buffer.from(partitions.map(({ hour }) => hour).join('\n'));
  const count = partitions.length;
  const hours = new Uint8Array(new SharedArrayBuffer(text.length));
  hours.set(text);
  const rows = new Uint32Array(new SharedArrayBuffer(4 * count));
  const first = new Float64Array(new SharedArrayBuffer(8 * count));
  const last = new Float64Array(new SharedArrayBuffer(8 * count));
  partitions.forEach((partition, i) => {
    rows[i] = partition.rows;
    first[i] = partition.firstTime;
    last[i] = partition.lastTime;
  });
  return { hours, rows, first, last };
}

export function readColumns(columns: PartitionColumns): ReadPartitions {
  const { hours: text, rows } = columns;
  const count = rows.length;
  let made: readonly Partition[] | null = null;
  const all = (): readonly Partition[] => (made ??= makePartitions(columns));
  // `YYYY-MM-DDTHH` and a line feed between two: where one ends is known without looking.
  const isEven = text.length === Math.max(0, HOUR_LINE * count - 1);
  const lines = Buffer.from(text.buffer, text.byteOffset, text.length);
  const hourAt = (i: number): string | null => {
    if (i < 0 || i >= count) return null;
    return isEven ? lines.toString('latin1', HOUR_LINE * i, HOUR_LINE * (i + 1) - 1) : (all()[i]?.hour ?? null);
  };
  const getTable = (): PartitionTable => ({
    hours: lines.toString(),
    rows: rows.slice(),
    firstTimes: columns.first.slice(),
    lastTimes: columns.last.slice(),
  });
  return { all, hours: { count, hourAt, rowsBefore: sumRows(rows) }, getTable };
}
const HOUR_LINE = 14;

function makePartitions({ hours, rows, first, last }: PartitionColumns): readonly Partition[] {
  const names = Buffer.from(hours.buffer, hours.byteOffset, hours.length).toString().split('\n');
  return Array.from(rows, (count, i) => ({
    hour: names[i] ?? '',
    rows: count,
    firstTime: first[i] ?? 0,
    lastTime: last[i] ?? 0,
  }));
}

/** What a source counted, with its partitions by column. */
export function packCounted(part: PartitionPart): Packed {
  const { partitions, ...rest } = part;
  return pack(Array.isArray(partitions) ? { rest, columns: toColumns(partitions as Partition[]) } : { rest: part });
}

export function unpackCounted(packed: Packed): PartitionPart {
  const { rest, columns } = unpack(packed) as { readonly rest: PartitionPart; readonly columns?: PartitionColumns };
  if (columns === undefined) return rest;
  const { all } = readColumns(columns);
  return {
    ...rest,
    get partitions() {
      return all();
    },
  };
}

/** What a source says of its partitions, without an object for each until somebody looks. */
export interface CountedReport extends Omit<PartitionReport, 'counted'> {
  readonly hours: PartitionHours;
  readonly getTable: () => PartitionTable;
  readonly counted?: Packed;
}
export interface JoinedCounts extends Pick<PartitionReport, 'issues' | 'guardHours'> {
  readonly columns: PartitionColumns;
  readonly dropped: readonly (readonly number[])[];
  readonly counted: Packed;
}

export function toReport({ issues, guardHours, columns, counted }: Omit<JoinedCounts, 'dropped'>): CountedReport {
  return reportOf({ issues, guardHours, counted }, readColumns(columns));
}

export function reportOf(
  known: Pick<CountedReport, 'issues' | 'guardHours' | 'counted'>,
  { all, hours, getTable }: ReadPartitions,
): CountedReport {
  return {
    ...known,
    hours,
    getTable,
    get partitions() {
      return all();
    },
  };
}
