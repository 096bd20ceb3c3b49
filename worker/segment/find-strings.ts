import type { StringTable } from './string-table.ts';

export const NOT_FOUND = 0xffff_ffff;
const BITS = 18;

/**
 * Where each text of a small table stands in a large one; NOT_FOUND = nowhere. One pass over the large table: the ends of
 * the wanted texts are chained by a hash, so that most others are passed by at one look.
 *
 *   heads   by hash of length and last four bytes: wanted text + 1, 0 = none
 *   next    by wanted text: another one of the same hash + 1
 */
export function findStrings(large: StringTable, wanted: StringTable, check: () => void): Uint32Array {
  const heads = new Uint32Array(1 << BITS);
  const next = new Uint32Array(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const hash = hashEnd(wanted.bytes, wanted.offsets[i] ?? 0, wanted.offsets[i + 1] ?? 0);
    next[i] = heads[hash] ?? 0;
    heads[hash] = i + 1;
  }
  const found = new Uint32Array(wanted.length).fill(NOT_FOUND);
  for (let from = 0; from < large.length; from += CHECK_EVERY) {
    check();
    findInRun(large, from, Math.min(large.length, from + CHECK_EVERY), { heads, next, wanted, found });
  }
  return found;
}

/** Short runs: a function that is called again and again becomes fast code early. */
const CHECK_EVERY = 1 << 13;

interface Wanted {
  readonly heads: Uint32Array;
  readonly next: Uint32Array;
  readonly wanted: StringTable;
  readonly found: Uint32Array;
}
function findInRun({ bytes, offsets }: StringTable, from: number, to: number, into: Wanted): void {
  const { heads, next, wanted, found } = into;
  let start = offsets[from] ?? 0;
  for (let i = from; i < to; i++) {
    const end = offsets[i + 1] ?? 0;
    for (let w = heads[hashEnd(bytes, start, end)] ?? 0; w !== 0; w = next[w - 1] ?? 0)
      if (isText(wanted, w - 1, bytes, start, end)) found[w - 1] = i;
    start = end;
  }
}

/** Ids mostly differ at their end. */
function hashEnd(bytes: Uint8Array, start: number, end: number): number {
  let key = end - start;
  for (let at = end - start < 4 ? start : end - 4; at < end; at++) key = Math.imul(key, 31) + (bytes[at] ?? 0);
  return Math.imul(key, 0x9e37_79b1) >>> (32 - BITS);
}

function isText(
  { bytes, offsets }: StringTable,
  index: number,
  other: Uint8Array,
  start: number,
  end: number,
): boolean {
  const own = offsets[index] ?? 0;
  if ((offsets[index + 1] ?? 0) - own !== end - start) return false;
  for (let i = 0; i < end - start; i++) if (bytes[own + i] !== other[start + i]) return false;
  return true;
}
