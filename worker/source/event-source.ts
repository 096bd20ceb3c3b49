import type { DataIssue, Mapping, PartialRows, Partition, StoreMigrations } from '../../protocol/index.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';

/**
 * Where rows come from. A source is opened once by the engine (to describe, plan and fingerprint it) and again in
 * each worker thread that scans a slice of it. All calls are synchronous: they run in a thread made for blocking.
 * Whatever is read can be stopped every few hundred rows: a stopped request has to give its threads back at once.
 */
export interface EventSource {
  describe(): SourceDescription;
  /** Partitions with rows and first/last time; needs one scan. `shouldStop` is asked every few thousand rows, with the rows seen so far. */
  partitions(shouldStop: (rowsSeen: number) => boolean): PartitionReport;
  /**
   * The same counted by several threads side by side (10 M rows in one thread take longer than all the rest of an
   * opening): piece `part` of `parts` about equal ones, by rowid. Sources that cannot be cut answer everything as part
   * 0 and nothing as the others. The engine counts `equal_times` from its segment: pieces need not hold actors or times.
   */
  countPart(part: number, parts: number, shouldStop: (rowsSeen: number) => boolean): PartitionPart;
  /** All pieces (in arrival order) as one report. Afterwards `partitions` and `slices` of this object need no scan. */
  joinParts(parts: readonly PartitionPart[]): JoinedReport;
  /** Cuts the wanted hours into at most `parts` slices, in arrival order, of about equal size. */
  slices(range: HourRange, parts: number): readonly ScanSlice[];
  /** Slices of all hours, without anything counted before: for scans that count. `slices` cuts all hours at the same rows. */
  uncountedSlices(parts: number): readonly ScanSlice[];
  /**
   * Batches of one slice in arrival order, duplicates dropped. Throws EngineError. `check` is called every few hundred
   * rows with the rows read so far; what it throws ends the scan. `counting`: of one of `uncountedSlices`; the report then
   * has what `countPart` says of these rows, and only duplicates that other slices hold too are left in.
   */
  scan(
    slice: ScanSlice,
    columns: ScanColumns,
    check?: (rowsRead: number) => void,
    counting?: boolean,
  ): Generator<EventBatch, ScanReport>;
  /**
   * `scan` straight into the columns of a slice, much faster where the source can (SQLite: from its pages); else the reason
   * why not, and the caller scans. Same rows, same counts.
   */
  scanInto(
    slice: ScanSlice,
    request: SliceRequest,
    memory: ColumnMemory,
    check: (rowsRead: number) => void,
  ): ScannedInto;
  /** Rows of that slice, as a scan of it gave them, found again. Only where `describe().canLookUp`. */
  lookUp(slice: ScanSlice, places: readonly RowPlace[], actorProperty: string | null): readonly FoundRow[];
  /**
   * Of the present state; null = this source cannot tell later whether rows were only added. `before` = that of an earlier
   * state out of which, as far as is known, it has grown: what it says of old rows need not be found again.
   */
  mark(before: SourceMark | null): SourceMark | null;
  /** Checksums of blocks `from` to `to` (exclusive) of a mark's rows as they are now; null = they cannot be told. */
  digest(mark: SourceMark, from: number, to: number): Uint32Array | null;
  /**
   * The rows that came after `mark` as a slice to be scanned and counted; null = more has changed, or may have: read all of
   * it. What the blocks of the mark hold is for the caller to compare. `counted` = what scans of the marked rows counted.
   */
  rowsSince(mark: SourceMark, counted: PartitionPart): ScanSlice | null;
  /** Changes when the file is replaced, overwritten, truncated or appended (security.md fact 7). */
  fingerprint(): string;
  /** Of a server: where its rows are, and a word for their state, from a short query. Of a file see `lookAtFile`. */
  look?(): { readonly address: string; readonly state: string; readonly sizeBytes: number };
  /** What a store of our own model lacks of the migrations of this program. */
  migrations(): StoreMigrations;
  close(): void;
}
export interface SourceDescription {
  readonly model: 'tributary' | 'mapped';
  readonly mapping: Mapping | null;
  readonly hasRecordedAt: boolean;
  /** Upper estimate of rows, for progress. */
  readonly rows: number;
  /** Whether a range of hours can be pushed into the scan. */
  readonly prunable: boolean;
  /** Whether single rows can be found again: tables with a rowid. */
  readonly canLookUp: boolean;
  /** Names that can be asked for as properties, where known without a scan. */
  readonly properties: readonly string[];
  /** Keys of the JSON column, from a sample of some thousand rows spread over the table; [] without one. Editors offer them. */
  readonly sampledKeys: readonly string[];
  /** Set when only the latest rows are read (`OpenOptions.latest`); then `rows` are those. */
  readonly partial?: PartialRows;
}
/** The event `skip` events after the one with arrival number `fromSeq`, in arrival order, both of one slice. */
export interface RowPlace {
  readonly fromSeq: number;
  readonly skip: number;
}
/** All columns and keys of a row that are set, values as in `EventBatch.properties`. */
export interface FoundRow {
  readonly props: Readonly<Record<string, string>>;
  readonly recordedAt: number | null;
}
export interface PartitionReport {
  readonly partitions: readonly Partition[];
  readonly issues: readonly DataIssue[];
  /** Largest distance in hours between a row's `ts` and the hour of its `event_time`. */
  readonly guardHours: number;
  /** What was counted, to be joined with rows that come later; absent = nobody joined pieces. */
  readonly counted?: PartitionPart;
}
export interface JoinedReport extends PartitionReport {
  /** By piece: which of its events (from 0, ascending) repeat one of an earlier piece, to be left out. */
  readonly dropped: readonly (readonly number[])[];
  /** What all pieces count together: to be joined as the first piece with rows that come later. */
  readonly counted: PartitionPart;
}
/**
 * The end of the rows that a source had in one state, and their blocks, by whose checksums others tell that old rows are
 * still the same. `detail` is the source's own; JSON-safe.
 */
export interface SourceMark {
  readonly blocks: number;
  readonly detail: Readonly<Record<string, string | number | readonly number[]>>;
}
/** Counts of one piece: opaque to everyone but the source; structured-cloneable, small. */
export type PartitionPart = Readonly<Record<string, unknown>>;
/** UTC hours `YYYY-MM-DDTHH`, inclusive, of event time; the source widens them by its guard band. null = open. */
export interface HourRange {
  readonly from: string | null;
  readonly to: string | null;
}
/** Opaque to everyone but the source that made it; structured-cloneable. */
export interface ScanSlice {
  readonly index: number;
  readonly estimatedRows: number;
  readonly detail: Readonly<Record<string, string | number | null>>;
}
export interface ScanColumns {
  readonly properties: readonly string[];
  readonly recordedAt: boolean;
  /** Property that stands for the actor (`actorFrom`), or null. */
  readonly actorProperty: string | null;
}
/** What a scan into columns wants. */
export interface SliceRequest {
  readonly kept: KeptColumns;
  readonly actorProperty: string | null;
  readonly counting: boolean;
}
export type ScannedInto = { readonly slice: ScannedSlice; readonly report: ScanReport } | { readonly reason: string };
/** Columns of up to some thousands of rows. Rows without actor, event or readable time are left out and counted. */
export interface EventBatch {
  readonly count: number;
  readonly actors: readonly string[];
  readonly events: readonly string[];
  /** ms since the epoch, UTC. */
  readonly times: Float64Array;
  /** Arrival order, unique and ascending over all slices together. */
  readonly seqs: Float64Array;
  /** ms since the epoch; NaN = not recorded. */
  readonly recordedAt: Float64Array | null;
  /** By property name; null = not set. Values as text (`true` = "true"; numbers as JSON writes them). */
  readonly properties: ReadonlyMap<string, readonly (string | null)[]>;
}
export interface ScanReport {
  readonly rowsRead: number;
  readonly issues: readonly DataIssue[];
  /** Of a scan that counts. */
  readonly counted: PartitionPart | null;
}
