import type { StringTable } from './string-table.ts';

export const NOT_FOUND = 0xffff_ffff;
/** Of a hash: enough for the chains to be short. */
export const HEAD_BITS = 18;
/** Enough that most texts that are not looked for are passed by, and few enough for a core's cache: 256 KB. */
export const SOME_BITS = 21;

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
 *
 * The kernel does the same (`find-by-kernel.ts`).
 */
export function findStrings(
  large: StringTable,
  wanted: StringTable,
  check: () => void,
  { from: first, to: end }: TextRange = { from: 0, to: large.length },
): Uint32Array {
  const [texts, sought] = [withView(large), withView(wanted)];
  const heads = new Uint32Array(1 << HEAD_BITS);
  const some = new Uint32Array(1 << (SOME_BITS - 5));
  const next = new Uint32Array(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const hash = hashText(sought, i);
    const head = headOf(hash);
    next[i] = heads[head] ?? 0;
    heads[head] = i + 1;
    const bit = bitOf(hash);
    some[bit >>> 5] = (some[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  const found = new Uint32Array(wanted.length).fill(NOT_FOUND);
  for (let from = first; from < end; from += RUN_TEXTS) {
    check();
    findInRun(texts, some, from, Math.min(end, from + RUN_TEXTS), { heads, next, wanted, found });
  }
  return found;
}

/** Short runs: a function that is called again and again becomes fast code early. */
export const RUN_TEXTS = 1 << 13;

interface Wanted {
  readonly heads: Uint32Array;
  readonly next: Uint32Array;
  readonly wanted: StringTable;
  readonly found: Uint32Array;
}
function findInRun(texts: Texts, some: Uint32Array, from: number, to: number, into: Wanted): void {
  for (let i = from; i < to; i++) {
    const hash = hashText(texts, i);
    const bit = bitOf(hash);
    if (((some[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) compare(texts, i, hash, into);
  }
}

function compare({ bytes, offsets }: Texts, i: number, hash: number, { heads, next, wanted, found }: Wanted): void {
  const [start, end] = [offsets[i] ?? 0, offsets[i + 1] ?? 0];
  for (let w = heads[headOf(hash)] ?? 0; w !== 0; w = next[w - 1] ?? 0)
    if (isText(wanted, w - 1, bytes, start, end)) found[w - 1] = i;
}

const headOf = (hash: number): number => hash >>> (32 - HEAD_BITS);
const bitOf = (hash: number): number => hash >>> (32 - SOME_BITS);
const hashText = (texts: Texts, i: number): number => hashEnd(texts, texts.offsets[i] ?? 0, texts.offsets[i + 1] ?? 0);

/** Ids mostly differ at their end, by numbers of some digits. The kernel has the same. */
function hashEnd({ bytes, view }: Texts, start: number, end: number): number {
  let key = end - start;
  if (key < 8) for (let at = start; at < end; at++) key = Math.imul(key, 31) + (bytes[at] ?? 0);
  else
    key +=
      Math.imul(view.getUint32(end - 4, true), 0x85eb_ca6b) ^ Math.imul(view.getUint32(end - 8, true), 0xc2b2_ae35);
  return Math.imul(key ^ (key >>> 15), 0x9e37_79b1);
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
