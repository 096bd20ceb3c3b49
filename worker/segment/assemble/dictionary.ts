import { WASM } from '../../kernels/generated/assemble-dictionary.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';
import { allocate, viewU32, viewU8, withRoom, type ColumnMemory, type Pointer } from '../column-memory.ts';
import type { MergedDictionary } from '../merge-dictionaries.ts';
import type { StringTable } from '../string-table.ts';

interface DictionaryKernel extends Readonly<Record<string, (...args: number[]) => number>> {
  readonly probe: (...args: number[]) => number;
  readonly number: (...args: number[]) => number;
}
const kernel = defineKernel<DictionaryKernel>(WASM);

/** Strings between two looks at the request. */
const STEP = 1 << 13;
const BATCH_BYTES = 17 << 10;
const TABLE_WORDS = 4;

/**
 * String tables of one memory to be joined in order of first appearance, as `mergeInOrder` does: by `parts` threads that
 * each find the first equal string of theirs, then by one that numbers them. Data only: threads get it as it is.
 */
export interface DictionaryPlan {
  readonly tables: Pointer;
  /** Strings of each table. */
  readonly lengths: readonly number[];
  readonly parts: number;
  /** Of the hash: its collisions cannot be prepared in a file. */
  readonly seed: number;
  /** u32 a string of all tables: first the flat index of the first equal one, then its code in the result. */
  readonly firsts: Pointer;
  /** Working space: a hash table a part; afterwards the bytes and offsets of the result. */
  readonly space: Pointer;
  readonly slotsPerPart: number;
  readonly textBytes: number;
}

/** Bytes of working space that `planDictionary` wants. */
export function getDictionarySpace(tables: readonly StringTable[], parts: number): number {
  const strings = countStrings(tables);
  const result = countBytes(tables) + 8 + 4 * (strings + 1) + 8;
  return Math.max(8 * parts * getSlots(strings, parts), result);
}

/** `space`: `getDictionarySpace` bytes. The tables lie in `memory`. */
export function planDictionary(
  memory: ColumnMemory,
  tables: readonly StringTable[],
  parts: number,
  space: Pointer = allocate(memory, getDictionarySpace(tables, parts)),
): DictionaryPlan {
  const at = allocate(memory, 4 * TABLE_WORDS * tables.length);
  const words = viewU32(memory, at, TABLE_WORDS * tables.length);
  let flat = 0;
  tables.forEach((table, t) => {
    words.set([flat, table.bytes.byteOffset, table.offsets.byteOffset], TABLE_WORDS * t);
    flat += table.length;
  });
  return {
    tables: at,
    lengths: tables.map((table) => table.length),
    parts,
    seed: Math.floor(Math.random() * 0x7fff_ffff),
    firsts: allocate(memory, 4 * flat),
    space,
    slotsPerPart: getSlots(flat, parts),
    textBytes: countBytes(tables),
  };
}

/** A power of two that a thread's strings fill to two thirds at most, as hashes spread them. */
function getSlots(strings: number, parts: number): number {
  return 2 ** Math.ceil(Math.log2((1.5 * strings) / parts + 2 * STEP));
}
const countStrings = (tables: readonly StringTable[]): number => tables.reduce((sum, table) => sum + table.length, 0);
const countBytes = (tables: readonly StringTable[]): number =>
  tables.reduce((sum, table) => sum + (table.offsets[table.length] ?? 0), 0);

/** Finds the first equal string of every string of a part. `check` is called every few thousand strings and may throw. */
export function probeStrings(memory: ColumnMemory, plan: DictionaryPlan, part: number, check: () => void): void {
  const batch = allocate(memory, BATCH_BYTES);
  let slots = plan.slotsPerPart;
  let at = plan.space + 8 * part * slots;
  viewU32(memory, at, 2 * slots).fill(0);
  while (!probeInto(memory, plan, part, { at, slots, batch }, check)) {
    slots *= 2;
    at = allocate(memory, 8 * slots);
  }
}

/** False when the hash table is too small. */
function probeInto(
  memory: ColumnMemory,
  plan: DictionaryPlan,
  part: number,
  table: { readonly at: Pointer; readonly slots: number; readonly batch: Pointer },
  check: () => void,
): boolean {
  const { tables, lengths, parts, seed, firsts } = plan;
  const { probe } = kernel.on(memory);
  const { at, slots, batch } = table;
  let added = 0;
  for (const [t, length] of lengths.entries())
    for (let from = 0; from < length; from += STEP) {
      check();
      if (added + STEP > slots * 0.875) return false;
      const to = Math.min(length, from + STEP);
      added += probe(tables, lengths.length, t, from, to, part, parts, seed, at, slots - 1, firsts, batch);
    }
  return true;
}

/**
 * After all parts were probed. The values are copied out of the memory, the codes are views on it. `check` is called
 * every few thousand strings and may throw.
 */
export function numberStrings(memory: ColumnMemory, plan: DictionaryPlan, check: () => void): MergedDictionary {
  const { tables, lengths, firsts, space, textBytes } = plan;
  const { number } = kernel.on(memory);
  const ends = space + 8 * Math.ceil((textBytes + 8) / 8);
  viewU32(memory, ends, 1)[0] = 0;
  let next = 0;
  for (const [t, length] of lengths.entries())
    for (let from = 0; from < length; from += STEP) {
      check();
      next = number(tables, t, from, Math.min(length, from + STEP), firsts, next, space, ends);
    }
  // With room: a source that has grown adds its new texts behind.
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * withRoom(next + 1)), 0, next + 1);
  offsets.set(viewU32(memory, ends, next + 1));
  const size = offsets[next] ?? 0;
  const bytes = new Uint8Array(new SharedArrayBuffer(withRoom(size)), 0, size);
  bytes.set(viewU8(memory, space, bytes.length));
  return { values: { length: next, bytes, offsets }, codes: viewCodes(memory, plan) };
}

/** By table, local to merged code; after `numberStrings`. */
export function viewCodes(memory: ColumnMemory, { lengths, firsts }: DictionaryPlan): readonly Uint32Array[] {
  let at = firsts;
  return lengths.map((length) => {
    const codes = viewU32(memory, at, length);
    at += 4 * length;
    return codes;
  });
}
