import { allocate, PAGE_BYTES, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';

/**
 * At the end of the memory's first page: which working space is whose. Each message hands a thread another object for the
 * same memory, and memory is never given back: of a source that grows all day it would be used up by what was forgotten.
 *
 *   | thread + 1, 0 = free | pointer | bytes | – |   as words, 64 times
 */
const SLOTS = 64;
const WORDS = 4;
const SLOTS_AT = PAGE_BYTES - 4 * WORDS * SLOTS;
const [OWNER, AT, BYTES] = [0, 1, 2];
const held = new WeakMap<ColumnMemory, Uint32Array>();

/**
 * This thread's working space in a memory, at least `bytes` long and aligned to 64 KiB; not cleared. One caller at a
 * time: the next call hands out the same bytes. Throws ColumnMemoryFull.
 */
export function getScratch(memory: ColumnMemory, bytes: number): Pointer {
  let slot = held.get(memory);
  if (slot === undefined) held.set(memory, (slot = claimSlot(memory)));
  const known = slot[BYTES] ?? 0;
  if (known >= bytes && known > 0) return slot[AT] ?? 0;
  // Twice the last size: what was outgrown is lost until the memory goes.
  const size = Math.max(bytes, 2 * known);
  slot[AT] = allocate(memory, size);
  slot[BYTES] = size;
  return slot[AT] ?? 0;
}

/** Where all are taken, by threads that are gone too: one that only this object knows. */
function claimSlot(memory: ColumnMemory): Uint32Array {
  const own = process.getBuiltinModule('node:worker_threads').threadId + 1;
  const slots = new Uint32Array(memory.buffer, SLOTS_AT, WORDS * SLOTS);
  for (let at = 0; at < slots.length; at += WORDS) {
    const owner = Atomics.compareExchange(slots, at + OWNER, 0, own);
    if (owner === 0 || owner === own) return slots.subarray(at, at + WORDS);
  }
  return new Uint32Array(WORDS);
}

/** Hands out working space piece by piece, each aligned to 16 bytes with 16 bytes of room behind it. */
export interface Layout {
  take(bytes: number): Pointer;
}
/** `bytes` must hold all pieces: `roomFor` each of them. */
export function layOutScratch(memory: ColumnMemory, bytes: number): Layout {
  let next = getScratch(memory, bytes);
  return {
    take(wanted) {
      const at = next;
      next += roomFor(wanted);
      return at;
    },
  };
}
export const roomFor = (bytes: number): number => Math.ceil(bytes / 16) * 16 + 16;
