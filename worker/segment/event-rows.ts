import { allocateF64, allocateU32, type ColumnMemory } from './column-memory.ts';
import type { StringTable } from './string-table.ts';

/** A batch of scanned rows as the builder reads it: the part of a source's `EventBatch` that ends up in a segment. */
export interface EventRows {
  readonly count: number;
  readonly actors: readonly string[];
  readonly events: readonly string[];
  readonly times: Float64Array;
  /** Arrival numbers, ascending. */
  readonly seqs: Float64Array;
  readonly recordedAt: Float64Array | null;
  readonly properties: ReadonlyMap<string, readonly (string | null)[]>;
}

/** What a scan keeps. `events` = actor, time and type (the first scan of a segment); later scans only add columns. */
export interface KeptColumns {
  readonly events: boolean;
  readonly recordedAt: boolean;
  readonly properties: readonly string[];
}

/**
 * Up to CHUNK_ROWS rows of one slice in arrival order, in shared memory. Codes are local to the slice. Columns that
 * were not kept are empty arrays. Property codes: 0 = not set, c > 0 = value c - 1.
 */
export interface ScannedChunk {
  readonly rows: number;
  readonly actors: Uint32Array;
  readonly times: Float64Array;
  readonly types: Uint32Array;
  readonly recordedAt: Float64Array;
  readonly properties: readonly Uint32Array[];
}

/** Every how many rows of a slice its arrival number is kept: enough to find any row again by reading a few. */
export const LANDMARK_ROWS = 64;

/** Element k = the arrival number of row `k * LANDMARK_ROWS` of a slice as it was scanned, dropped rows included. */
export interface SliceLandmarks {
  /** Without the dropped ones. */
  readonly rows: number;
  readonly seqs: Float64Array;
  /** Rows of the scan that were dropped after it (ascending): copies of an event that another slice has. */
  readonly dropped: readonly number[];
}

/** One scanned slice with its own dictionaries, each in order of first appearance. */
export interface ScannedSlice {
  /**
   * Where every array of the slice lies (chunks, string tables), for kernels to read in place: one memory for all slices
   * of a build. null = each array is shared memory of its own, as without kernels.
   */
  readonly memory: ColumnMemory | null;
  readonly rows: number;
  readonly chunks: readonly ScannedChunk[];
  readonly actorIds: StringTable;
  readonly eventNames: readonly string[];
  /** Parallel to `KeptColumns.properties`. */
  readonly propertyValues: readonly StringTable[];
  /** Of the first scan of a segment; empty else. */
  readonly landmarks: Float64Array;
  /** See `SliceLandmarks`; the chunks are without these rows. */
  readonly dropped: readonly number[];
}

/** 256 Ki rows: some megabytes a chunk. */
export const CHUNK_ROWS = 1 << 18;

export const sharedU32 = (length: number, memory: ColumnMemory | null = null): Uint32Array =>
  memory === null || length === 0 ? new Uint32Array(new SharedArrayBuffer(4 * length)) : allocateU32(memory, length);
export const sharedF64 = (length: number, memory: ColumnMemory | null = null): Float64Array =>
  memory === null || length === 0 ? new Float64Array(new SharedArrayBuffer(8 * length)) : allocateF64(memory, length);
