import type Database from 'better-sqlite3';
import { closeSync } from 'node:fs';
import { EngineError } from '../../protocol/errors.ts';
import type { Mapping, SqliteRef, StoreMigrations } from '../../protocol/index.ts';
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
  SourceMark,
} from './event-source.ts';
import type { EventTable } from './event-table.ts';
import { lookUpRows } from './look-up-rows.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import type { OpenOptions } from './open-source.ts';
import { countRows, type CountedPart } from './partition-pass.ts';
import { joinParts, scanWhole, type PartitionScan } from './partition-scan.ts';
import { sampleKeys } from './sample-keys.ts';
import { resolveEventTable } from './resolve-mapping.ts';
import { cutSlices, estimateRows, findTail, partRange } from './slices.ts';
import { scanSlice } from './scan-slice.ts';
import { TableMarker, type TableMark } from './source-mark.ts';
import { guardRead, toSourceError } from './sqlite-errors.ts';
import { NOT_OURS, readFileMigrations } from './store-migrations.ts';
import { openPageFile, type PageFile } from './pages/page-file.ts';
import { PagesUnusable } from './pages/pages-unusable.ts';
import { scanPages } from './pages/scan-pages.ts';

export interface SqliteFacts {
  readonly schema: null;
  readonly mapping: Mapping | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly arrival: string | null;
  readonly hasShops: boolean;
}

/** A SQLite file read through its event table. */
export class SqliteSource implements EventSource {
  readonly #userPath: string;
  readonly #open: OpenDatabase;
  readonly #events: EventTable;
  #scan: PartitionScan | null = null;
  /** Open as long as the source: closing it would drop SQLite's locks on the same file. */
  #pages: PageFile | null = null;
  #marker: TableMarker | null = null;

  constructor(ref: SqliteRef, { scratchDir, latest }: OpenOptions) {
    this.#userPath = ref.path;
    this.#open = openDatabase(ref.path, scratchDir);
    try {
      this.#events = guardRead(() => {
        const events = resolveEventTable(this.#db, ref.mapping ?? null);
        return latest === undefined ? events : { ...events, tail: findTail(this.#db, events, latest) };
      });
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
      rows: events.tail?.rows ?? guardRead(() => estimateRows(this.#db, events.table)),
      canLookUp: events.table.rowid !== null,
      prunable: typeof events.hour?.index === 'string',
      properties: events.properties,
      sampledKeys: guardRead(() => sampleKeys(this.#db, events)),
      ...(events.tail ? { partial: { rows: events.tail.rows, of: events.tail.of } } : {}),
    };
  }

  migrations(): StoreMigrations {
    return this.#events.mapping === null ? guardRead(() => readFileMigrations(this.#db)) : NOT_OURS;
  }

  /** What a statement for this file has to know; the names are those of `PushdownContext`. */
  get facts(): SqliteFacts {
    const { table, mapping } = this.#events;
    const hasShops = guardRead(
      () =>
        this.#db.prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'shops'").get() !==
        undefined,
    );
    return { schema: null, mapping, columns: table.columns, arrival: mapping === null ? null : table.rowid, hasShops };
  }

  partitions(shouldStop: (rowsSeen: number) => boolean): PartitionReport {
    return this.#partitionScan(shouldStop).report;
  }

  countPart(part: number, parts: number, shouldStop: (rowsSeen: number) => boolean): CountedPart {
    return guardRead(() => {
      const range = partRange(this.#db, this.#events, part, parts);
      return range === 'nothing' ? joinable : countRows(this.#db, this.#events, range, shouldStop);
    });
  }

  joinParts(parts: readonly PartitionPart[]): JoinedReport {
    this.#scan = joinParts(parts as readonly CountedPart[]);
    const { report, dropped, whole } = this.#scan;
    return { ...report, dropped, counted: whole };
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

  mark(before: SourceMark | null): SourceMark | null {
    return this.#marking((marker) => marker.mark(before as TableMark | null));
  }

  digest(mark: SourceMark, from: number, to: number): Uint32Array | null {
    return this.#marking((marker) => marker.digest(mark as TableMark, from, to, false));
  }

  rowsSince(mark: SourceMark, counted: PartitionPart): ScanSlice | null {
    const { strays, owners } = counted as CountedPart;
    return this.#marking((marker) => {
      const isOdd = marker.hasTwin(strays) || marker.hasOtherOwner(owners);
      return isOdd ? null : marker.rowsSince(mark as TableMark, this.#scan?.duplicates ?? new Set());
    });
  }

  fingerprint(): string {
    return checkFile(this.#userPath).fingerprint;
  }

  close(): void {
    if (this.#pages !== null) closeSync(this.#pages.fd);
    this.#pages = null;
    this.#db.close();
  }

  /** null where pages cannot be read beside SQLite, or the file is no longer the one that was opened. */
  #marking<T>(work: (marker: TableMarker) => T): T | null {
    if (this.#open.isPrivate) return null;
    try {
      return this.#inTransaction(() => {
        const file = this.#pageFile();
        this.#marker ??= new TableMarker(this.#db, this.#events, file);
        const done = work(this.#marker);
        this.#checkUnchanged(file);
        return done;
      });
    } catch (thrown) {
      if (thrown instanceof PagesUnusable) return null;
      throw toSourceError(thrown);
    }
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
  owners: [],
  strays: [],
  guardHours: 0,
  keysReadable: true,
};
