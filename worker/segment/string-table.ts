import { allocateU32, allocateU8, type ColumnMemory } from './column-memory.ts';

/**
 * Strings in shared memory: UTF-8 bytes end to end and `length + 1` offsets, so that every thread reads them without
 * a copy. `get(i)` decodes on demand.
 */
export interface StringTable {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

export const EMPTY_TABLE: StringTable = { length: 0, bytes: new Uint8Array(), offsets: new Uint32Array(1) };

// A text that begins with U+FEFF keeps it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const CHECK_EVERY = 4_096;

export function getString(table: StringTable, index: number): string {
  const bytes = table.bytes.subarray(table.offsets[index], table.offsets[index + 1]);
  // TextDecoder refuses views on shared memory in browsers and some Node versions: decode a copy.
  return decoder.decode(bytes.slice());
}

/** In `memory`, or in shared memory of its own. `check` is called every few thousand strings and may throw. */
export function buildStringTable(
  strings: readonly string[],
  check: () => void = () => undefined,
  memory: ColumnMemory | null = null,
): StringTable {
  let size = 0;
  strings.forEach((s, i) => {
    if (i % CHECK_EVERY === 0) check();
    size += Buffer.byteLength(s);
  });
  const bytes = allocateTexts(memory, size);
  const entries = strings.length + 1;
  const offsets = memory === null ? new Uint32Array(new SharedArrayBuffer(4 * entries)) : allocateU32(memory, entries);
  let at = 0;
  strings.forEach((s, i) => {
    if (i % CHECK_EVERY === 0) check();
    at += encoder.encodeInto(s, bytes.subarray(at)).written;
    offsets[i + 1] = at;
  });
  return { length: strings.length, bytes, offsets };
}

/** All strings, for twins and small tables: millions of them are a burden to the garbage collector. */
export function decodeStrings(table: StringTable, check: () => void): string[] {
  const strings: string[] = [];
  forEachString(table, (text) => strings.push(text), check);
  return strings;
}

/** Strings in turn; decoded some thousand at a time, which is several times faster than one by one. */
export function forEachString(
  table: StringTable,
  visit: (text: string, index: number) => void,
  check: () => void = () => undefined,
): void {
  const { offsets, length } = table;
  for (let from = 0; from < length; from += CHECK_EVERY) {
    check();
    const to = Math.min(from + CHECK_EVERY, length);
    const start = offsets[from] ?? 0;
    const end = offsets[to] ?? 0;
    const run = decoder.decode(table.bytes.slice(start, end));
    // Where all is ASCII, offsets in bytes are offsets in the text.
    if (run.length !== end - start) for (let i = from; i < to; i++) visit(getString(table, i), i);
    else for (let i = from; i < to; i++) visit(run.slice((offsets[i] ?? 0) - start, (offsets[i + 1] ?? 0) - start), i);
  }
}

/** Index of a text, or null. Reads on through the table: a few ms a million texts. */
export function findString(table: StringTable, value: string): number | null {
  const wanted = encoder.encode(value);
  const { bytes, offsets } = table;
  // Ids mostly differ at their end.
  const last = wanted.length - 1;
  for (let i = 0; i < table.length; i++) {
    const start = offsets[i] ?? 0;
    if ((offsets[i + 1] ?? 0) - start !== wanted.length) continue;
    let at = last;
    while (at >= 0 && bytes[start + at] === wanted[at]) at--;
    if (at < 0) return i;
  }
  return null;
}

/** The texts of some indexes, in their order, as a table in `memory` or in shared memory of its own. */
export function pickStrings(
  { bytes, offsets }: StringTable,
  picked: Uint32Array,
  memory: ColumnMemory | null,
): StringTable {
  const ends = allocateTexts(memory, 4 * (picked.length + 1));
  const outOffsets = new Uint32Array(ends.buffer, ends.byteOffset, picked.length + 1);
  let size = 0;
  picked.forEach((index, i) => (outOffsets[i + 1] = size += (offsets[index + 1] ?? 0) - (offsets[index] ?? 0)));
  const outBytes = allocateTexts(memory, size);
  picked.forEach((index, i) => outBytes.set(bytes.subarray(offsets[index], offsets[index + 1]), outOffsets[i] ?? 0));
  return { length: picked.length, bytes: outBytes, offsets: outOffsets };
}

const allocateTexts = (memory: ColumnMemory | null, bytes: number): Uint8Array =>
  memory === null ? new Uint8Array(new SharedArrayBuffer(bytes)) : allocateU8(memory, bytes);
