import type { Tuple } from './copy-rows.ts';
import type { CellKind } from './server-events.ts';

/** 2000-01-01, where Postgres counts from, in ms since the epoch. */
const EPOCH = 946_684_800_000;
const MAX_TIME = 8.64e15;
const TWO_32 = 4_294_967_296;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function readInt32({ bytes, starts }: Tuple, column: number): number {
  const at = starts[column] ?? 0;
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

/** A 64-bit integer; exact up to 2^53. */
export function readInt64({ bytes, starts }: Tuple, column: number): number {
  const at = starts[column] ?? 0;
  const high =
    ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  const low =
    (((bytes[at + 4] ?? 0) << 24) |
      ((bytes[at + 5] ?? 0) << 16) |
      ((bytes[at + 6] ?? 0) << 8) |
      (bytes[at + 7] ?? 0)) >>>
    0;
  return high * TWO_32 + low;
}

/** ms since the epoch of a timestamp; NaN for ±infinity and what JavaScript's Date cannot hold. */
export function readMicros(tuple: Tuple, column: number): number {
  const ms = Math.floor(readInt64(tuple, column) / 1_000) + EPOCH;
  return Math.abs(ms) <= MAX_TIME ? ms : Number.NaN;
}

export function readFloat({ bytes, starts }: Tuple, column: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + (starts[column] ?? 0), 8).getFloat64(0);
}

export function readText({ bytes, starts, lengths }: Tuple, column: number): string {
  const at = starts[column] ?? 0;
  return decoder.decode(bytes.subarray(at, at + (lengths[column] ?? 0)));
}

/** As SQLite's reader would give it; 64-bit integers beyond 2^53 as digits. */
export function readCell(tuple: Tuple, column: number, kind: CellKind): string | number | null {
  if ((tuple.lengths[column] ?? -1) < 0) return null;
  if (kind === 'text') return readText(tuple, column);
  if (kind === 'float') return readFloat(tuple, column);
  if (kind === 'micros') return readMicros(tuple, column);
  const number = readInt64(tuple, column);
  return Number.isSafeInteger(number) ? number : readBigInt(tuple, column);
}

const readBigInt = ({ bytes, starts }: Tuple, column: number): string =>
  String(new DataView(bytes.buffer, bytes.byteOffset + (starts[column] ?? 0), 8).getBigInt64(0));

const INTEGER = /^-?\d+$/;

/** A value of JSON as the text that the engine shows: strings as they are, numbers as JavaScript writes them; null = not set. */
export function jsonText(json: string): string | null {
  if (json === 'null') return null;
  if (json === 'true' || json === 'false' || INTEGER.test(json)) return json;
  const value: unknown = JSON.parse(json);
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
