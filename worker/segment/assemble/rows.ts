import { WASM } from '../../kernels/generated/assemble-rows.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';
import { allocate, viewF64, viewU16, viewU32, viewU8, type ColumnMemory, type Pointer } from '../column-memory.ts';
import type { ScannedSlice } from '../event-rows.ts';
import type { Segment, TypeColumn } from '../segment.ts';

interface RowsKernel extends Readonly<Record<string, (...args: number[]) => number>> {
  readonly globalize: (...args: number[]) => number;
  readonly count: (...args: number[]) => number;
  readonly partition: (...args: number[]) => number;
  readonly sort: (...args: number[]) => number;
}
const kernel = defineKernel<RowsKernel>(WASM);

const RECORD_BYTES = 12;
/** Of a record's key, for the place of the actor in its bucket and the type; the rest is the time. */
const CODE_BITS = 22;
/** More event types leave too little room for the actor: then the twin builds the segment. */
export const MAX_KERNEL_TYPES = 1 << 10;
/** A bucket with its working space stays in a core's cache. */
const ROWS_PER_BUCKET = 1 << 15;
/** Rows between two looks at the request: a kernel called often becomes fast code, one called once never does. */
const STEP = 1 << 14;

export const getRecordSpace = (rows: number): number => RECORD_BYTES * rows;

/** Rows of one chunk, where they lie and where they are in the scan. */
interface ChunkPlace {
  readonly slice: number;
  readonly rows: number;
  readonly scanRow: number;
  readonly actors: Pointer;
  readonly times: Pointer;
  readonly types: Pointer;
}

/** Actors of a chunk, and merged codes by local ones. */
interface LocalChunk {
  readonly rows: number;
  readonly actors: Pointer;
  readonly codes: Pointer;
}

/** Sorting rows by (actor, time, scan order) in buckets of 2^shift actors, by `parts` threads. Data only. */
export interface RowsPlan {
  readonly eventCount: number;
  readonly actorCount: number;
  /** By part: neighbouring chunks with about equal numbers of rows, in scan order. */
  readonly chunks: readonly (readonly ChunkPlace[])[];
  readonly shift: number;
  readonly typeBits: number;
  readonly buckets: number;
  /** By part, u32 a bucket: its rows, then the place of its next record. */
  readonly cursors: readonly Pointer[];
  /** By part and slice, u32 a local type. */
  readonly typeCounts: readonly (readonly Pointer[])[];
  /** By part: first and last time as f64. */
  readonly spans: readonly Pointer[];
  /** By part, about as many each: those whose actors have codes of their slice still. */
  readonly localChunks: readonly (readonly LocalChunk[])[];
  readonly records: Pointer;
}

/** `records`: `getRecordSpace` bytes. `codes` by slice, as `numberStrings` leaves them. */
export function planRows(
  memory: ColumnMemory,
  slices: readonly ScannedSlice[],
  dictionary: { readonly actorCount: number; readonly codes: readonly Uint32Array[] },
  parts: number,
  records: Pointer,
): RowsPlan {
  const eventCount = slices.reduce((sum, slice) => sum + slice.rows, 0);
  const { actorCount, codes } = dictionary;
  const types = new Set(slices.flatMap((slice) => slice.eventNames)).size;
  const typeBits = Math.ceil(Math.log2(Math.max(1, types)));
  const actorsPerBucket = Math.max(1, (ROWS_PER_BUCKET * actorCount) / Math.max(1, eventCount));
  const shift = Math.min(CODE_BITS - typeBits, Math.floor(Math.log2(actorsPerBucket)));
  const buckets = Math.ceil(actorCount / 2 ** shift);
  const each = <T>(make: () => T): readonly T[] => Array.from({ length: parts }, make);
  return {
    eventCount,
    actorCount,
    chunks: splitChunks(slices, eventCount, parts),
    shift,
    typeBits,
    buckets,
    cursors: each(() => allocate(memory, 4 * buckets)),
    typeCounts: each(() => slices.map((slice) => allocate(memory, 4 * slice.eventNames.length))),
    spans: each(() => newSpan(memory)),
    localChunks: splitLocalChunks(slices, codes, parts),
    records,
  };
}

/** The first slice's dictionary is the beginning of the merged one, unless two of its texts became one in UTF-8. */
function splitLocalChunks(
  slices: readonly ScannedSlice[],
  codes: readonly Uint32Array[],
  parts: number,
): readonly (readonly LocalChunk[])[] {
  const local = slices.flatMap(({ chunks }, s): LocalChunk[] => {
    const list = codes[s];
    if (list === undefined || (s === 0 && list.at(-1) === list.length - 1)) return [];
    return chunks.map(({ rows, actors }) => ({ rows, actors: actors.byteOffset, codes: list.byteOffset }));
  });
  return Array.from({ length: parts }, (_, part) => local.filter((_chunk, i) => i % parts === part));
}

/** Gives a part's actors the codes of the merged dictionary. `check` is called every few thousand rows and may throw. */
export function globalizeActors(memory: ColumnMemory, plan: RowsPlan, part: number, check: () => void): void {
  const { globalize } = kernel.on(memory);
  for (const { rows, actors, codes } of plan.localChunks[part] ?? [])
    for (let from = 0; from < rows; from += STEP) {
      check();
      globalize(actors + 4 * from, Math.min(STEP, rows - from), codes);
    }
}

function newSpan(memory: ColumnMemory): Pointer {
  const at = allocate(memory, 16);
  viewF64(memory, at, 2).set([Infinity, -Infinity]);
  return at;
}

function splitChunks(slices: readonly ScannedSlice[], rows: number, parts: number): ChunkPlace[][] {
  const split: ChunkPlace[][] = Array.from({ length: parts }, () => []);
  let scanRow = 0;
  slices.forEach((slice, s) => {
    for (const { rows: count, actors, times, types } of slice.chunks) {
      const part = Math.min(parts - 1, Math.floor(((scanRow + count / 2) * parts) / Math.max(1, rows)));
      split[part]?.push({
        slice: s,
        rows: count,
        scanRow,
        actors: actors.byteOffset,
        times: times.byteOffset,
        types: types.byteOffset,
      });
      scanRow += count;
    }
  });
  return split;
}

/** Counts a part's rows by bucket and type, once all actors have merged codes. `check` is called every few thousand rows with those done and may throw. */
export function countRows(memory: ColumnMemory, plan: RowsPlan, part: number, check: (rows: number) => void): void {
  const { count } = kernel.on(memory);
  const buckets = plan.cursors[part] ?? 0;
  const span = plan.spans[part] ?? 0;
  forEachStep(plan, part, check, (chunk, from, rows) => {
    const typeCounts = plan.typeCounts[part]?.[chunk.slice] ?? 0;
    const { actors, times, types } = chunk;
    count(actors + 4 * from, times + 8 * from, types + 4 * from, rows, plan.shift, buckets, typeCounts, span);
  });
}

/** What must be known of all rows before they are partitioned. */
export interface PartitionOrder {
  readonly baseSeconds: number;
  /** By slice: u32 merged code by local type. */
  readonly typeCodes: readonly Pointer[];
}

/** Puts a part's rows into their buckets; `plan.cursors` are places by then. */
export function partitionRows(
  memory: ColumnMemory,
  plan: RowsPlan,
  part: number,
  { baseSeconds, typeCodes }: PartitionOrder,
  check: (rows: number) => void,
): void {
  const { partition } = kernel.on(memory);
  const { shift, typeBits, records } = plan;
  const cursors = plan.cursors[part] ?? 0;
  forEachStep(plan, part, check, (chunk, from, rows) => {
    const codes = typeCodes[chunk.slice] ?? 0;
    const [actors, times, types] = [chunk.actors + 4 * from, chunk.times + 8 * from, chunk.types + 4 * from];
    const scanRow = chunk.scanRow + from;
    partition(actors, times, types, rows, codes, shift, typeBits, baseSeconds, cursors, records, scanRow);
  });
}

function forEachStep(
  plan: RowsPlan,
  part: number,
  check: (rows: number) => void,
  run: (chunk: ChunkPlace, from: number, rows: number) => void,
): void {
  let done = 0;
  for (const chunk of plan.chunks[part] ?? [])
    for (let from = 0; from < chunk.rows; from += STEP) {
      check(done);
      const rows = Math.min(STEP, chunk.rows - from);
      run(chunk, from, rows);
      done += rows;
    }
}

/** Columns of a segment that sorting fills, in whatever memory. */
export type SortedColumns = Pick<Segment, 'offsets' | 'seconds' | 'millis' | 'types'>;

/** Neighbouring buckets, by their numbers; `starts[b - from]` = first event of bucket b, with the end of the last. */
export interface BucketRange {
  readonly from: number;
  readonly to: number;
  readonly starts: Uint32Array;
}

/**
 * Sorts the partitioned rows of some buckets into columns. `keepScanRows` gets the scan rows of the events from `at` on,
 * bucket by bucket, in a view that the next bucket overwrites. Returns the events at exactly the time of the one before
 * of the same actor.
 */
export function sortBuckets(
  memory: ColumnMemory,
  plan: RowsPlan,
  { from, to, starts }: BucketRange,
  columns: SortedColumns,
  keepScanRows: (at: number, scanRows: Uint32Array) => void,
  check: (rows: number) => void,
): number {
  const { sort } = kernel.on(memory);
  const { shift, typeBits, actorCount } = plan;
  const first = starts[0] ?? 0;
  const work = newWorkspace(memory, plan, maxDifference(starts), columns.types.BYTES_PER_ELEMENT);
  let equalTimes = 0;
  for (let bucket = from; bucket < to; bucket++) {
    const start = starts[bucket - from] ?? 0;
    const rows = (starts[bucket - from + 1] ?? start) - start;
    const actor = bucket * 2 ** shift;
    const actors = Math.min(2 ** shift, actorCount - actor);
    check(start - first);
    equalTimes += sort(
      plan.records + RECORD_BYTES * start,
      rows,
      actors,
      shift,
      typeBits,
      columns.types.BYTES_PER_ELEMENT,
      start,
      work.cursors,
      work.keys,
      work.scanRows.byteOffset,
      work.offsets.byteOffset,
      work.seconds.byteOffset,
      work.millis.byteOffset,
      work.types.byteOffset,
    );
    columns.offsets.set(work.offsets.subarray(0, actors), actor);
    columns.seconds.set(work.seconds.subarray(0, rows), start);
    columns.millis.set(work.millis.subarray(0, rows), start);
    columns.types.set(work.types.subarray(0, rows), start);
    keepScanRows(start, work.scanRows.subarray(0, rows));
  }
  return equalTimes;
}

interface Workspace extends SortedColumns {
  readonly cursors: Pointer;
  readonly keys: Pointer;
  readonly scanRows: Uint32Array;
}
/** Results of a bucket: the kernel reaches one memory, the segment's columns lie in another. */
function newWorkspace(memory: ColumnMemory, { shift }: RowsPlan, rows: number, typeBytes: number): Workspace {
  const types = allocate(memory, typeBytes * rows);
  return {
    cursors: allocate(memory, 4 * 2 ** shift),
    keys: allocate(memory, 8 * rows),
    scanRows: viewU32(memory, allocate(memory, 4 * rows), rows),
    offsets: viewU32(memory, allocate(memory, 4 * 2 ** shift), 2 ** shift),
    seconds: viewU32(memory, allocate(memory, 4 * rows), rows),
    millis: viewU16(memory, allocate(memory, 2 * rows), rows),
    types: viewTypes(memory, types, rows, typeBytes),
  };
}

function viewTypes(memory: ColumnMemory, at: Pointer, rows: number, bytes: number): TypeColumn {
  return bytes === 1 ? viewU8(memory, at, rows) : viewU16(memory, at, rows);
}

function maxDifference(starts: Uint32Array): number {
  let most = 0;
  for (let i = 1; i < starts.length; i++) most = Math.max(most, (starts[i] ?? 0) - (starts[i - 1] ?? 0));
  return most;
}
