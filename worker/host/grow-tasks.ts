import { parseDerivedName } from '../compute/derived.ts';
import type { DerivedColumn } from '../segment/derived-column.ts';
import { dropRows } from '../segment/drop-rows.ts';
import type { ScannedSlice } from '../segment/event-rows.ts';
import { findByKernel } from '../segment/find-by-kernel.ts';
import { findStrings, type TextRange } from '../segment/find-strings.ts';
import { growColumnsByKernel, growOffsetsByKernel } from '../segment/grow-by-kernel.ts';
import type { ColumnMemory } from '../segment/column-memory.ts';
import { createLike, growColumn } from '../segment/grow-column.ts';
import { growOffsets, type ColumnGrowth } from '../segment/grow-segment.ts';
import { countTypes, planGrowth, planProperty, type Growth, type PropertyGrowth } from '../segment/plan-growth.ts';
import { renumberActors } from '../segment/renumber-actors.ts';
import type { ScanOrder } from '../segment/scan-order.ts';
import type { Segment } from '../segment/segment.ts';
import type { StringTable } from '../segment/string-table.ts';
import type { ScanSlice, SourceMark } from '../source/event-source.ts';
import { findChanged } from './find-changed.ts';
import type { Packed } from './packed.ts';
import { unpackCounted } from './partition-columns.ts';
import { readScanRows, writeScanRows } from './scan-order-file.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { SourceHandle } from './tasks.ts';
import { getThreadSource } from './thread-sources.ts';

/** What threads do for a source that has grown: `TaskMap` has these too. */
export interface GrowTaskMap {
  mark: { payload: SourceHandle & { readonly before: SourceMark | null }; result: SourceMark | null };
  digest: {
    payload: SourceHandle & { readonly mark: SourceMark; readonly from: number; readonly to: number };
    result: Uint32Array | null;
  };
  rowsSince: {
    payload: SourceHandle & { readonly mark: SourceMark; readonly counted: Packed };
    result: ScanSlice | null;
  };
  /** Where these ids stand among some of the segment that grows. */
  findActors: { payload: { readonly ids: StringTable; readonly among: TextRange }; result: Uint32Array };
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
      /** Its column `TYPES_REPEATED`, where there is one. */
      readonly repeated: DerivedColumn | null;
    };
    result: PlannedGrowth | null;
  };
  growColumns: {
    payload: {
      readonly steps: readonly ColumnGrowth[];
      readonly places: Uint32Array;
      readonly offsets: OffsetsGrowth | null;
      /** Where all of these lie and grow where they lie; null = they are copied, or there are no kernels. */
      readonly memory: ColumnMemory | null;
    };
    result: void;
  };
  growScanOrder: {
    payload: {
      readonly from: ScanOrder;
      readonly into: ScanOrder;
      readonly places: Uint32Array;
      /** Of the new events: which of the new rows. */
      readonly rows: Uint32Array;
    };
    result: void;
  };
  /** Columns by actor of the grown segment, for these actors anew. */
  deriveAgain: {
    payload: {
      readonly actors: Uint32Array;
      readonly columns: readonly { readonly name: string; readonly values: DerivedColumn }[];
    };
    result: void;
  };
}
export interface PlannedGrowth {
  readonly growth: Growth;
  readonly properties: ReadonlyMap<string, PropertyGrowth>;
  /** Those of whom derived columns may say something else now, ascending. */
  readonly actors: Uint32Array;
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
  mark: ({ before, ...handle }: Payload<'mark'>): SourceMark | null => getThreadSource(handle).mark(before),
  digest: ({ mark, from, to, ...handle }: Payload<'digest'>): Uint32Array | null =>
    getThreadSource(handle).digest(mark, from, to),
  rowsSince: ({ mark, counted, ...handle }: Payload<'rowsSince'>): ScanSlice | null =>
    getThreadSource(handle).rowsSince(mark, unpackCounted(counted)),
  findActors: ({ ids, among }: Payload<'findActors'>, context: TaskContext): Uint32Array => {
    const checkpoint = getCheckpoint(context);
    const { actorIds, memory } = getTaskSegment(context);
    const check = (): void => checkpoint(0);
    return memory === null
      ? findStrings(actorIds, ids, check, among)
      : findByKernel(memory, actorIds, ids, check, among);
  },
  planGrowth: plan,
  growColumns,
  growScanOrder,
  deriveAgain,
} as const;

function plan(
  { slice: scanned, dropped, found, properties, typeCounts, repeated }: Payload<'planGrowth'>,
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
  const actors = findChanged(growth, segment, repeated);
  return { growth, properties: new Map(columns), actors, landmarks };
}

/** Not stopped halfway: the columns may lie where the old ones did. */
function growColumns({ steps, places, offsets, memory }: Payload<'growColumns'>): void {
  if (memory !== null) growColumnsByKernel(memory, steps, places);
  else for (const { column, grown, values } of steps) growColumn(column, grown, places, values);
  for (const { grown, recode } of steps)
    if (recode) for (let i = 0; i < grown.length; i++) grown[i] = recode[grown[i] ?? 0] ?? 0;
  if (offsets === null) return;
  const { base, grown, actors } = offsets;
  if (memory === null) growOffsets(base, grown, actors);
  else growOffsetsByKernel(memory, base, grown, actors);
}

function growScanOrder({ from, into, places, rows }: Payload<'growScanOrder'>): void {
  const length = from.kind === 'memory' ? from.rows.length : from.length;
  const order = readScanRows(from, 0, length);
  const grown = into.kind === 'memory' ? into.rows : createLike(order, length + places.length);
  growColumn(
    order,
    grown,
    places,
    rows.map((row) => length + row),
  );
  if (into.kind === 'file') writeScanRows(into, (keep) => keep(0, grown));
}

function deriveAgain({ actors, columns }: Payload<'deriveAgain'>, context: TaskContext): void {
  const segment = getTaskSegment(context);
  const targets = columns.map(({ name, values }) => ({ ...parseDerivedName(name), values }));
  for (const family of new Set(targets.map((target) => target.family))) {
    const fill = family.compile(
      segment,
      targets.filter((target) => target.family === family),
    );
    for (const actor of actors) fill(actor, actor + 1);
  }
}
