import type Database from 'better-sqlite3';
import type { SourceRef } from '../../protocol/index.ts';
import { checkFile } from './check-file.ts';
import type {
  EventBatch,
  EventSource,
  HourRange,
  PartitionReport,
  ScanColumns,
  ScanReport,
  ScanSlice,
  SourceDescription,
} from './event-source.ts';
import type { EventTable } from './event-table.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { PartitionScan } from './partition-scan.ts';
import { sampleKeys } from './sample-keys.ts';
import { resolveEventTable } from './resolve-mapping.ts';
import { cutSlices, estimateRows } from './slices.ts';
import { scanSlice } from './scan-slice.ts';
import { guardRead } from './sqlite-errors.ts';

/** A SQLite file read through its event table. */
export class SqliteSource implements EventSource {
  readonly #userPath: string;
  readonly #open: OpenDatabase;
  readonly #events: EventTable;
  #scan: PartitionScan | null = null;

  constructor(ref: SourceRef, scratchDir: string) {
    this.#userPath = ref.path;
    this.#open = openDatabase(ref.path, scratchDir);
    try {
      this.#events = guardRead(() => resolveEventTable(this.#db, ref.mapping ?? null));
    } catch (thrown) {
      this.#db.close();
      throw thrown;
    }
  }

  get #db(): Database.Database {
    return this.#open.db;
  }

  describe(): SourceDescription {
    const events = this.#events;
    return {
      model: events.mapping === null ? 'tributary' : 'mapped',
      mapping: events.mapping,
      hasRecordedAt: events.recordedAt !== null,
      rows: guardRead(() => estimateRows(this.#db, events.table)),
      prunable: events.hour?.index != null,
      properties: events.properties,
      sampledKeys: guardRead(() => sampleKeys(this.#db, events)),
    };
  }

  partitions(shouldStop: (rowsSeen: number) => boolean): PartitionReport {
    return this.#partitionScan(shouldStop).report;
  }

  slices(range: HourRange, parts: number): readonly ScanSlice[] {
    const scan = this.#events.hour === null ? null : this.#partitionScan(() => false);
    return guardRead(() => cutSlices(this.#db, this.#events, range, parts, scan));
  }

  *scan(slice: ScanSlice, columns: ScanColumns): Generator<EventBatch, ScanReport> {
    try {
      return yield* scanSlice(this.#db, this.#events, slice, columns);
    } catch (thrown) {
      guardRead(() => {
        throw thrown;
      });
      throw thrown;
    }
  }

  fingerprint(): string {
    return checkFile(this.#userPath).fingerprint;
  }

  close(): void {
    this.#db.close();
  }

  #partitionScan(shouldStop: (rowsSeen: number) => boolean): PartitionScan {
    this.#scan ??= guardRead(() => PartitionScan.run(this.#db, this.#events, shouldStop));
    return this.#scan;
  }
}
