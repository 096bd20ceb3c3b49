import {
  ARENA,
  ARENA_CAPACITY,
  ARENA_LENGTH,
  BYTES,
  CODES,
  COUNT,
  ENTRIES,
  ENTRY_CAPACITY,
  FIRST_CODE,
  GROUP,
  GROUP_COUNT,
  GROUP_KEYS,
  NO_VALUE,
  PENDING,
  RECENT,
  SLOTS,
  SLOT_MASK,
} from './_pages-state';

// A dictionary: open addressing over strings of any length.
//
//   slots   16 bytes   up to 11 bytes long:  the first 8 bytes | id (not 0), 3 more bytes, length
//                      longer:               hash | id (not 0), 0xffffffff: the entry says more
//   line    64 bytes   four slots: a hash names a line, whose first free slot is taken, or that of a line behind it
//   entries 16 bytes   up to 15 bytes long:  the bytes, zeros, length in the last byte
//                      longer:               hash | pointer into the arena | length (24 bits) | 0xff
//   arena              bytes of the longer ones
//   recent  32 bytes   an entry and its code, at a place by its bytes: most columns have few strings, found again at once
//
// Most keys are short enough to lie in their slot whole: one cache miss finds them, and all slots of its line are compared
// at once, without a branch for each. A key of a group looks like an entry; its pointer goes into the page it was read from.
// Two short strings are equal when their 16 bytes are. Some slots are always free, so every probe ends. Strings that are not
// among the recent ones wait in the group, in order: codes count from the first appearance. With many strings in the
// dictionary there are no recent ones.

const SHORT: u32 = 15;
export const LONG: u64 = 0xff << 56;

// @ts-expect-error: decorator of AssemblyScript
@inline
function mix(h: u64, v: u64): u64 {
  const x = (h ^ v) * 0xff51afd7ed558ccd;
  return x ^ (x >> 32);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
export function hashOf(a: u64, b: u64): u64 {
  // Of a long one the pointer is no part of its identity.
  const tail = b >= LONG ? b & 0xffffffff00000000 : b;
  return mix(mix(0x9e3779b97f4a7c15, a), tail);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function low(bytes: u32): u64 {
  return bytes == 0 ? 0 : 0xffffffffffffffff >> (<u64>(64 - 8 * bytes));
}

/** More strings than this, and those seen last are seldom seen next. */
const MOST_RECENT: u32 = 2048;

// @ts-expect-error: decorator of AssemblyScript
@inline
function recentOf(recent: usize, a: u64, b: u64): usize {
  return recent + 32 * <usize>(((a ^ (b >> 32)) * 0x9e3779b97f4a7c15) >> 56);
}

/** Looks the string at `at` (null: NO_VALUE) of chunk row `row` up, or leaves it to the group; up to 7 bytes behind it are read. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function putKey(column: usize, row: u32, at: usize, length: u32): void {
  if (length <= 8) putShort(column, row, load<u64>(at) & low(length), (<u64>length) << 56);
  else if (length <= SHORT)
    putShort(column, row, load<u64>(at), (load<u64>(at, 8) & low(length - 8)) | ((<u64>length) << 56));
  else putOther(column, row, at, length);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function putShort(column: usize, row: u32, a: u64, b: u64): void {
  const recent = <usize>load<u32>(column, RECENT);
  if (recent != 0) {
    const known = recentOf(recent, a, b);
    if (load<u64>(known) == a && load<u64>(known, 8) == b) {
      store<u32>(<usize>load<u32>(column, CODES) + 4 * <usize>row, load<u32>(known, 16));
      return;
    }
  }
  addToGroup(column, row, a, b);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function addToGroup(column: usize, row: u32, a: u64, b: u64): void {
  const keys = <usize>load<u32>(column, GROUP_KEYS);
  const count = load<u32>(column, GROUP_COUNT);
  store<u64>(keys + 16 * <usize>count, a);
  store<u64>(keys + 16 * <usize>count, b, 8);
  store<u32>(keys + 16 * <usize>GROUP + 4 * <usize>count, row);
  store<u32>(column, count + 1, GROUP_COUNT);
}

function putOther(column: usize, row: u32, at: usize, length: u32): void {
  if (length == NO_VALUE) {
    store<u32>(<usize>load<u32>(column, CODES) + 4 * <usize>row, 0);
    return;
  }
  let hash: u64 = length;
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) hash = mix(hash, load<u64>(at + i));
  const a = mix(hash, load<u64>(at + length - 8));
  const b = LONG | ((<u64>length) << 32) | (<u64>at);
  const recent = <usize>load<u32>(column, RECENT);
  if (recent != 0) {
    const known = recentOf(recent, a, b);
    if (equals(known, a, b)) {
      store<u32>(<usize>load<u32>(column, CODES) + 4 * <usize>row, load<u32>(known, 16));
      return;
    }
  }
  addToGroup(column, row, a, b);
  store<u32>(column, load<u32>(column, PENDING) + length, PENDING);
}

function equals(entry: usize, a: u64, b: u64): bool {
  if (load<u64>(entry) != a) return false;
  const other = load<u64>(entry, 8);
  if (b < LONG) return other == b;
  if (other >> 32 != b >> 32) return false;
  return memory.compare(<usize>(<u32>other), <usize>(<u32>b), <usize>((b >> 32) & 0xffffff)) == 0;
}

/** What a slot says of strings that it does not hold whole. */
const IN_ENTRY: u32 = 0xffffffff;
export const IN_SLOT: u64 = (<u64>12) << 56;

// @ts-expect-error: decorator of AssemblyScript
@inline
export function markOf(b: u64): u32 {
  return b < IN_SLOT ? <u32>(b >> 32) | (<u32>b & 0xffffff) : IN_ENTRY;
}

// @ts-expect-error: decorator of AssemblyScript
@inline
export function slotAt(slots: usize, slot: u32): usize {
  return slots + 16 * <usize>slot;
}

/** The first slot of the line that a hash names. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function firstSlot(hash: u64, mask: u32): u32 {
  return <u32>hash & mask & ~3;
}

/** The first bit of each slot. Its bits: text, text, id and mark are as in the key, whose id is 0: that of no taken slot is. */
const FIRST_BITS: u32 = 0x1111;
const NOT_THERE: usize = 64;

/** Where in the line at `line` the slot with that text and mark lies, in bytes; else NOT_THERE. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function findInLine(line: usize, text: u64, mark: u32): usize {
  const key = i64x2.replace_lane(i64x2.splat(text), 1, (<u64>mark) << 32);
  const low = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(line), key), i32x4.eq(v128.load(line, 16), key));
  const high = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(line, 32), key), i32x4.eq(v128.load(line, 48), key));
  const same = <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
  const found = same & (same >> 1) & (same >> 3) & ~(same >> 2) & FIRST_BITS;
  return <usize>(4 * ctz(found | 0x10000));
}

/** Codes of the strings in the group. `work` = 8 bytes a row of a group. False = the dictionary has no room. */
export function internGroup(column: usize, work: usize, touched: usize): bool {
  const count = load<u32>(column, GROUP_COUNT);
  if (count == 0) return true;
  if (load<u32>(column, COUNT) + count > load<u32>(column, ENTRY_CAPACITY)) return false;
  if (load<u32>(column, ARENA_LENGTH) + load<u32>(column, PENDING) > load<u32>(column, ARENA_CAPACITY)) return false;
  const slots = <usize>load<u32>(column, SLOTS);
  const mask = load<u32>(column, SLOT_MASK);
  // Independent loads: their misses overlap. First the slots, then the entries some of them name.
  let seen: u64 = 0;
  let longest: u64 = 0;
  let key = load<u32>(column, GROUP_KEYS);
  const end = work + 8 * <usize>count;
  for (let at = work; at < end; at += 8) {
    const b = load<u64>(key, 8);
    const hash = hashOf(load<u64>(key), b);
    store<u64>(at, hash);
    seen ^= load<u64>(slotAt(slots, firstSlot(hash, mask)), 8);
    longest = max<u64>(longest, b);
    key += 16;
  }
  if (longest >= IN_SLOT) seen ^= touchEntries(work, end, slots, mask, <usize>load<u32>(column, ENTRIES));
  store<u32>(touched, <u32>seen);
  writeCodes(column, count, work, slots, mask);
  store<u32>(column, 0, PENDING);
  store<u32>(column, 0, GROUP_COUNT);
  if (load<u32>(column, COUNT) > MOST_RECENT) store<u32>(column, 0, RECENT);
  return true;
}

/** The entries that the first slots of these hashes name. Entry 0 is never used. */
function touchEntries(work: usize, end: usize, slots: usize, mask: u32, entries: usize): u64 {
  let seen: u64 = 0;
  for (let at = work; at < end; at += 8) {
    const hash = load<u64>(at);
    const slot = slotAt(slots, firstSlot(hash, mask));
    if (load<u64>(slot) == hash) seen ^= load<u64>(entries + 16 * <usize>load<u32>(slot, 8));
  }
  return seen;
}

/** `work` = the hashes, 8 bytes each. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function writeCodes(column: usize, count: u32, work: usize, slots: usize, mask: u32): void {
  const keys = <usize>load<u32>(column, GROUP_KEYS);
  const rows = keys + 16 * <usize>GROUP;
  const codes = <usize>load<u32>(column, CODES);
  const first = load<u32>(column, FIRST_CODE);
  const recent = <usize>load<u32>(column, RECENT);
  for (let i: usize = 0; i < <usize>count; i++) {
    const a = load<u64>(keys + 16 * i);
    const b = load<u64>(keys + 16 * i, 8);
    const hash = load<u64>(work + 8 * i);
    const line = slotAt(slots, firstSlot(hash, mask));
    // The line of nearly all has them whole.
    const at = b < IN_SLOT ? findInLine(line, a, markOf(b)) : NOT_THERE;
    const id = at != NOT_THERE ? load<u32>(line + at, 8) : findOrAdd(column, slots, mask, hash, a, b);
    const code = id - 1 + first;
    store<u32>(codes + 4 * <usize>load<u32>(rows + 4 * i), code);
    if (recent != 0) {
      const entry = <usize>load<u32>(column, ENTRIES) + 16 * <usize>id;
      const known = recentOf(recent, a, b);
      store<u64>(known, load<u64>(entry));
      store<u64>(known, load<u64>(entry, 8), 8);
      store<u32>(known, code, 16);
    }
  }
}

function findOrAdd(column: usize, slots: usize, mask: u32, hash: u64, a: u64, b: u64): u32 {
  const entries = <usize>load<u32>(column, ENTRIES);
  const mark = markOf(b);
  const text = mark == IN_ENTRY ? hash : a;
  let at = firstSlot(hash, mask);
  for (;;) {
    const slot = slotAt(slots, at);
    const id = load<u32>(slot, 8);
    if (id == 0) break;
    if (load<u64>(slot) == text && load<u32>(slot, 12) == mark)
      if (mark != IN_ENTRY || equals(entries + 16 * <usize>id, a, b)) return id;
    at = (at + 1) & mask;
  }
  const id = load<u32>(column, COUNT) + 1;
  store<u32>(column, id, COUNT);
  fillSlot(slotAt(slots, at), text, mark, id);
  const entry = entries + 16 * <usize>id;
  const length = b >= LONG ? <u32>(b >> 32) & 0xffffff : <u32>(b >> 56);
  store<u32>(column, load<u32>(column, BYTES) + length, BYTES);
  store<u64>(entry, a);
  store<u64>(entry, b >= LONG ? (b & 0xffffffff00000000) | (<u64>keep(column, <usize>(<u32>b), length)) : b, 8);
  return id;
}

// @ts-expect-error: decorator of AssemblyScript
@inline
export function fillSlot(slot: usize, text: u64, mark: u32, id: u32): void {
  store<u64>(slot, text);
  store<u32>(slot, id, 8);
  store<u32>(slot, mark, 12);
}

/** Copies a long string into the arena, where it stays. */
function keep(column: usize, from: usize, length: u32): u32 {
  const used = load<u32>(column, ARENA_LENGTH);
  const to = load<u32>(column, ARENA) + used;
  memory.copy(<usize>to, from, length);
  store<u32>(column, used + length, ARENA_LENGTH);
  return to;
}
