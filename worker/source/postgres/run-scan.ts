import type { ColumnMemory } from '../../segment/column-memory.ts';
import type { ScannedSlice } from '../../segment/event-rows.ts';
import { describeIssues } from '../issues.ts';
import { NO_EVENT } from '../partition-pass.ts';
import { PagesUnusable } from '../pages/pages-unusable.ts';
import type { ScanReport, ScanSlice, SliceRequest } from '../event-source.ts';
import { copyRows } from './copy-rows.ts';
import { readEventCodes } from './event-codes.ts';
import { readMisKeyedHours } from './hour-keys.ts';
import { RECENT } from './find-gaps.ts';
import type { ServerPart } from './row-counts.ts';
import { conditionOf, planRow, scanSql } from './scan-sql.ts';
import { rowsHaveChanged } from './rows-have-changed.ts';
import type { ServerEvents } from './server-events.ts';
import { ServerScan } from './server-scan.ts';
import { detailOf, rangeOf, splitSeqs } from './slice-detail.ts';
import type { SyncSession } from './sync-session.ts';
import { findTwins } from './twins.ts';

/** Up to so many rows every JSON object is looked into for what is odd about it. */
const FLAGGED_ROWS = 300_000;

export interface RunScanInput {
  readonly session: SyncSession;
  readonly events: ServerEvents;
  readonly slice: ScanSlice;
  readonly request: SliceRequest;
  readonly memory: ColumnMemory | null;
  readonly check: (rowsRead: number) => void;
  /** Which of the slice's rows; '' = all. */
  readonly only?: string;
}
export interface ServerScanned {
  readonly slice: ScannedSlice;
  readonly seqs: Float64Array;
  readonly report: ScanReport;
  readonly counted: ServerPart | null;
}

/**
 * One slice in order of arrival, by one COPY of what is needed, in one snapshot. Throws E_SOURCE_CHANGED when the rows are
 * not those that an earlier scan of the slice read.
 */
export function runScan(input: RunScanInput): ServerScanned {
  const { session, slice, check } = input;
  const { snapshot } = detailOf(slice);
  let rowsRead = 0;
  const checkHere = (): void => check(rowsRead);
  return session.inSnapshot(snapshot === '' ? null : snapshot, checkHere, () =>
    scanInSnapshot({ ...input, check: (rows) => check((rowsRead = rows)) }),
  );
}

/** By a kernel where there is memory for it; once more without where that cannot keep what it read. */
export function scanInSnapshot(input: RunScanInput): ServerScanned {
  try {
    return scanRows(input, true);
  } catch (error) {
    if (error instanceof PagesUnusable) return scanRows(input, false);
    throw error;
  }
}

function scanRows(input: RunScanInput, hasKernel: boolean): ServerScanned {
  const { session, events, slice, request, check } = input;
  const detail = detailOf(slice);
  const { counting, kept, actorProperty } = request;
  const misKeyed = counting ? readMisKeyedHours(session, events, () => check(0)) : null;
  const plan = planRow(events, {
    columns: { properties: kept.properties, recordedAt: kept.recordedAt, actorProperty },
    counting,
    flags: events.table.rows <= FLAGGED_ROWS,
    eventCodes: readEventCodes(session, events),
    sendsHour: misKeyed === null,
  });
  const scan = new ServerScan({
    events,
    plan,
    kept,
    memory: input.memory,
    hasKernel,
    expected: slice.estimatedRows,
    counting,
    fromTime: detail.fromTime ?? -Infinity,
    toTime: detail.toTime ?? Infinity,
    duplicates: new Set(splitSeqs(detail.duplicates)),
    misKeyed,
    check,
  });
  const conditions = [conditionOf(events, rangeOf(detail)), input.only ?? ''].filter((part) => part !== '');
  copyRows(session, scanSql(events, plan.select, conditions.join(' AND ')), plan.select.length, scan, () =>
    scan.check(),
  );
  if (!counting && detail.hash !== '' && detail.hash !== scan.hash) throw rowsHaveChanged();
  const finished = scan.finish();
  const counted = counting ? count(input, scan, finished) : null;
  const report = { rowsRead: scan.rowsRead, issues: describeIssues(scan.issues), counted };
  return { ...finished, report, counted };
}

function count(
  { session, events }: RunScanInput,
  scan: ServerScan,
  { seqs, order }: { readonly seqs: Float64Array; readonly order: Uint32Array | null },
): ServerPart | null {
  const { counts } = scan;
  if (counts === null) return null;
  const places = order === null ? null : invert(order);
  const inOrder = counts.misKeyed
    .map((event) => ({ ...event, row: places === null ? event.row : (places[event.row] ?? NO_EVENT) }))
    .toSorted((a, b) => a.seq - b.seq);
  const twins = inOrder.length === 0 ? [] : findTwins(session, events, inOrder, () => scan.check());
  return counts.close(twins, { recent: events.seq !== null ? latestOf(seqs, scan.passedOver) : [], hash: scan.hash });
}

/** The last arrival numbers of rows that are events and of those that are not. */
const latestOf = (seqs: Float64Array, others: readonly number[]): readonly number[] =>
  [...seqs.subarray(Math.max(0, seqs.length - RECENT)), ...others].toSorted((a, b) => a - b).slice(-RECENT);

function invert(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  order.forEach((row, place) => (places[row] = place));
  return places;
}
