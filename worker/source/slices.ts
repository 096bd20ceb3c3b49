import type Database from 'better-sqlite3';
import type { HourRange, ScanSlice } from './event-source.ts';
import type { EventTable, Tail } from './event-table.ts';
import { hourOf, hourStart } from './parse-time.ts';
import type { PartitionScan } from './partition-scan.ts';
import { quote, type SchemaTable } from './read-schema.ts';

const HOUR = 3_600_000;

/**
 * What one slice reads: rowids `fromRow` to `toRow` (inclusive; null = all), ts `fromKey` to `toKey` (null = open),
 * by `index` when that is the shorter way, and of those the events with `fromTime` <= time < `toTime`.
 */
export type SliceDetail = {
  readonly fromRow: number | null;
  readonly toRow: number | null;
  readonly fromKey: string | null;
  readonly toKey: string | null;
  readonly index: string | null;
  readonly fromTime: number | null;
  readonly toTime: number | null;
  /** Rows to leave out as duplicates, `seq,seq,…`. */
  readonly duplicates: string;
};

/** Rows of a table without a scan: exact for small tables, an upper estimate from the rowids for large ones. */
export function estimateRows(db: Database.Database, table: SchemaTable): number {
  if (table.kind === 'view' || table.virtual) return 0;
  const bounds = rowBounds(db, { table }, '', []);
  const span = bounds === null ? Number.POSITIVE_INFINITY : bounds.last - bounds.first + 1;
  if (table.rowid !== null && span <= 50_000_000) return span;
  return (
    db
      .prepare<[], number>(`SELECT count(*) FROM main.${quote(table.name)}`)
      .pluck()
      .get() ?? 0
  );
}

/** A source is shown by its latest rows while it is read when it has at least this many times as many. */
const LARGE = 4;

/**
 * The `rows` rows of a table that arrived last; null = it is not large, or its rows cannot be told by a rowid alone.
 * Rowids may have gaps: how many rows there are in all is estimated by how dense the last ones lie.
 */
export function findTail(db: Database.Database, { table, hour }: EventTable, rows: number): Tail | null {
  if (table.kind === 'view' || table.virtual || table.rowid === null || rows < 1) return null;
  // Copies of an event could only be found by reading everything.
  if (hour !== null && hour.index === null) return null;
  const bounds = rowBounds(db, { table }, '', []);
  const span = bounds === null ? 0 : bounds.last - bounds.first + 1;
  if (bounds === null || span < LARGE * rows || !Number.isSafeInteger(span)) return null;
  const sql = `SELECT ${table.rowid} FROM main.${quote(table.name)} NOT INDEXED ORDER BY ${table.rowid} DESC LIMIT 1 OFFSET ?`;
  const fromRow = db
    .prepare<[number], number>(sql)
    .pluck()
    .get(rows - 1);
  if (fromRow === undefined || !Number.isSafeInteger(fromRow)) return null;
  const of = Math.round(span * (rows / (bounds.last - fromRow + 1)));
  return of < LARGE * rows ? null : { fromRow, rows, of };
}

export function cutSlices(
  db: Database.Database,
  events: EventTable,
  range: HourRange,
  parts: number,
  scan: PartitionScan | null,
): readonly ScanSlice[] {
  const times = {
    fromTime: range.from === null ? null : hourStart(range.from),
    toTime: range.to === null ? null : hourStart(range.to) + HOUR,
  };
  const keys =
    scan === null || !scan.keysReadable || !hasHourIndex(events)
      ? { fromKey: null, toKey: null }
      : widen(times, scan.report.guardHours);
  const reading = { ...times, ...keys };
  if (events.table.rowid === null) {
    const detail: SliceDetail = {
      ...reading,
      fromKey: null,
      toKey: null,
      fromRow: null,
      toRow: null,
      index: null,
      duplicates: duplicatesIn(scan, null, null),
    };
    return [{ index: 0, estimatedRows: estimateRows(db, events.table), detail }];
  }
  const plan = planRows(db, events, keys, parts);
  return plan.cuts.map(([fromRow, toRow], index) => ({
    index,
    estimatedRows: Math.ceil(plan.rows / plan.cuts.length),
    detail: {
      ...reading,
      fromRow,
      toRow,
      index: plan.index,
      duplicates: duplicatesIn(scan, fromRow, toRow),
    } satisfies SliceDetail,
  }));
}

/** Piece `part` of a whole table by rowid; null = all of it, `nothing` = another piece has it. */
export function partRange(
  db: Database.Database,
  events: EventTable,
  part: number,
  parts: number,
): readonly [number, number] | null | 'nothing' {
  if (events.table.rowid === null) return part === 0 ? null : 'nothing';
  const bounds = rowBounds(db, events, '', []);
  return bounds === null ? 'nothing' : (cutEvenly(bounds.first, bounds.last, parts)[part] ?? 'nothing');
}

interface KeyRange {
  readonly fromKey: string | null;
  readonly toKey: string | null;
}

const hasHourIndex = (events: EventTable): boolean => typeof events.hour?.index === 'string';

/** The guard band: rows keyed up to that many hours beside their event time are read too. */
function widen(
  times: { readonly fromTime: number | null; readonly toTime: number | null },
  guardHours: number,
): KeyRange {
  return {
    fromKey: times.fromTime === null ? null : hourOf(times.fromTime - guardHours * HOUR),
    toKey: times.toTime === null ? null : hourOf(times.toTime - HOUR + guardHours * HOUR),
  };
}

interface RowPlan {
  readonly cuts: readonly (readonly [fromRow: number, toRow: number])[];
  readonly rows: number;
  /** Through this index, when the wanted rows are few among the rowids they span. */
  readonly index: string | null;
}

function planRows(db: Database.Database, events: EventTable, keys: KeyRange, parts: number): RowPlan {
  const bounded = keys.fromKey !== null || keys.toKey !== null;
  const [condition, values] = keyCondition(keys);
  const bounds = rowBounds(db, events, condition, values);
  if (bounds === null) return { cuts: [], rows: 0, index: null };
  const span = bounds.last - bounds.first + 1;
  if (!bounded) return { cuts: cutEvenly(bounds.first, bounds.last, parts), rows: span, index: null };
  const rows =
    db
      .prepare<string[], number>(`SELECT count(*) FROM main.${quote(events.table.name)} WHERE ${condition}`)
      .pluck()
      .get(...values) ?? 0;
  const few = rows * 4 < span;
  return {
    cuts: few ? [[bounds.first, bounds.last]] : cutEvenly(bounds.first, bounds.last, parts),
    rows: Math.min(rows, span),
    index: few ? (events.hour?.index ?? null) : null,
  };
}

/** `ts` between two keys, as a condition with its values. Both ends are answered by the index alone. */
export function keyCondition(keys: KeyRange): readonly [condition: string, values: readonly string[]] {
  const bounds = [
    ['ts >= ?', keys.fromKey],
    ['ts <= ?', keys.toKey],
  ] as const;
  const used = bounds.filter(([, key]) => key !== null);
  return [used.map(([condition]) => condition).join(' AND '), used.map(([, key]) => key ?? '')];
}

function rowBounds(
  db: Database.Database,
  { table, tail = null }: Pick<EventTable, 'table' | 'tail'>,
  condition: string,
  values: readonly string[],
): { first: number; last: number } | null {
  if (table.rowid === null) return null;
  const conditions = [condition, tail === null ? '' : `${table.rowid} >= ${tail.fromRow}`].filter((c) => c !== '');
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const ask = (aggregate: 'min' | 'max'): number | null =>
    db
      .prepare<string[], number | null>(`SELECT ${aggregate}(${table.rowid}) FROM main.${quote(table.name)}${where}`)
      .pluck()
      .get(...values) ?? null;
  const first = ask('min');
  const last = ask('max');
  return first === null || last === null ? null : { first, last };
}

function cutEvenly(first: number, last: number, parts: number): readonly (readonly [number, number])[] {
  const width = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, parts)));
  const cuts: [number, number][] = [];
  for (let from = first; from <= last && cuts.length < parts; from += width)
    cuts.push([from, cuts.length === parts - 1 ? last : Math.min(last, from + width - 1)]);
  return cuts;
}

function duplicatesIn(scan: PartitionScan | null, fromRow: number | null, toRow: number | null): string {
  if (scan === null) return '';
  return [...scan.duplicates]
    .filter((seq) => (fromRow === null || seq >= fromRow) && (toRow === null || seq <= toRow))
    .join(',');
}
