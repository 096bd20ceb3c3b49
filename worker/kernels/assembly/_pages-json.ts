import { KEYS, KEY_COUNT, KEY_LENGTHS, NO_VALUE, VALUES } from './_pages-state';

// The same grammar as MetadataReader's flat form (worker/source/read-metadata.ts): an object without nesting or escapes,
// at most one space before a key and behind a colon. Whatever else it may be: NOT_FLAT, and the twin reads it.
//
//   {"user_id":"u1", "plan":null}     strings end at the next quote, found 16 bytes at a time

export const NOT_FLAT: u32 = 1;
export const HAS_NULL: u32 = 2;
export const HAS_HIGH: u32 = 4;

/** A key that is asked for: its length, its value slot, its first 8 and last 8 bytes, where it lies. */
const KEY_BYTES: usize = 32;
const QUOTE: u32 = 34;

/** Bit n: byte n ends a plain run of a string: a quote, a backslash or a control character. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function stops(block: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(block, i8x16.splat(34)), i8x16.eq(block, i8x16.splat(92))),
      i8x16.lt_u(block, i8x16.splat(32)),
    ),
  );
}

/** Stores the value into the slots of the key `at`: one key may be asked for twice, or not at all. */
function keepValue(state: usize, at: usize, length: u32, value: usize, valueLength: u32): bool {
  let kept = false;
  let key = <usize>load<u32>(state, KEYS);
  const end = key + KEY_BYTES * load<u32>(state, KEY_COUNT);
  const mask: u64 = length >= 8 ? 0xffffffffffffffff : (<u64>1 << (8 * length)) - 1;
  for (; key < end; key += KEY_BYTES) {
    if (load<u32>(key) != length || (load<u64>(at) & mask) != load<u64>(key, 8)) continue;
    if (length > 8 && load<u64>(at + length - 8) != load<u64>(key, 16)) continue;
    if (length > 16 && memory.compare(at, <usize>load<u32>(key, 24), length) != 0) continue;
    const slot = <usize>load<u32>(state, VALUES) + 8 * load<u32>(key, 4);
    store<u32>(slot, <u32>value);
    store<u32>(slot, valueLength, 4);
    kept = true;
  }
  return kept;
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function isDigit(c: u32): bool {
  return c - 48 <= 9;
}

/** Behind the number at `at`, or 0. */
function numberEnd(at: usize, end: usize): usize {
  let p = at;
  if (load<u8>(p) == 45) p++;
  if (load<u8>(p) == 48) p++;
  else {
    if (!isDigit(load<u8>(p))) return 0;
    while (p < end && isDigit(load<u8>(p))) p++;
  }
  if (load<u8>(p) == 46) {
    p++;
    if (!isDigit(load<u8>(p))) return 0;
    while (p < end && isDigit(load<u8>(p))) p++;
  }
  if ((load<u8>(p) | 32) == 101) {
    p++;
    if (load<u8>(p) == 43 || load<u8>(p) == 45) p++;
    if (!isDigit(load<u8>(p))) return 0;
    while (p < end && isDigit(load<u8>(p))) p++;
  }
  return p < end ? p : 0;
}

function isWhole(at: usize, end: usize): bool {
  for (let p = at; p < end; p++) {
    const c = load<u8>(p);
    if (!isDigit(c) && c != 45) return false;
  }
  return true;
}

/** Values of the keys asked for go to their slots. Returns flags. Up to 31 bytes behind `end` are read, none is believed. */
export function readFlat(state: usize, from: usize, end: usize): u32 {
  if (load<u8>(from) != 123 || load<u8>(end - 1) != 125) return NOT_FLAT;
  if (end - from == 2) return 0;
  const lengths = load<u32>(state, KEY_LENGTHS);
  let flags: u32 = 0;
  let high: u32 = 0;
  let p = from + 1;
  for (;;) {
    if (load<u8>(p) == 32) p++;
    if (load<u8>(p) != QUOTE) return NOT_FLAT;
    const key = p + 1;
    p = key;
    let block = v128.load(p);
    let stop = stops(block);
    while (stop == 0) {
      high |= i8x16.bitmask(block);
      p += 16;
      if (p >= end) return NOT_FLAT;
      block = v128.load(p);
      stop = stops(block);
    }
    let bit = <u32>ctz(stop);
    high |= <u32>i8x16.bitmask(block) & ((1 << bit) - 1);
    p += bit;
    if (p >= end || load<u8>(p) != QUOTE || load<u8>(p, 1) != 58) return NOT_FLAT;
    const length = <u32>(p - key);
    const wanted = (lengths & (1 << (length & 31))) != 0;
    p += load<u8>(p, 2) == 32 ? 3 : 2;
    if (p >= end) return NOT_FLAT;
    const c = <u32>load<u8>(p);
    if (c == QUOTE) {
      const value = ++p;
      block = v128.load(p);
      stop = stops(block);
      while (stop == 0) {
        high |= i8x16.bitmask(block);
        p += 16;
        if (p >= end) return NOT_FLAT;
        block = v128.load(p);
        stop = stops(block);
      }
      bit = <u32>ctz(stop);
      high |= <u32>i8x16.bitmask(block) & ((1 << bit) - 1);
      p += bit;
      if (p >= end || load<u8>(p) != QUOTE) return NOT_FLAT;
      if (wanted) keepValue(state, key, length, value, <u32>(p - value));
      p++;
    } else {
      const value = p;
      const word = load<u32>(p);
      if (word == 0x6c6c756e) {
        p += 4;
        flags |= HAS_NULL;
        if (wanted) keepValue(state, key, length, 0, NO_VALUE);
      } else {
        if (word == 0x65757274) p += 4;
        else if (word == 0x736c6166 && load<u8>(p, 4) == 101) p += 5;
        else {
          p = numberEnd(p, end);
          if (p == 0) return NOT_FLAT;
          // 1.50 is 1.5: the twin writes it as JavaScript does.
          if (wanted && !isWhole(value, p) && keepValue(state, key, length, value, 0)) return NOT_FLAT;
        }
        if (wanted) keepValue(state, key, length, value, <u32>(p - value));
      }
    }
    if (p >= end) return NOT_FLAT;
    const next = <u32>load<u8>(p);
    if (next == 125) return p == end - 1 ? flags | (high != 0 ? HAS_HIGH : 0) : NOT_FLAT;
    if (next != 44) return NOT_FLAT;
    p++;
  }
  return NOT_FLAT;
}
