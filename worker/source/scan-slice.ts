import type Database from 'better-sqlite3';
import type { EventBatch, ScanColumns, ScanReport, ScanSlice } from './event-source.ts';
import { scanSql, type EventTable } from './event-table.ts';
import { countIssue, describeIssues, type IssueCounts } from './issues.ts';
import { CountedRows } from './partition-pass.ts';
import type { Row, RowJudge, RowReader } from './row-reader.ts';
import { SliceRows } from './slice-rows.ts';
import { keyCondition, type SliceDetail } from './slices.ts';

const BATCH_ROWS = 8_192;
const ROWS_BETWEEN_CHECKS = 512;

/**
 * Reads one slice in arrival order, a batch at most every `BATCH_ROWS` rows read; `check` may throw. `counting`: the slice
 * is all hours and nothing was counted yet, so duplicates are found on the way.
 */
export function* scanSlice(
  db: Database.Database,
  events: EventTable,
  slice: ScanSlice,
  columns: ScanColumns,
  check: (rowsRead: number) => void,
  counting: boolean,
): Generator<EventBatch, ScanReport> {
  const detail = slice.detail as SliceDetail;
  let rowsRead = 0;
  const checkHere = (): void => check(rowsRead);
  const counted = counting ? new CountedRows(db, events, columns, checkHere) : null;
  const rows: RowJudge = counted ?? new SliceRows(db, events, detail, columns, checkHere);
  const { reader } = rows;
  const issues: IssueCounts = new Map();
  const hasRowid = events.table.rowid !== null;
  let batch = new OpenBatch(columns);
  for (const row of iterateSlice(db, events, reader.select, detail)) {
    if (++rowsRead % ROWS_BETWEEN_CHECKS === 0) check(rowsRead);
    const seq = hasRowid ? Number(row[0]) : rowsRead;
    const kind = rows.judge(row, seq);
    if (kind === 'event') batch.add(reader, row, seq);
    else if (kind !== 'outside') countIssue(issues, kind);
    if (rowsRead % BATCH_ROWS === 0) {
      yield batch.close();
      batch = new OpenBatch(columns);
    }
  }
  if (batch.count > 0) yield batch.close();
  return { rowsRead, issues: describeIssues(issues), counted: counted?.close() ?? null };
}

/** The statement of a slice and its values; what EXPLAIN QUERY PLAN is asked about in tests. */
export function sliceStatement(
  events: EventTable,
  select: readonly string[],
  detail: SliceDetail,
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const [keyText, keyValues] = keyCondition(detail);
  // Through the hour index the rowid is only compared (unary plus), else the table is walked by rowid.
  const rowid = `${detail.index === null ? '' : '+'}${events.table.rowid ?? ''}`;
  const rows = detail.fromRow === null || detail.toRow === null ? [] : [`${rowid} >= ?`, `${rowid} <= ?`];
  const condition = [keyText, ...rows].filter((c) => c !== '').join(' AND ');
  const values = [...keyValues, ...(rows.length === 0 ? [] : [detail.fromRow ?? 0, detail.toRow ?? 0])];
  return { sql: scanSql(events, select, condition, detail.index), values };
}

function iterateSlice(
  db: Database.Database,
  events: EventTable,
  select: readonly string[],
  detail: SliceDetail,
): IterableIterator<Row> {
  const { sql, values } = sliceStatement(events, select, detail);
  return db
    .prepare(sql)
    .raw(true)
    .iterate(...values) as IterableIterator<Row>;
}

class OpenBatch {
  count = 0;
  readonly #actors: string[] = [];
  readonly #events: string[] = [];
  readonly #times = new Float64Array(BATCH_ROWS);
  readonly #seqs = new Float64Array(BATCH_ROWS);
  readonly #recordedAt: Float64Array | null;
  readonly #names: readonly string[];
  readonly #values: (string | null)[][];

  constructor(columns: ScanColumns) {
    this.#recordedAt = columns.recordedAt ? new Float64Array(BATCH_ROWS) : null;
    this.#names = columns.properties;
    this.#values = columns.properties.map(() => []);
  }

  add(reader: RowReader, row: Row, seq: number): void {
    const at = this.count++;
    this.#actors.push(reader.actor);
    this.#events.push(reader.event);
    this.#times[at] = reader.time;
    this.#seqs[at] = seq;
    if (this.#recordedAt !== null) this.#recordedAt[at] = reader.recordedAt;
    for (let p = 0; p < this.#values.length; p++) this.#values[p]?.push(reader.properties[p]?.(row) ?? null);
  }

  close(): EventBatch {
    const n = this.count;
    return {
      count: n,
      actors: this.#actors,
      events: this.#events,
      times: this.#times.subarray(0, n),
      seqs: this.#seqs.subarray(0, n),
      recordedAt: this.#recordedAt?.subarray(0, n) ?? null,
      properties: new Map(this.#names.map((name, p) => [name, this.#values[p] ?? []])),
    };
  }
}
