import {
  LANDMARK_ROWS,
  sharedF64,
  type KeptColumns,
  type ScannedChunk,
  type ScannedSlice,
} from '../../segment/event-rows.ts';
import { getString } from '../../segment/string-table.ts';
import type { TextInterner } from '../../segment/text-interner.ts';
import { orderBySeq } from './order-by-seq.ts';
import type { FinishedColumns } from './row-columns.ts';

type Column = Uint32Array | Float64Array;

export interface OpenColumns extends Pick<ScannedSlice, 'memory' | 'chunks' | 'actorIds' | 'propertyValues'> {
  readonly kept: KeptColumns;
  readonly events: TextInterner;
  /** Of all rows, as they came. */
  readonly seqs: Float64Array;
  readonly isAscending: boolean;
}

/** Columns as they came become a slice in order of arrival. */
export function finishColumns(columns: OpenColumns, check: () => void): FinishedColumns {
  const { kept, chunks, memory, actorIds, propertyValues, isAscending } = columns;
  const order = isAscending ? null : orderBySeq(columns.seqs);
  if (order !== null) putChunksInOrder(chunks, kept, order, check);
  const seqs = order === null ? columns.seqs : pick(columns.seqs, order);
  const events = columns.events.toTable();
  const slice: ScannedSlice = {
    memory,
    rows: seqs.length,
    chunks,
    actorIds,
    eventNames: Array.from({ length: events.length }, (_, i) => getString(events, i)),
    landmarks: kept.events ? getLandmarks(seqs) : sharedF64(0),
    dropped: [],
    propertyValues,
  };
  return { slice, seqs, order };
}

function putChunksInOrder(
  chunks: readonly ScannedChunk[],
  kept: KeptColumns,
  order: Uint32Array,
  check: () => void,
): void {
  const put = (of: (chunk: ScannedChunk) => Column): void => putInOrder(chunks, of, order, check);
  if (kept.events) for (const name of ['actors', 'times', 'types'] as const) put((chunk) => chunk[name]);
  if (kept.recordedAt) put((chunk) => chunk.recordedAt);
  kept.properties.forEach((_, p) => put((chunk) => chunk.properties[p] ?? NO_CODES));
}

const NO_CODES = new Uint32Array();

function putInOrder(
  chunks: readonly ScannedChunk[],
  columnOf: (chunk: ScannedChunk) => Column,
  order: Uint32Array,
  check: () => void,
): void {
  check();
  const isTimes = chunks[0] !== undefined && columnOf(chunks[0]) instanceof Float64Array;
  const flat = isTimes ? new Float64Array(order.length) : new Uint32Array(order.length);
  let at = 0;
  for (const chunk of chunks) {
    flat.set(columnOf(chunk).subarray(0, chunk.rows), at);
    at += chunk.rows;
  }
  const sorted = isTimes ? pick(flat as Float64Array, order) : pickCodes(flat as Uint32Array, order);
  at = 0;
  for (const chunk of chunks) {
    columnOf(chunk).set(sorted.subarray(at, at + chunk.rows));
    at += chunk.rows;
  }
}

/** Two loops of one kind each: one over both kinds is several times slower. */
function pick(values: Float64Array, order: Uint32Array): Float64Array<ArrayBuffer> {
  const picked = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] ?? 0] ?? 0;
  return picked;
}
function pickCodes(values: Uint32Array, order: Uint32Array): Uint32Array<ArrayBuffer> {
  const picked = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] ?? 0] ?? 0;
  return picked;
}

function getLandmarks(seqs: Float64Array): Float64Array {
  const landmarks = sharedF64(Math.ceil(seqs.length / LANDMARK_ROWS));
  for (let i = 0; i < landmarks.length; i++) landmarks[i] = seqs[i * LANDMARK_ROWS] ?? 0;
  return landmarks;
}
