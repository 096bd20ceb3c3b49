import type Database from 'better-sqlite3';
import type { ScanColumns } from './event-source.ts';
import type { EventTable } from './event-table.ts';
import { passes } from './partition-pass.ts';
import { RowReader, type Row, type RowJudge, type RowVerdict } from './row-reader.ts';
import { shopOwners } from './shop-owners.ts';
import type { SliceDetail } from './slices.ts';

/** Which rows of a slice are its events, once duplicates are known. */
export class SliceRows implements RowJudge {
  readonly reader: RowReader;
  readonly #filtered: boolean;
  readonly #duplicates: ReadonlySet<number>;
  readonly #from: number;
  readonly #to: number;

  constructor(
    db: Database.Database,
    events: EventTable,
    detail: SliceDetail,
    columns: ScanColumns,
    check: () => void = () => undefined,
  ) {
    this.reader = new RowReader(events, columns, shopOwners(db, check));
    this.#filtered = events.filter !== null;
    this.#duplicates = new Set(detail.duplicates.split(',').filter(Boolean).map(Number));
    this.#from = detail.fromTime ?? Number.NEGATIVE_INFINITY;
    this.#to = detail.toTime ?? Number.POSITIVE_INFINITY;
  }

  judge(row: Row, seq: number): RowVerdict {
    if (this.#filtered && !passes(row)) return 'outside';
    const fault = this.reader.read(row);
    if (fault !== null) return fault;
    if (this.reader.time < this.#from || this.reader.time >= this.#to) return 'outside';
    return this.#duplicates.has(seq) ? 'duplicate_event_id' : 'event';
  }
}
