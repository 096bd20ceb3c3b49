import type Database from 'better-sqlite3';
import type { ColumnMemory } from '../../segment/column-memory.ts';
import type { ScannedSlice } from '../../segment/event-rows.ts';
import type { ScanReport, ScanSlice, SliceRequest } from '../event-source.ts';
import { scanSql, type EventTable } from '../event-table.ts';
import { countIssue, describeIssues, type IssueCounts } from '../issues.ts';
import { CountedRows } from '../partition-pass.ts';
import type { Row, RowJudge } from '../row-reader.ts';
import { SliceRows } from '../slice-rows.ts';
import type { SliceDetail } from '../slices.ts';
import { createRecordDecoder, type RecordDecoder } from './decode-record.ts';
import { cutRuns, findLeaves } from './leaf-pages.ts';
import type { PageFile } from './page-file.ts';
import { planPages } from './page-plan.ts';
import { PageReader } from './page-reader.ts';
import { PagesUnusable } from './pages-unusable.ts';
import type { OddEvent } from './value-slots.ts';

/** Stays in a core's cache until it is parsed. */
const MAX_RUN_BYTES = 1 << 18;
const GAP_BYTES = 16 << 10;
const ROWS_BETWEEN_CHECKS = 512;
/** Beyond this share rows are as well read in a scan. */
const MAX_ODD_SHARE = 0.2;
const SAMPLE_ROWS = 20_000;

export interface PageScanInput {
  readonly db: Database.Database;
  readonly file: PageFile;
  readonly events: EventTable;
  readonly slice: ScanSlice;
  readonly request: SliceRequest;
  readonly memory: ColumnMemory;
  /** Called every few thousand rows; may throw. */
  readonly check: (rowsRead: number) => void;
}

/**
 * One slice read from its pages: the same events, in the same order, with the same counts as `scanSlice` finds. Rows that
 * are not of the plain form the kernel knows are decoded and judged one by one as there, those that go on in other pages
 * fetched through SQLite. Throws PagesUnusable.
 */
export function scanPages(input: PageScanInput): { readonly slice: ScannedSlice; readonly report: ScanReport } {
  const { db, slice, events, request, check } = input;
  const detail = slice.detail as SliceDetail;
  const plan = planPages(db, events, request);
  const { fromRow, toRow } = rowsOf(detail);
  let rowsRead = 0;
  const checkHere = (): void => check(rowsRead);
  const leaves = findLeaves(input.file, plan.root, fromRow, toRow, checkHere, input.memory);
  const twin = new OddRows(input, checkHere);
  const { pageSize, pages } = input.file;
  const maxRun = Math.max(pageSize, Math.min(MAX_RUN_BYTES, pageSize * pages));
  const reader = new PageReader({
    ...input,
    plan,
    leaves,
    fromRow,
    toRow,
    estimatedRows: slice.estimatedRows,
    maxRun,
    readOdd: (rowid, record, row) => twin.read(rowid, record, row),
  });
  for (const run of cutRuns(leaves, pageSize, maxRun, GAP_BYTES)) {
    reader.read(run);
    rowsRead = reader.rowsRead;
    checkHere();
    if (rowsRead > SAMPLE_ROWS && reader.oddRows > MAX_ODD_SHARE * rowsRead)
      throw new PagesUnusable('many rows are not of the plain form');
  }
  return { slice: reader.finish(), report: twin.report(reader) };
}

function rowsOf(detail: SliceDetail): { readonly fromRow: number; readonly toRow: number } {
  const { fromRow, toRow } = detail;
  if (detail.fromTime !== null || detail.toTime !== null) throw new PagesUnusable('only some hours are read');
  if (fromRow === null || toRow === null || !Number.isSafeInteger(fromRow) || !Number.isSafeInteger(toRow))
    throw new PagesUnusable('rowids go beyond 2^53');
  return { fromRow, toRow };
}

/** The rows that are not for the kernel, and all counts. */
class OddRows {
  readonly #rows: RowJudge;
  readonly #counted: CountedRows | null;
  readonly #statement: Database.Statement<[number], Row>;
  readonly #decode: RecordDecoder | null;
  readonly #issues: IssueCounts = new Map();
  readonly #input: PageScanInput;
  readonly #check: () => void;
  #fetched = 0;

  constructor(input: PageScanInput, check: () => void) {
    const { db, events, slice, request } = input;
    this.#input = input;
    this.#check = check;
    const { properties, recordedAt } = request.kept;
    const columns = { properties, recordedAt, actorProperty: request.actorProperty };
    this.#counted = request.counting ? new CountedRows(db, events, columns, check) : null;
    this.#rows = this.#counted ?? new SliceRows(db, events, slice.detail as SliceDetail, columns, check);
    const sql = scanSql(events, this.#rows.reader.select, `${events.table.rowid ?? ''} = ?`, null);
    this.#statement = db.prepare<[number], Row>(sql).raw(true);
    this.#decode = createRecordDecoder(events, this.#rows.reader.select);
  }

  read(rowid: number, record: Uint8Array | null, before: number): OddEvent | null {
    if (++this.#fetched % ROWS_BETWEEN_CHECKS === 0) this.#check();
    const row = (record === null ? null : this.#decode?.(rowid, record)) ?? this.#statement.get(rowid);
    if (row === undefined) throw new PagesUnusable('a row is not where it should be');
    if (this.#counted !== null) this.#counted.kept = before;
    const verdict = this.#rows.judge(row, rowid);
    if (verdict !== 'event') {
      if (verdict !== 'outside') countIssue(this.#issues, verdict);
      return null;
    }
    const { reader } = this.#rows;
    const { time, event, actor, recordedAt } = reader;
    return {
      time,
      event,
      actor,
      recordedAt: this.#input.events.recordedAt === null ? Number.NaN : recordedAt,
      properties: reader.properties.map((get) => get(row)),
    };
  }

  report(reader: PageReader): ScanReport {
    const { counts } = reader;
    countIssue(this.#issues, 'missing_actor', counts.actorless);
    const issues = describeIssues(this.#issues);
    const counted = this.#counted;
    if (counted === null) return { rowsRead: reader.rowsRead, issues, counted: null };
    for (const { rows, firstTime, lastTime } of reader.hours()) counted.addToPartition(firstTime, lastTime, rows);
    counted.addIssues([
      ['late_rows', counts.late],
      ['missing_actor', counts.actorless],
    ]);
    if (this.#input.events.actor === 'metadata')
      counted.addIssues([
        ['non_ascii_text', counts.nonAscii],
        ['null_metadata_keys', counts.nullKeys],
      ]);
    return { rowsRead: reader.rowsRead, issues, counted: counted.close() };
  }
}
