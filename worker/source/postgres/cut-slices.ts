import type { HourRange, ScanSlice } from '../event-source.ts';
import type { PartitionScan } from '../partition-scan.ts';
import { hourOf, hourStart } from '../parse-time.ts';
import type { ServerPart } from './row-counts.ts';
import { conditionOf } from './scan-sql.ts';
import { quoteTable, seqOf, type ServerEvents } from './server-events.ts';
import { findGaps } from './find-gaps.ts';
import { rangeOf, WHOLE, type ServerSlice } from './slice-detail.ts';
import type { SyncSession } from './sync-session.ts';

const HOUR = 3_600_000;
/** Two scans and the snapshot they share are all connections of a source. */
const MOST_SLICES = 2;
/** Less is read by one. */
const WORTH_CUTTING = 50_000;

/** Arrival numbers of one slice, both ends included. */
export interface SeqCut {
  readonly from: number;
  readonly to: number;
  /** Once it was scanned: see `ServerSlice`. */
  readonly hash: string;
}
export interface Counted {
  readonly scan: PartitionScan | null;
  readonly whole: ServerPart;
}
interface Bounds {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** All rows there are now, or those that were counted: by arrival number, one after the other. */
export function cutWhole(
  session: SyncSession,
  events: ServerEvents,
  parts: number,
  counted: Counted | null,
  known: readonly SeqCut[] | null,
): { readonly slices: readonly ScanSlice[]; readonly cuts: readonly SeqCut[] } {
  if (events.seq === null) return { slices: cutNothing(events, counted, known), cuts: [{ from: 0, to: 0, hash: '' }] };
  const cuts = known ?? cutBounds(findBounds(session, events, counted), parts);
  return { cuts, slices: toSlices(cuts, WHOLE, counted) };
}

/** Only some hours; rows keyed up to the guard band beside their event time are read too. */
export function cutRange(
  session: SyncSession,
  events: ServerEvents,
  range: HourRange,
  parts: number,
  counted: Counted,
): readonly ScanSlice[] {
  const fromTime = range.from === null ? null : hourStart(range.from);
  const toTime = range.to === null ? null : hourStart(range.to) + HOUR;
  const guard = (counted.scan?.report.guardHours ?? 0) * HOUR;
  const isKeyed = events.isModel && counted.scan?.keysReadable === true;
  const detail: ServerSlice = {
    ...WHOLE,
    fromTime,
    toTime,
    fromKey: !isKeyed || fromTime === null ? null : hourOf(fromTime - guard),
    toKey: !isKeyed || toTime === null ? null : hourOf(toTime - HOUR + guard),
  };
  const last = counted.whole.recent.at(-1) ?? 0;
  const seq = seqOf(events);
  // Where rows have a key, their times need not be read.
  const counts = events.isModel ? { ...detail, fromTime: null, toTime: null } : detail;
  // Through the key of the hours: the index on seq would find the ends by reading all that is before and behind them.
  const [row] = session.query(
    `SELECT min(${seq} + 0)::int8, max(${seq} + 0)::int8, count(*)::int8 FROM ${quoteTable(events.table)} e
      WHERE ${seq} + 0 <= ${last} AND ${conditionOf(events, rangeOf(counts)) || 'true'}`,
  );
  const [first, end, rows] = row ?? [];
  if (first === null || first === undefined) return [];
  const bounds = { first: Number(first), last: Number(end), rows: Number(rows) };
  return toSlices(cutBounds(bounds, parts), detail, counted).map((slice) => ({
    ...slice,
    estimatedRows: Math.ceil(bounds.rows / Math.max(1, parts)),
  }));
}

/** Upper estimate, from arrival numbers; else what the planner thinks, or what the table's size allows. */
export function estimateServerRows(session: SyncSession, events: ServerEvents): number {
  const bounds = events.seq !== null ? findBounds(session, events, null) : null;
  const { rows, bytes } = events.table;
  return bounds === null
    ? Math.max(0, rows < 0 ? Math.ceil(bytes / SMALLEST_ROW) : rows)
    : bounds.last - bounds.first + 1;
}

/** Bytes: a row's head and three small columns. */
const SMALLEST_ROW = 48;

function cutNothing(
  events: ServerEvents,
  counted: Counted | null,
  known: readonly SeqCut[] | null,
): readonly ScanSlice[] {
  const detail = {
    ...WHOLE,
    hash: known?.[0]?.hash ?? '',
    duplicates: [...(counted?.scan?.duplicates ?? [])].join(','),
  };
  return [{ index: 0, estimatedRows: Math.max(0, events.table.rows), detail }];
}

function findBounds(session: SyncSession, events: ServerEvents, counted: Counted | null): Bounds | null {
  const [row] = session.query(
    `SELECT min(${seqOf(events)})::int8, max(${seqOf(events)})::int8 FROM ${quoteTable(events.table)} e`,
  );
  const [first, last] = row ?? [];
  if (first === null || first === undefined) return null;
  const end = counted === null ? Number(last) : (counted.whole.recent.at(-1) ?? Number(last));
  return { first: Number(first), last: end, rows: Math.max(0, events.table.rows) };
}

function cutBounds(bounds: Bounds | null, parts: number): readonly SeqCut[] {
  if (bounds === null) return [];
  const { first, last } = bounds;
  const count = last - first + 1 < WORTH_CUTTING ? 1 : Math.min(parts, MOST_SLICES);
  const width = Math.ceil((last - first + 1) / Math.max(1, count));
  return Array.from({ length: Math.max(1, count) }, (_, i) => ({
    from: first + i * width,
    to: i === count - 1 ? last : first + (i + 1) * width - 1,
    hash: '',
  }));
}

function toSlices(cuts: readonly SeqCut[], detail: ServerSlice, counted: Counted | null): readonly ScanSlice[] {
  const gaps = counted === null ? [] : findGaps(counted.whole);
  const duplicates = [...(counted?.scan?.duplicates ?? [])];
  return cuts.map(({ from, to, hash }, index) => {
    const within = (seq: number): boolean => seq >= from && seq <= to;
    return {
      index,
      estimatedRows: to - from + 1,
      detail: {
        ...detail,
        fromSeq: from,
        toSeq: to,
        hash,
        except: gaps.filter(within).join(','),
        duplicates: duplicates.filter(within).join(','),
      },
    };
  });
}
