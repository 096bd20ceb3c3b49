import { cellAt } from './_copy-cells';
import * as C from './_copy-state';

// Codes of events by the bytes that name them in a row (a number or a text of at most 64): open addressing, 80 bytes a slot,
// at most half of them taken.
//
//   slot     length (0 = free) | code | 72 bytes: the name, zeros

const SLOT_BYTES: usize = 80;
const MAX_NAME: u32 = 64;

// @ts-expect-error: decorator of AssemblyScript
@inline
function wordAt(at: usize, left: u32): u64 {
  return left >= 8 ? load<u64>(at) : load<u64>(at) & (0xffffffffffffffff >> (<u64>(64 - 8 * left)));
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function hashOf(at: usize, length: u32): u32 {
  let hash: u64 = length;
  for (let i: u32 = 0; i < length; i += 8) {
    hash = (hash ^ wordAt(at + i, length - i)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return <u32>hash;
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function isNamed(slot: usize, at: usize, length: u32): bool {
  if (load<u32>(slot) != length) return false;
  for (let i: u32 = 0; i < length; i += 8)
    if (load<u64>(slot + 8 + i) != wordAt(at + i, length - i)) return false;
  return true;
}

/** The slot with that name, or the free one where it would be. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function slotOf(c: usize, at: usize, length: u32): usize {
  const table = <usize>load<u32>(c, C.EVENTS);
  const mask = load<u32>(c, C.EVENTS_MASK);
  let place = hashOf(at, length) & mask;
  for (;;) {
    const slot = table + SLOT_BYTES * <usize>place;
    if (load<u32>(slot) == 0 || isNamed(slot, at, length)) return slot;
    place = (place + 1) & mask;
  }
  return 0;
}

/** Code of the row's event; NONE = only the twin knows. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function findEvent(c: usize): u32 {
  const event = load<u32>(c, C.EVENT);
  if (event == C.NONE) return load<u32>(c, C.EVENT_CODE);
  const cell = cellAt(c, event);
  const length = load<u32>(cell, 4);
  if (length - 1 >= MAX_NAME) return C.NONE;
  const slot = slotOf(c, <usize>load<u32>(cell), length);
  return load<u32>(slot) == 0 ? C.NONE : load<u32>(slot, 4);
}

/** The name of at most 64 bytes at `at` has this code. What finds no room stays with the twin. */
export function learnEvent(c: usize, at: usize, length: u32, code: u32): void {
  if (length - 1 >= MAX_NAME) return;
  const slot = slotOf(c, at, length);
  const count = load<u32>(c, C.EVENT_COUNT);
  if (load<u32>(slot) != 0 || count + count > load<u32>(c, C.EVENTS_MASK)) return;
  store<u32>(c, count + 1, C.EVENT_COUNT);
  for (let i: u32 = 0; i < length; i += 8) store<u64>(slot + 8 + i, wordAt(at + i, length - i));
  store<u32>(slot, code, 4);
  store<u32>(slot, length);
}
