import type {
  ActorDifference,
  ActorRow,
  Analysis,
  ErrorData,
  Inspection,
  JourneyMove,
  PropertyValues,
  ReadingWay,
  Selection,
  SourceRef,
  SqlText,
  StoreMigrations,
  Timeline,
} from '../../protocol/index.ts';
import type { ComputeContext, Prepared } from '../compute/compute-module.ts';
import type { KeptColumns, ScannedSlice } from '../segment/event-rows.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import type { BuiltSegment } from '../segment/segment-builder.ts';
import type { DerivedColumn, DerivedColumns } from '../segment/derived-column.ts';
import type { ActorIndex, ActorRange, PropertyColumn, Segment } from '../segment/segment.ts';
import type { ColumnStep } from '../segment/assemble/assemble-columns.ts';
import type { MergedDictionary } from '../segment/merge-dictionaries.ts';
import type { AssemblyStep, StepResult } from '../segment/assemble/assemble-slices.ts';
import type { ScanOrder } from '../segment/scan-order.ts';
import type { ActorSet } from '../segment/actor-set.ts';
import type { StringTable } from '../segment/string-table.ts';
import type { ActorSetInput } from '../source/read-actor-set.ts';
import type { ServerBudget } from '../source/postgres/session-link.ts';
import type { DeriveInput } from './derive-task.ts';
import type { NewestEvents } from './latest-tasks.ts';
import type { SqlInput } from './sql-task.ts';
import type { GrowTaskMap } from './grow-tasks.ts';
import type { PushdownTaskMap } from './pushdown-tasks.ts';
import type { Packed } from './packed.ts';
import type { JoinedCounts } from './partition-columns.ts';
import type { ScanOrderFile } from './scan-order-file.ts';
import type { ColumnInFile, ColumnValues } from '../store/column-file.ts';
import type { GatheredActors, GatherInput } from './windows/gather-actors.ts';
import type { FileLaterInput, FiledColumn } from './windows/file-later-column.ts';
import type { SpilledSlice } from './windows/scan-to-shards.ts';
import type { SpilledColumns } from './windows/scan-to-columns.ts';
import type {
  FoundRow,
  HourRange,
  RowPlace,
  ScanReport,
  ScanSlice,
  SourceDescription,
} from '../source/event-source.ts';

/** The moments of a query as instants, the end of the data, what is asked of it: all of a `ComputeContext` that is data. */
export type ResolvedMoments = Pick<
  ComputeContext,
  'fromMs' | 'toMs' | 'asOfMs' | 'knownAtMs' | 'lastEventMs' | 'detail' | 'survey'
> &
  Pick<Segment, 'actorSets'>;

/** How a thread finds the source of a request; it opens it at first use and keeps it until told to close. */
export interface SourceHandle {
  readonly sourceId: string;
  readonly ref: SourceRef;
  /** Private folder for copies that the source may need. */
  readonly scratchDir: string;
  /** Of a server, and never in anything that is written or logged. */
  readonly password?: string | undefined;
  /** Of a server: counts its connections, for all threads together. */
  readonly budget?: ServerBudget;
  /** Of a server: built entry of the thread that speaks to it. */
  readonly sessionUrl?: string | undefined;
  /** Of a preview: how many of the latest rows are read (see `OpenOptions`). */
  readonly latest?: number;
}

/** The state of a source's file: `fingerprint` tells whether it is still the same one, `state` whether it holds the same. */
export interface SeenSource {
  /** Links resolved. */
  readonly address: string;
  readonly fingerprint: string;
  readonly state: string;
  readonly sizeBytes: number;
  /** It is read through a private copy. */
  readonly isCopied: boolean;
  /** How long it took to look: files on a network answer slowly. */
  readonly tookMs: number;
}

interface Query {
  readonly moments: ResolvedMoments;
  readonly analysis: Analysis;
}

/** Everything a thread can be asked: payload and result by kind. Both are structured-cloneable; columns are shared. */
export interface TaskMap extends GrowTaskMap, PushdownTaskMap {
  ensureSample: { payload: { readonly dataDir: string }; result: string };
  inspect: { payload: SourceHandle; result: Inspection };
  describe: {
    payload: SourceHandle;
    result: { readonly description: SourceDescription; readonly fingerprint: string };
  };
  migrations: { payload: SourceHandle; result: StoreMigrations };
  /** Without opening it. Throws what opening would, where the file cannot be opened at all. */
  look: { payload: SourceHandle; result: SeenSource };
  countPart: { payload: SourceHandle & { readonly part: number; readonly parts: number }; result: Packed };
  joinParts: { payload: SourceHandle & { readonly counted: readonly Packed[] }; result: JoinedCounts };
  slices: {
    payload: SourceHandle & { readonly range: HourRange; readonly parts: number };
    result: readonly ScanSlice[];
  };
  uncountedSlices: { payload: SourceHandle & { readonly parts: number }; result: readonly ScanSlice[] };
  scan: {
    payload: SourceHandle & {
      readonly slice: ScanSlice;
      readonly kept: KeptColumns;
      readonly actorProperty: string | null;
      /** Of an uncounted slice: it is counted on the way. */
      readonly counting: boolean;
      /** Of the build: where the slice is written to; null without kernels. */
      readonly memory: ColumnMemory | null;
    };
    result: {
      readonly slice: ScannedSlice;
      readonly report: ScanReport;
      readonly counted: Packed | null;
      readonly way: ReadingWay;
    };
  };
  /** Larger than memory (windows/build-in-shards.ts): a scan whose rows go to files, by shard. */
  scanToShards: {
    payload: Omit<TaskMap['scan']['payload'], 'memory'> & SpillTarget & { readonly shards: number };
    result: Omit<TaskMap['scan']['result'], 'slice'> & { readonly spilled: SpilledSlice };
  };
  loadShard: {
    payload: {
      readonly slices: readonly ShardSlice[];
      readonly shard: number;
      readonly memory: ColumnMemory | null;
    };
    /** `scanRows` by row of the shard: its place in the whole scan. */
    result: { readonly slices: readonly ScannedSlice[]; readonly scanRows: Uint32Array };
  };
  appendShard: {
    payload: Pick<BuiltSegment, 'segment' | 'scanOrder'> & {
      readonly scanRows: Uint32Array;
      readonly place: ShardPlace;
      readonly files: Readonly<
        Record<'offsets' | 'seconds' | 'millis' | 'types' | 'idOffsets' | 'idBytes' | 'scanRows', ColumnInFile>
      >;
    };
    result: Float64Array;
  };
  recodeTypes: { payload: { readonly file: ColumnInFile; readonly codes: Uint32Array }; result: void };
  scanToColumns: {
    payload: Omit<TaskMap['scan']['payload'], 'memory'> & SpillTarget;
    result: SpilledColumns;
  };
  fileLaterColumn: { payload: FileLaterInput; result: FiledColumn };
  readColumns: { payload: { readonly reads: readonly ColumnRead[] }; result: void };
  sampleColumn: { payload: { readonly file: ColumnInFile; readonly grain: number }; result: Uint32Array };
  /** null = it is the one with this key. */
  readActorSet: { payload: ActorSetInput; result: ActorSet | null };
  /** How many actors of a set are in the segment. */
  countMembers: { payload: { readonly set: ActorSet }; result: number };
  gatherActors: { payload: GatherInput; result: GatheredActors };
  /** Counts that a module needs of all actors before it computes any: `ComputeModule.survey` of a range. */
  survey: { payload: Query & { readonly range: ActorRange }; result: Float64Array | null };
  lookUp: {
    payload: SourceHandle & {
      readonly slice: ScanSlice;
      readonly places: readonly RowPlace[];
      readonly actorProperty: string | null;
    };
    result: readonly FoundRow[];
  };
  assemble: {
    payload: { readonly slices: readonly ScannedSlice[]; readonly kernels: boolean };
    result: BuiltSegment;
  };
  assembleStep: {
    payload: { readonly build: ColumnMemory; readonly step: AssemblyStep; readonly scanOrder: ScanOrderFile };
    result: StepResult;
  };
  columnStep: {
    payload: { readonly build: ColumnMemory; readonly step: ColumnStep; readonly scanOrder: ScanOrder };
    result: MergedDictionary | null;
  };
  /** One property of a later scan by its place in `KeptColumns.properties`, without kernels. */
  assembleProperty: {
    payload: LaterScan & { readonly property: number; readonly memory: ColumnMemory | null };
    result: PropertyColumn;
  };
  assembleRecordedAt: { payload: LaterScan; result: Float64Array };
  derive: { payload: DeriveInput; result: ReadonlyMap<string, DerivedColumn> };
  prepare: { payload: Query & { readonly range: ActorRange }; result: Prepared };
  compute: {
    payload: Query & {
      readonly range: ActorRange;
      readonly derived: DerivedColumns;
      readonly prepared: Prepared | null;
    };
    result: Packed;
  };
  /** In a thread too: partials of millions of actors take longer to merge than the host may be deaf. */
  merge: {
    payload: Query & { readonly partials: readonly Packed[] };
    /** `packed` is the body for `select`. */
    result: { readonly body: unknown; readonly packed: Packed };
  };
  select: {
    payload: Query & {
      readonly range: ActorRange;
      readonly derived: DerivedColumns;
      readonly prepared: Prepared | null;
      readonly selection: Selection;
      readonly answer: Packed;
    };
    result: Uint32Array;
  };
  collectGarbage: { payload: Readonly<Record<string, never>>; result: void };
  orderActors: { payload: Readonly<Record<string, never>>; result: Uint32Array };
  sortActors: { payload: { readonly actors: Uint32Array; readonly order: Uint32Array | null }; result: Uint32Array };
  search: { payload: { readonly actors: Uint32Array; readonly text: string }; result: Uint32Array };
  actorRows: { payload: Query & ActorRowsInput; result: readonly ActorRow[] };
  actorCsv: {
    payload: Query & ActorRowsInput & { readonly spreadsheetSafe: boolean; readonly header: boolean };
    result: string;
  };
  difference: { payload: DifferenceInput; result: ActorDifference };
  timeline: { payload: TimelineInput; result: Timeline };
  writeSql: { payload: SqlInput; result: SqlText };
  findNewest: { payload: { readonly range: ActorRange; readonly limit: number }; result: NewestEvents };
  describeActors: {
    payload: { readonly actors: Uint32Array; readonly query: Query | null };
    /** In the order of `actors`. */
    result: readonly { readonly id: string; readonly moves: readonly JourneyMove[] }[];
  };
  countEvents: {
    payload: { readonly range: ActorRange };
    result: { readonly events: Float64Array; readonly actors: Float64Array };
  };
  tallyValues: { payload: { readonly property: string; readonly range: ActorRange }; result: Uint32Array };
  rankValues: {
    payload: { readonly property: string; readonly limit: number; readonly counts: Uint32Array };
    result: PropertyValues;
  };
  countSet: {
    payload: SourceHandle & { readonly slice: ScanSlice; readonly properties: readonly string[] };
    result: { readonly rows: number; readonly counts: readonly number[] };
  };
}
export type TaskKind = keyof TaskMap;

/** Where a scan puts its rows. */
interface SpillTarget {
  readonly path: string;
  readonly kernels: boolean;
}
/** A scanned slice, the places in it of rows to leave out, and the scan row of its first one. */
export interface ShardSlice {
  readonly spilled: SpilledSlice;
  readonly dropped: Uint32Array;
  readonly start: number;
}
/** What is before a shard in the columns, and their common codes and base. */
export interface ShardPlace {
  readonly events: number;
  readonly idBytes: number;
  readonly baseSeconds: number;
  readonly typeCodes: Uint32Array;
}
export interface ColumnRead {
  readonly file: ColumnInFile;
  readonly from: number;
  readonly into: ColumnValues;
}

/** Times and counts of a row are those of events between `fromMs` and `toMs`. */
export interface ActorRowsInput {
  readonly actors: Uint32Array;
  readonly fromMs: number;
  readonly toMs: number;
}
interface LaterScan {
  readonly slices: readonly ScannedSlice[];
  readonly scanOrder: ScanOrder;
  readonly rows: number;
}
/** Both lists in id order. */
export interface DifferenceInput {
  readonly aIds: StringTable;
  readonly a: Uint32Array;
  readonly bIds: StringTable;
  readonly b: Uint32Array;
}
export interface TimelineInput {
  readonly actor: ActorIndex;
  readonly query: Query | null;
  readonly offset: number;
  readonly limit: number;
}

/** Host to thread. `segment.value` is there when the thread does not hold that key yet. */
export type ToThread =
  | {
      readonly kind: 'task';
      readonly id: number;
      readonly task: TaskKind;
      readonly payload: unknown;
      readonly control: Int32Array;
      readonly slot: number;
      readonly segment: { readonly key: string; readonly value: Segment | null } | null;
    }
  | { readonly kind: 'forgetSegment'; readonly key: string }
  | { readonly kind: 'closeSource'; readonly sourceId: string }
  /** After the task it is at. */
  | { readonly kind: 'end' };
export type FromThread =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorData };
