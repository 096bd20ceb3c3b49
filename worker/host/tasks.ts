import type {
  ActorDifference,
  ActorRow,
  Analysis,
  ErrorData,
  Inspection,
  PropertyValues,
  ReadingWay,
  Selection,
  SourceRef,
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
import type { StringTable } from '../segment/string-table.ts';
import type { DeriveInput } from './derive-task.ts';
import type { Packed } from './packed.ts';
import type { ScanOrderFile } from './scan-order-file.ts';
import type {
  FoundRow,
  HourRange,
  JoinedReport,
  RowPlace,
  ScanReport,
  ScanSlice,
  SourceDescription,
} from '../source/event-source.ts';

/** The moments of a query as instants, the end of the data, what is asked of it: all of a `ComputeContext` that is data. */
export type ResolvedMoments = Pick<
  ComputeContext,
  'fromMs' | 'toMs' | 'asOfMs' | 'knownAtMs' | 'lastEventMs' | 'detail'
>;

/** How a thread finds the source of a request; it opens it at first use and keeps it until told to close. */
export interface SourceHandle {
  readonly sourceId: string;
  readonly ref: SourceRef;
  /** Private folder for copies that the source may need. */
  readonly scratchDir: string;
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
}

interface Query {
  readonly moments: ResolvedMoments;
  readonly analysis: Analysis;
}

/** Everything a thread can be asked: payload and result by kind. Both are structured-cloneable; columns are shared. */
export interface TaskMap {
  ensureSample: { payload: { readonly dataDir: string }; result: string };
  inspect: { payload: { readonly ref: SourceRef; readonly scratchDir: string }; result: Inspection };
  describe: {
    payload: SourceHandle;
    result: { readonly description: SourceDescription; readonly fingerprint: string };
  };
  /** Without opening it. Throws what opening would, where the file cannot be opened at all. */
  look: { payload: SourceHandle; result: SeenSource };
  countPart: { payload: SourceHandle & { readonly part: number; readonly parts: number }; result: Packed };
  joinParts: { payload: SourceHandle & { readonly counted: readonly Packed[] }; result: JoinedReport };
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
    payload: { readonly build: ColumnMemory; readonly step: ColumnStep };
    result: MergedDictionary | null;
  };
  readScanRows: { payload: { readonly scanOrder: ScanOrder; readonly scanRows: Uint32Array }; result: void };
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
  countEvents: {
    payload: { readonly range: ActorRange };
    result: { readonly events: Float64Array; readonly actors: Float64Array };
  };
  countValues: { payload: { readonly property: string; readonly limit: number }; result: PropertyValues };
  countSet: {
    payload: SourceHandle & { readonly slice: ScanSlice; readonly properties: readonly string[] };
    result: { readonly rows: number; readonly counts: readonly number[] };
  };
}
export type TaskKind = keyof TaskMap;

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
  | { readonly kind: 'closeSource'; readonly sourceId: string };
export type FromThread =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorData };
