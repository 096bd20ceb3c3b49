import os from 'node:os';
import { EngineError } from '../../../protocol/errors.ts';
import { LEAST_MEMORY_LIMIT } from '../../../protocol/limits.ts';
import { parseByteSize } from '../../files/byte-size.ts';

/** How much memory the engine's process may take. */
export interface MemoryLimit {
  readonly bytes: number;
  /** Into how many pieces everything is cut, for tests; null = as many as it takes. */
  readonly pieces: number | null;
}

/** Node, its threads, SQLite's caches, the code of kernels. */
const PROCESS_BYTES = 300e6;
/** Of a build in one piece: chunks, dictionaries, records and the segment (docs/segment-format.md, Memory). */
const BUILD_BYTES_PER_ROW = 60;
/** Of each property that is built with them. */
const PROPERTY_BYTES_PER_ROW = 12;
/** Of a scan that hands its rows on: chunks, dictionaries and the rows again, by shard. */
const BATCH_BYTES_PER_ROW = 110;
/** Columns of a segment whole in memory, some of them properties, and what answers need beside. */
const WHOLE_BYTES_PER_EVENT = 24;
/** What is left to columns; the rest is scratch, partials and garbage not yet collected. */
const COLUMNS_SHARE = 0.5;
/** One memory of columns has no more (segment/column-memory.ts), however much the machine has. */
const MOST_COLUMN_BYTES = 2 ** 32;
const LEAST_ROWS = 50_000;
const MOST_BATCH_ROWS = 4_000_000;
const LEAST_WINDOW_BYTES = 8e6;

/** What is asked, else TRIBUTARY_MEMORY_LIMIT; null = no limit. Throws E_USAGE for what is no size, or too small for the engine alone. */
export function getMemoryLimit(
  asked: number | undefined,
  pieces: number | undefined,
  env = process.env['TRIBUTARY_MEMORY_LIMIT'],
): MemoryLimit | null {
  const bytes = asked ?? (env === undefined || env === '' ? null : parseLimit(env));
  if (bytes === null) return pieces === undefined ? null : { bytes: Infinity, pieces };
  if (bytes < LEAST_MEMORY_LIMIT)
    throw new EngineError(
      'E_USAGE',
      `A memory limit of ${Math.floor(bytes / 1e6)} MB is less than the engine itself takes.`,
      {
        hint: `Allow at least ${LEAST_MEMORY_LIMIT / 1e6} MB.`,
      },
    );
  return { bytes, pieces: pieces ?? null };
}

function parseLimit(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes !== null) return bytes;
  throw new EngineError('E_USAGE', `"${text}" is no size of memory.`, { hint: 'Write it like 1GB or 512MB.' });
}

/** By what a source is worked through in pieces for which nobody set a limit, as its columns do not fit into one memory. */
export const getWorkingLimit = (limit: MemoryLimit | null): MemoryLimit =>
  limit ?? { bytes: Math.min(MOST_COLUMN_BYTES, os.totalmem() / 2), pieces: null };

const getFreeBytes = ({ bytes }: MemoryLimit): number => Math.max(0, bytes - PROCESS_BYTES);

const fits = (limit: MemoryLimit | null, bytes: number): boolean =>
  bytes <= MOST_COLUMN_BYTES && (limit === null || (limit.pieces === null && bytes <= getFreeBytes(limit)));

/** Whether so many rows can be built in one piece, with so many properties. */
export const fitsBuild = (limit: MemoryLimit | null, rows: number, properties = 0): boolean =>
  fits(limit, rows * (BUILD_BYTES_PER_ROW + PROPERTY_BYTES_PER_ROW * properties));

/** Whether so many events, built before, can be held whole. */
export const fitsWhole = (limit: MemoryLimit | null, events: number): boolean =>
  fits(limit, events * WHOLE_BYTES_PER_EVENT);

/** Into how many slices a scan is cut, of which each thread holds one. */
export function countBatches(limit: MemoryLimit, threads: number, rows: number): number {
  const room = getFreeBytes(limit) / threads / BATCH_BYTES_PER_ROW;
  return limit.pieces ?? Math.ceil(rows / Math.min(MOST_BATCH_ROWS, Math.max(LEAST_ROWS, room)));
}

/** Into how many shards a build is cut, of which one is in memory at a time. */
export function countShards(limit: MemoryLimit, rows: number): number {
  const room = Math.min(getFreeBytes(limit), MOST_COLUMN_BYTES) * (COLUMNS_SHARE / BUILD_BYTES_PER_ROW);
  return limit.pieces ?? Math.ceil(rows / Math.max(LEAST_ROWS, room));
}

/** Into how many windows so many bytes of columns are cut, of which one is in memory at a time. */
export function countWindows(limit: MemoryLimit, columnBytes: number, residentBytes: number): number {
  return limit.pieces ?? Math.max(1, Math.ceil(columnBytes / getWindowBytes(limit, residentBytes)));
}

export const getWindowBytes = (limit: MemoryLimit, residentBytes: number): number =>
  Math.max(LEAST_WINDOW_BYTES, COLUMNS_SHARE * (getFreeBytes(limit) - residentBytes));
