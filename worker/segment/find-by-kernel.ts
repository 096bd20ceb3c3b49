import { WASM } from '../kernels/generated/find-texts.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { layOutScratch, roomFor, type Layout } from '../kernels/scratch.ts';
import { viewU32, viewU8, type ColumnMemory, type Pointer } from './column-memory.ts';
import { findStrings, HEAD_BITS, NOT_FOUND, RUN_TEXTS, SOME_BITS, type TextRange } from './find-strings.ts';
import type { StringTable } from './string-table.ts';

const kernel =
  defineKernel<Readonly<Record<'chainTexts' | 'hashEnds' | 'matchTexts', (...args: number[]) => number>>>(WASM);

/** Working space is never given back: more texts, and longer ones, are for the twin. */
const MOST_WANTED = 1 << 18;
const MOST_BYTES = 1 << 20;
const MOST_WANTED_BYTES = 1 << 23;

/**
 * `findStrings`. The kernel sees what lies in its memory: the texts looked for are copied there, and those of the large
 * table run by run. Throws ColumnMemoryFull.
 */
export function findByKernel(
  memory: ColumnMemory,
  large: StringTable,
  wanted: StringTable,
  check: () => void,
  { from: first, to: end }: TextRange,
): Uint32Array {
  const finder = prepare(memory, wanted);
  if (finder === null) return findStrings(large, wanted, check, { from: first, to: end });
  for (let from = first; from < end; from += RUN_TEXTS) {
    check();
    const to = Math.min(end, from + RUN_TEXTS);
    if (finder.findInRun(large, from, to)) continue;
    const others = findStrings(large, wanted, check, { from, to });
    others.forEach((text, w) => text !== NOT_FOUND && (finder.found[w] = text));
  }
  return finder.found.slice();
}

interface Finder {
  /** By wanted text. */
  readonly found: Uint32Array;
  /** false = they are too long. */
  readonly findInRun: (large: StringTable, from: number, to: number) => boolean;
}
/** null = too many, or too long ones. */
function prepare(memory: ColumnMemory, wanted: StringTable): Finder | null {
  const { length } = wanted;
  const bytes = wanted.offsets[length] ?? 0;
  if (length > MOST_WANTED || bytes > MOST_WANTED_BYTES) return null;
  const [headBytes, someBytes, runBytes] = [4 << HEAD_BITS, 4 << (SOME_BITS - 5), 4 * (RUN_TEXTS + 1)];
  const tables = roomFor(headBytes) + roomFor(someBytes) + 2 * roomFor(4 * length) + roomFor(runBytes);
  const layout = layOutScratch(memory, tables + roomForTexts(length, bytes) + roomForTexts(RUN_TEXTS, MOST_BYTES));
  const take = (size: number): Uint32Array => viewU32(memory, layout.take(size), size / 4);
  const [heads, some] = [take(headBytes).fill(0).byteOffset, take(someBytes).fill(0).byteOffset];
  const [next, found] = [take(4 * length).byteOffset, take(4 * length).fill(NOT_FOUND)];
  const picked = take(runBytes).byteOffset;
  const [sought, run] = [placeTexts(memory, layout, length, bytes), placeTexts(memory, layout, RUN_TEXTS, MOST_BYTES)];
  const { chainTexts, hashEnds, matchTexts } = kernel.on(memory);
  const own = sought(wanted, 0, length);
  chainTexts(...own, length, HEAD_BITS, SOME_BITS, heads, some, next);
  const findInRun = (large: StringTable, from: number, to: number): boolean => {
    if ((large.offsets[to] ?? 0) - (large.offsets[from] ?? 0) > MOST_BYTES) return false;
    const texts = run(large, from, to);
    const count = hashEnds(...texts, to - from, SOME_BITS, some, picked);
    matchTexts(...texts, picked, count, from, ...own, HEAD_BITS, heads, next, found.byteOffset);
    return true;
  };
  return { found, findInRun };
}

/** Copies between shared buffers go word by word only where both begin alike: three times as fast. */
const WORD = 8;
const roomForTexts = (texts: number, bytes: number): number => roomFor(4 * (texts + 1) + WORD) + roomFor(bytes + WORD);

/** Room for so many texts: copies some there. Answers where they are; `bytes` is where text 0 of all would begin. */
function placeTexts(
  memory: ColumnMemory,
  layout: Layout,
  texts: number,
  size: number,
): (table: StringTable, from: number, to: number) => readonly [bytes: Pointer, offsets: Pointer] {
  const ends = layout.take(4 * (texts + 1) + WORD);
  const letters = layout.take(size + WORD);
  return ({ bytes, offsets }, from, to) => {
    const [start, end] = [offsets[from] ?? 0, offsets[to] ?? 0];
    const endsAt = ends + ((offsets.byteOffset + 4 * from) % WORD);
    const lettersAt = letters + ((bytes.byteOffset + start) % WORD);
    viewU32(memory, endsAt, to - from + 1).set(offsets.subarray(from, to + 1));
    viewU8(memory, lettersAt, end - start).set(bytes.subarray(start, end));
    return [(lettersAt - start) >>> 0, endsAt];
  };
}
