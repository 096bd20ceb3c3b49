import type { ScannedChunk, ScannedSlice } from './event-rows.ts';

/**
 * The slice without some of its rows (numbers from 0, ascending). They are few: what lies behind each is moved up in place.
 *
 *   rows 1 and 4 of   a b c d | e f      →   a c d | f      chunk by chunk
 */
export function dropRows(slice: ScannedSlice, rows: readonly number[]): ScannedSlice {
  if (rows.length === 0) return slice;
  let start = 0;
  const chunks = slice.chunks.map((chunk) => {
    const own = rows.filter((row) => row >= start && row < start + chunk.rows).map((row) => row - start);
    start += chunk.rows;
    return own.length === 0 ? chunk : dropFromChunk(chunk, own);
  });
  return { ...slice, chunks, rows: slice.rows - rows.length, dropped: rows };
}

function dropFromChunk(chunk: ScannedChunk, rows: readonly number[]): ScannedChunk {
  for (const column of [chunk.actors, chunk.times, chunk.types, chunk.recordedAt, ...chunk.properties])
    rows.forEach((row, i) => column.copyWithin(row - i, row + 1, rows[i + 1] ?? chunk.rows));
  return { ...chunk, rows: chunk.rows - rows.length };
}
