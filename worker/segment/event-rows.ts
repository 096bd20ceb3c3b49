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

/** Element k = the arrival number of row `k * LANDMARK_ROWS` of a slice. */
export interface SliceLandmarks {
  readonly rows: number;
  readonly seqs: Float64Array;
}

/** One scanned slice with its own dictionaries, each in order of first appearance. */
export interface ScannedSlice {
  readonly rows: number;
  readonly chunks: readonly ScannedChunk[];
  readonly actorIds: StringTable;
  readonly eventNames: readonly string[];
  /** Parallel to `KeptColumns.properties`. */
  readonly propertyValues: readonly StringTable[];
  /** Of the first scan of a segment; empty else. */
  readonly landmarks: Float64Array;
}

/** 256 Ki rows: some megabytes a chunk. */
export const CHUNK_ROWS = 1 << 18;

export const sharedU32 = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(4 * length));
export const sharedF64 = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));
