import { parseDerivedName } from '../compute/derived.ts';
import type { DerivedColumn } from '../segment/derived-column.ts';
import { dropRows } from '../segment/drop-rows.ts';
import type { ScannedSlice } from '../segment/event-rows.ts';
import { findStrings } from '../segment/find-strings.ts';
import { createLike, growColumn } from '../segment/grow-column.ts';
import {
  countTypes,
  growOffsets,
  planGrowth,
  planProperty,
  type ColumnGrowth,
  type Growth,
  type PropertyGrowth,
} from '../segment/grow-segment.ts';
import { renumberActors } from '../segment/renumber-actors.ts';
import type { ScanOrder } from '../segment/scan-order.ts';
import type { ActorIndex, Segment } from '../segment/segment.ts';
import type { StringTable } from '../segment/string-table.ts';
import type { ScanSlice, SourceMark } from '../source/event-source.ts';
import type { Packed } from './packed.ts';
import { unpackCounted } from './partition-columns.ts';
import { readScanRows, writeScanRows } from './scan-order-file.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { SourceHandle } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

/** What threads do for a source that has grown: `TaskMap` has these too. */
export interface GrowTaskMap {
  mark: { payload: SourceHandle; result: SourceMark | null };
  digest: {
    payload: SourceHandle & { readonly mark: SourceMark; readonly from: number; readonly to: number };
    result: Uint32Array | null;
  };
  rowsSince: {
    payload: SourceHandle & { readonly mark: SourceMark; readonly counted: Packed };
    result: ScanSlice | null;
  };
  /** Where these ids stand in the segment that grows. */
  findActors: { payload: { readonly ids: StringTable }; result: Uint32Array };
  /** On the segment that grows. null = it has to be built anew. */
  planGrowth: {
    payload: {
      readonly slice: ScannedSlice;
      readonly dropped: readonly number[];
      /** Of all actors of the slice. */
      readonly found: Uint32Array;
      /** Of the segment, in the order of the slice's. */
      readonly properties: readonly string[];
      /** Of the segment, where they are known. */
      readonly typeCounts: Float64Array | null;
    };
    result: PlannedGrowth | null;
  };
  growColumns: {
    payload: {
      readonly steps: readonly ColumnGrowth[];
      readonly places: Uint32Array;
      readonly offsets: OffsetsGrowth | null;
    };
    result: void;
  };
  growScanOrder: {
    payload: {
      readonly from: ScanOrder;
      readonly into: ScanOrder;
      readonly places: Uint32Array;
      /** Of the new events. */
      readonly scanRows: Uint32Array;
    };
    result: void;
  };
  /** Columns by actor of the grown segment, for these actors anew. */
  deriveAgain: {
    payload: {
      readonly actors: readonly ActorIndex[];
      readonly columns: readonly { readonly name: string; readonly values: DerivedColumn }[];
    };
    result: void;
  };
}
export interface PlannedGrowth {
  readonly growth: Growth;
  readonly properties: ReadonlyMap<string, PropertyGrowth>;
  /** Rows of the slice that stay, and the arrival numbers of every 64th of all: see `SliceLandmarks`. */
  readonly landmarks: { readonly rows: number; readonly seqs: Float64Array; readonly dropped: readonly number[] };
}
export interface OffsetsGrowth {
  readonly base: Pick<Segment, 'offsets' | 'actorCount' | 'eventCount'>;
  readonly grown: Uint32Array;
  readonly actors: Uint32Array;
}
type Payload<K extends keyof GrowTaskMap> = GrowTaskMap[K]['payload'];

export const GROW_TASKS = {
  mark: (handle: SourceHandle): SourceMark | null => getThreadSource(handle).mark(),
  digest: ({ mark, from, to, ...handle }: Payload<'digest'>): Uint32Array | null =>
    getThreadSource(handle).digest(mark, from, to),
  rowsSince: ({ mark, counted, ...handle }: Payload<'rowsSince'>): ScanSlice | null =>
    getThreadSource(handle).rowsSince(mark, unpackCounted(counted)),
  findActors: ({ ids }: Payload<'findActors'>, context: TaskContext): Uint32Array => {
    const checkpoint = getCheckpoint(context);
    return findStrings(getTaskSegment(context).actorIds, ids, () => checkpoint(0));
  },
  planGrowth: plan,
  growColumns,
  growScanOrder,
  deriveAgain,
} as const;

function plan(
  { slice: scanned, dropped, found, properties, typeCounts }: Payload<'planGrowth'>,
  context: TaskContext,
): PlannedGrowth | null {
  const segment = getTaskSegment(context);
  const checkpoint = getCheckpoint(context);
  const check = (): void => checkpoint(0);
  const slice = renumberActors(dropRows(scanned, dropped), check);
  // Without rows that were dropped the slice may have other actors.
  const stay = dropped.length === 0;
  const growth = planGrowth(segment, typeCounts ?? countTypes(segment), slice, stay ? found : null, check);
  if (growth === null) return null;
  const columns = properties.flatMap((name, p): [string, PropertyGrowth][] => {
    const column = segment.properties.get(name);
    const grown = column === undefined ? null : planProperty(column, slice, p, growth.rows, check);
    return grown === null ? [] : [[name, grown]];
  });
  const landmarks = { rows: slice.rows, seqs: slice.landmarks, dropped };
  return { growth, properties: new Map(columns), landmarks };
}

/** Not stopped halfway: the columns may lie where the old ones did. */
function growColumns({ steps, places, offsets }: Payload<'growColumns'>): void {
  for (const { column, grown, values, recode } of steps) {
    growColumn(column, grown, places, values);
    if (recode) for (let i = 0; i < grown.length; i++) grown[i] = recode[grown[i] ?? 0] ?? 0;
  }
  if (offsets !== null) growOffsets(offsets.base, offsets.grown, offsets.actors);
}

function growScanOrder({ from, into, places, scanRows }: Payload<'growScanOrder'>): void {
  const length = from.kind === 'memory' ? from.rows.length : from.length;
  const rows = readScanRows(from, 0, length);
  const grown = into.kind === 'memory' ? into.rows : createLike(rows, length + places.length);
  growColumn(rows, grown, places, scanRows);
  if (into.kind === 'file') writeScanRows(into, (keep) => keep(0, grown));
}

function deriveAgain({ actors, columns }: Payload<'deriveAgain'>, context: TaskContext): void {
  // One actor here and there: not for kernels, which take neighbours.
  const segment: Segment = { ...getTaskSegment(context), memory: null };
  const families = columns.map(({ name, values }) => ({ ...parseDerivedName(name), values }));
  const wanted = new Set(families.map(({ family }) => family));
  for (const family of wanted) {
    const targets = families.filter((column) => column.family === family);
    for (const actor of actors) family.fill(segment, { from: actor, to: actor + 1 }, targets, () => undefined);
  }
}
