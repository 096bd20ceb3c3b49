import type { StringTable } from './string-table.ts';

export const NOT_FOUND = 0xffff_ffff;
const BITS = 18;

/** Texts `from` (inclusive) to `to` (exclusive) of a table. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Where each text of a small table stands in (a range of) a large one; NOT_FOUND = nowhere. One pass over the large table: the ends of
 * the wanted texts are chained by a hash, so that most others are passed by at one look, at bits that stay in a core's cache.
 *
 *   heads   by hash of length and last eight bytes: wanted text + 1, 0 = none
 *   some    by hash: a bit, 1 = there is one
 *   next    by wanted text: another one of the same hash + 1
 */
export function findStrings(
  large: StringTable,
  wanted: StringTable,
  check: () => void,
  { from: first, to: end }: TextRange = { from: 0, to: large.length },
): Uint32Array {
  const [texts, sought] = [withView(large), withView(wanted)];
  const heads = new Uint32Array(1 << BITS);
  const some = new Uint32Array(heads.length >>> 5);
  const next = new Uint32Array(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const hash = hashEnd(sought, wanted.offsets[i] ?? 0, wanted.offsets[i + 1] ?? 0);
    next[i] = heads[hash] ?? 0;
    heads[hash] = i + 1;
    some[hash >>> 5] = (some[hash >>> 5] ?? 0) | (1 << (hash & 31));
  }
  const found = new Uint32Array(wanted.length).fill(NOT_FOUND);
  for (let from = first; from < end; from += CHECK_EVERY) {
    check();
    findInRun(texts, from, Math.min(end, from + CHECK_EVERY), { heads, some, next, wanted, found });
  }
  return found;
}

/** Short runs: a function that is called again and again becomes fast code early. */
const CHECK_EVERY = 1 << 13;

interface Wanted {
  readonly heads: Uint32Array;
  readonly some: Uint32Array;
  readonly next: Uint32Array;
  readonly wanted: StringTable;
  readonly found: Uint32Array;
}
function findInRun(texts: Texts, from: number, to: number, into: Wanted): void {
  const { bytes, offsets } = texts;
  const { heads, some, next, wanted, found } = into;
  let start = offsets[from] ?? 0;
  for (let i = from; i < to; i++) {
    const end = offsets[i + 1] ?? 0;
    const hash = hashEnd(texts, start, end);
    if (((some[hash >>> 5] ?? 0) & (1 << (hash & 31))) !== 0)
      for (let w = heads[hash] ?? 0; w !== 0; w = next[w - 1] ?? 0)
        if (isText(wanted, w - 1, bytes, start, end)) found[w - 1] = i;
    start = end;
  }
}

/** Ids mostly differ at their end, by numbers of some digits. */
function hashEnd({ bytes, view }: Texts, start: number, end: number): number {
  let key = end - start;
  if (key < 8) for (let at = start; at < end; at++) key = Math.imul(key, 31) + (bytes[at] ?? 0);
  else key += Math.imul(view.getUint32(end - 4), 0x85eb_ca6b) ^ Math.imul(view.getUint32(end - 8), 0xc2b2_ae35);
  return Math.imul(key ^ (key >>> 15), 0x9e37_79b1) >>> (32 - BITS);
}

interface Texts extends StringTable {
  readonly view: DataView;
}
const withView = (table: StringTable): Texts => {
  const { buffer, byteOffset, byteLength } = table.bytes;
  return { ...table, view: new DataView(buffer, byteOffset, byteLength) };
};

function isText(
  { bytes, offsets }: StringTable,
  index: number,
  other: Uint8Array,
  start: number,
  end: number,
): boolean {
  const own = offsets[index] ?? 0;
  const length = end - start;
  if ((offsets[index + 1] ?? 0) - own !== length) return false;
  for (let i = length - 1; i >= 0; i--) if (bytes[own + i] !== other[start + i]) return false;
  return true;
}
