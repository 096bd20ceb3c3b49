import type { ColumnMemory } from '../../segment/column-memory.ts';
import {
  CHUNK_ROWS,
  LANDMARK_ROWS,
  sharedF64,
  sharedU32,
  type KeptColumns,
  type ScannedChunk,
} from '../../segment/event-rows.ts';

/** The columns of one chunk before it is known how many rows it gets. */
export interface OpenChunk extends Omit<ScannedChunk, 'rows'> {
  readonly capacity: number;
  readonly landmarks: Float64Array;
}

/** `rows` = how many may come; all chunks but the last are full, so landmarks fall on the same rows as in the slice. */
export function openChunk(kept: KeptColumns, rows: number, memory: ColumnMemory): OpenChunk {
  const wanted = Math.ceil(Math.max(1, rows) / LANDMARK_ROWS) * LANDMARK_ROWS;
  const capacity = Math.min(CHUNK_ROWS, wanted);
  const base = kept.events ? capacity : 0;
  return {
    capacity,
    actors: sharedU32(base, memory),
    times: sharedF64(base, memory),
    types: sharedU32(base, memory),
    recordedAt: sharedF64(kept.recordedAt ? capacity : 0, memory),
    properties: kept.properties.map(() => sharedU32(capacity, memory)),
    landmarks: sharedF64(base / LANDMARK_ROWS, memory),
  };
}

export function closeChunk(chunk: OpenChunk, rows: number): ScannedChunk {
  const { actors, times, types, recordedAt, properties } = chunk;
  return { rows, actors, times, types, recordedAt, properties };
}

/** Landmarks of all chunks end to end, in shared memory. */
export function joinLandmarks(chunks: readonly (readonly [chunk: OpenChunk, rows: number])[]): Float64Array {
  const lists = chunks.map(([{ landmarks }, rows]) => landmarks.subarray(0, Math.ceil(rows / LANDMARK_ROWS)));
  const joined = sharedF64(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    joined.set(list, at);
    at += list.length;
  }
  return joined;
}
