import { fillSlot, firstSlot, hashOf, IN_SLOT, LONG, markOf, slotAt } from './_pages-dictionary';
import { ENTRIES } from './_pages-state';

// What is done to all strings of a dictionary: its growth, and its end. Its picture is in _pages-dictionary.ts.

/** Strings moved together. */
const MOVED: u32 = 256;

/** Copies the strings `from` to `to` (from 1 on, `to` excluded) to larger slots and entries, zeroed at first. */
export function moveStrings(
  column: usize,
  slots: usize,
  mask: u32,
  entries: usize,
  first: u32,
  end: u32,
  touched: usize,
): void {
  memory.copy(
    entries + 16 * <usize>first,
    <usize>load<u32>(column, ENTRIES) + 16 * <usize>first,
    16 * <usize>(end - first),
  );
  // As in a group: the slots are touched together before they are taken.
  let seen: u64 = 0;
  for (let from = first; from < end; from += MOVED) {
    const to = min<u32>(from + MOVED, end);
    for (let id = from; id < to; id++) {
      const hash = hashOf(load<u64>(entries + 16 * <usize>id), load<u64>(entries + 16 * <usize>id, 8));
      seen ^= load<u64>(slotAt(slots, firstSlot(hash, mask)));
    }
    for (let id = from; id < to; id++) {
      const a = load<u64>(entries + 16 * <usize>id);
      const b = load<u64>(entries + 16 * <usize>id, 8);
      const hash = hashOf(a, b);
      let slot = firstSlot(hash, mask);
      while (load<u32>(slotAt(slots, slot), 8) != 0) slot = (slot + 1) & mask;
      fillSlot(slotAt(slots, slot), b < IN_SLOT ? a : hash, markOf(b), id);
    }
  }
  store<u32>(touched, <u32>seen);
}

/**
 * The strings `from` to `to` (from 1 on, `to` excluded) end to end behind those before them, with their offsets: a
 * StringTable. 1 = some byte lies beyond ASCII.
 */
export function exportStrings(column: usize, bytes: usize, offsets: usize, from: u32, to: u32): u32 {
  const entries = <usize>load<u32>(column, ENTRIES);
  const start = load<u32>(offsets + 4 * <usize>(from - 1));
  let at = start;
  let high: u64 = 0;
  for (let id = from; id < to; id++) {
    const entry = entries + 16 * <usize>id;
    const a = load<u64>(entry);
    const b = load<u64>(entry, 8);
    if (b < LONG) {
      // What is copied too much, the next string or the padding lies over.
      store<u64>(bytes + at, a);
      store<u64>(bytes + at, b & 0xffffffffffffff, 8);
      high |= a | (b & 0xffffffffffffff);
      at += <u32>(b >> 56);
    } else {
      const length = <u32>(b >> 32) & 0xffffff;
      const to = bytes + at;
      memory.copy(to, <usize>(<u32>b), length);
      for (let i: u32 = 0; i < length; i++) high |= <u64>load<u8>(to + i);
      at += length;
    }
    store<u32>(offsets + 4 * <usize>id, at);
  }
  return (high & 0x8080808080808080) != 0 ? 1 : 0;
}
