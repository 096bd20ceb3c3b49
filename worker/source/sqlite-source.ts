import type Database from 'better-sqlite3';
import { closeSync } from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/index.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import { checkFile } from './check-file.ts';
import type {
  EventBatch,
  EventSource,
  FoundRow,
  HourRange,
  JoinedReport,
  PartitionPart,
  PartitionReport,
  RowPlace,
  ScannedInto,
  SliceRequest,
  ScanColumns,
  ScanReport,
  ScanSlice,
  SourceDescription,
} from './event-source.ts';
import type { EventTable } from './event-table.ts';
import { lookUpRows } from './look-up-rows.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { countRows, type CountedPart } from './partition-pass.ts';
import { joinParts, scanWhole, type PartitionScan } from './partition-scan.ts';
import { sampleKeys } from './sample-keys.ts';
import { resolveEventTable } from './resolve-mapping.ts';
import { cutSlices, estimateRows, partRange } from './slices.ts';
import { scanSlice } from './scan-slice.ts';
import { guardRead, toSourceError } from './sqlite-errors.ts';
import { openPageFile, type PageFile } from './pages/page-file.ts';
import { PagesUnusable } from './pages/pages-unusable.ts';
import { scanPages } from './pages/scan-pages.ts';

/** A SQLite file read through its event table. */
export class SqliteSource implements EventSource {
  readonly #userPath: string;
  readonly #open: OpenDatabase;
  readonly #events: EventTable;
  #scan: PartitionScan | null = null;
  /** Open as long as the source: closing it would drop SQLite's locks on the same file. */
  #pages: PageFile | null = null;

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
      canLookUp: events.table.rowid !== null,
      prunable: typeof events.hour?.index === 'string',
      properties: events.properties,
      sampledKeys: guardRead(() => sampleKeys(this.#db, events)),
    };
  }

  partitions(shouldStop: (rowsSeen: number) => boolean): PartitionReport {
    return this.#partitionScan(shouldStop).report;
  }

  countPart(part: number, parts: number, shouldStop: (rowsSeen: number) => boolean): CountedPart {
    return guardRead(() => {
      const range = partRange(this.#db, this.#events.table, part, parts);
      return range === 'nothing' ? joinable : countRows(this.#db, this.#events, range, shouldStop);
    });
  }

  joinParts(parts: readonly PartitionPart[]): JoinedReport {
    this.#scan = joinParts(parts as readonly CountedPart[]);
    return { ...this.#scan.report, dropped: this.#scan.dropped };
  }

  slices(range: HourRange, parts: number): readonly ScanSlice[] {
    const scan = this.#events.hour === null ? null : this.#partitionScan(() => false);
    return guardRead(() => cutSlices(this.#db, this.#events, range, parts, scan));
  }

  uncountedSlices(parts: number): readonly ScanSlice[] {
    return guardRead(() => cutSlices(this.#db, this.#events, { from: null, to: null }, parts, null));
  }

  *scan(
    slice: ScanSlice,
    columns: ScanColumns,
    check: (rowsRead: number) => void = () => undefined,
    counting = false,
  ): Generator<EventBatch, ScanReport> {
    try {
      return yield* scanSlice(this.#db, this.#events, slice, columns, check, counting);
    } catch (thrown) {
      guardRead(() => {
        throw thrown;
      });
      throw thrown;
    }
  }

  scanInto(
    slice: ScanSlice,
    request: SliceRequest,
    memory: ColumnMemory,
    check: (rowsRead: number) => void,
  ): ScannedInto {
    try {
      return this.#inTransaction(() => {
        const file = this.#pageFile();
        const scanned = scanPages({ db: this.#db, file, events: this.#events, slice, request, memory, check });
        this.#checkUnchanged(file);
        return scanned;
      });
    } catch (thrown) {
      if (thrown instanceof PagesUnusable) return { reason: thrown.message };
      throw toSourceError(thrown);
    }
  }

  lookUp(slice: ScanSlice, places: readonly RowPlace[], actorProperty: string | null): readonly FoundRow[] {
    return guardRead(() => lookUpRows(this.#db, this.#events, slice, places, actorProperty));
  }

  fingerprint(): string {
    return checkFile(this.#userPath).fingerprint;
  }

  close(): void {
    if (this.#pages !== null) closeSync(this.#pages.fd);
    this.#pages = null;
    this.#db.close();
  }

  /** The file that SQLite reads: the user's, or the private copy of one with a log. */
  #pageFile(): PageFile {
    this.#pages ??= openPageFile(this.#db.name);
    this.#checkUnchanged(this.#pages);
    return this.#pages;
  }

  /** Pages read beside SQLite have to be those of the file that was opened. */
  #checkUnchanged({ identity }: PageFile): void {
    const { file, isPrivate } = this.#open;
    if (isPrivate) return;
    if (file.fingerprint.startsWith(identity) && this.fingerprint() === file.fingerprint) return;
    throw new EngineError('E_SOURCE_CHANGED', 'The file changed while it was read.', {
      hint: 'Open it again to work with its present state.',
    });
  }

  /** Holds the read lock, so that no well-behaved program writes meanwhile. */
  #inTransaction<T>(read: () => T): T {
    this.#db.exec('BEGIN');
    try {
      this.#db.pragma('schema_version');
      return read();
    } finally {
      this.#db.exec('ROLLBACK');
    }
  }

  #partitionScan(shouldStop: (rowsSeen: number) => boolean): PartitionScan {
    this.#scan ??= guardRead(() => scanWhole(this.#db, this.#events, shouldStop));
    return this.#scan;
  }
}

/** Of a table that can't be cut, all but the first part. */
const joinable: CountedPart = {
  partitions: [],
  issues: [],
  duplicates: [],
  strays: [],
  guardHours: 0,
  keysReadable: true,
};
