import { getString, type StringTable } from './string-table.ts';

export const NOT_FOUND = 0xffff_ffff;
const BITS = 20;

/**
 * Where each text of a small table stands in a large one; NOT_FOUND = nowhere. One pass over the large table: a bit set of
 * the ends of the texts leaves one in some hundred to be looked at.
 */
export function findStrings(large: StringTable, wanted: StringTable, check: () => void): Uint32Array {
  const marked = new Uint8Array(1 << (BITS - 3));
  const indexOf = new Map<string, number>();
  for (let i = 0; i < wanted.length; i++) {
    const key = endOf(wanted.bytes, wanted.offsets[i] ?? 0, wanted.offsets[i + 1] ?? 0);
    marked[key >>> 3] = (marked[key >>> 3] ?? 0) | (1 << (key & 7));
    indexOf.set(getString(wanted, i), i);
  }
  const found = new Uint32Array(wanted.length).fill(NOT_FOUND);
  const { bytes, offsets, length } = large;
  let start = offsets[0] ?? 0;
  for (let i = 0; i < length; i++) {
    if ((i & 0xffff) === 0) check();
    const end = offsets[i + 1] ?? 0;
    const key = endOf(bytes, start, end);
    if (((marked[key >>> 3] ?? 0) & (1 << (key & 7))) !== 0) {
      const index = indexOf.get(getString(large, i));
      if (index !== undefined) found[index] = i;
    }
    start = end;
  }
  return found;
}

/** Ids mostly differ at their end: the last four bytes and the length, mixed. */
function endOf(bytes: Uint8Array, start: number, end: number): number {
  let key = end - start;
  for (let at = Math.max(start, end - 4); at < end; at++) key = Math.imul(key, 31) + (bytes[at] ?? 0);
  return Math.imul(key, 0x9e37_79b1) >>> (32 - BITS);
}
