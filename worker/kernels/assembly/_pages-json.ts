import { KEYS, KEY_COUNT, KEY_LENGTHS, NO_VALUE, SHAPES, VALUES } from './_pages-state';

// The same grammar as MetadataReader's flat form (worker/source/read-metadata.ts): an object without nesting or escapes,
// at most one space before a key and behind a colon. Whatever else it may be: NOT_FLAT, and the twin reads it.
//
//   {"user_id":"u1", "plan":null}     strings end at the next quote, found 16 bytes at a time
//
// Rows of one event mostly have the same keys in the same order. So keys are guessed: a *shape* holds the keys of the row
// last seen with such an event, each as the bytes it was written with, and what is to be done with its value.
//
//   shape   "user_id":  keep in slot 1 | "plan":  of no interest | (8 more)      a wrong guess is replaced by what is there

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
function keepValue(state: usize, at: usize, length: u32, value: usize, valueLength: u32): void {
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
  }
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

/** A key of a shape: its text with quotes and colon, which of 16 bytes that are, how many (0 = no guess), its value slot. */
const GUESS_BYTES: usize = 48;
const SHAPE_KEYS: usize = 10;
const SHAPE_BYTES: usize = GUESS_BYTES * SHAPE_KEYS;
/** In place of the slot; the second where several slots, or perhaps none, ask for the key. */
const NOT_WANTED: u32 = 0xffffffff;
const LOOK: u32 = 0xfffffffe;

/** The shape of the rows of an event: some events share one. */
function shapeOf(state: usize): usize {
  const values = <usize>load<u32>(state, VALUES);
  const length = load<u32>(values, 4);
  if (length == 0 || length == NO_VALUE) return <usize>load<u32>(state, SHAPES);
  const at = <usize>load<u32>(values);
  const text = load<u64>(at) ^ load<u64>(at + length - 8) ^ (<u64>length);
  return <usize>load<u32>(state, SHAPES) + SHAPE_BYTES * <usize>((text * 0x9e3779b97f4a7c15) >> 58);
}

/** Remembers the key at `key` (its quote at `key` - 1, quote and colon behind it) as the guess at `guess`. */
function learn(state: usize, guess: usize, key: usize, length: u32): void {
  const bytes = length + 3;
  const block = v128.load(key - 1);
  const shown = i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>bytes));
  if (bytes > 16 || i8x16.bitmask(v128.and(block, shown)) != 0) {
    store<u32>(guess, 0, 32);
    return;
  }
  v128.store(guess, block);
  v128.store(guess, shown, 16);
  store<u32>(guess, bytes, 32);
  store<u32>(guess, slotOf(state, key, length), 36);
}

/** The slot that asks for a key. */
function slotOf(state: usize, at: usize, length: u32): u32 {
  let slot = NOT_WANTED;
  let key = <usize>load<u32>(state, KEYS);
  const end = key + KEY_BYTES * load<u32>(state, KEY_COUNT);
  const mask: u64 = length >= 8 ? 0xffffffffffffffff : (<u64>1 << (8 * length)) - 1;
  for (; key < end; key += KEY_BYTES) {
    if (load<u32>(key) != length || (load<u64>(at) & mask) != load<u64>(key, 8)) continue;
    if (length > 8 && load<u64>(at + length - 8) != load<u64>(key, 16)) continue;
    if (length > 16 && memory.compare(at, <usize>load<u32>(key, 24), length) != 0) continue;
    slot = slot == NOT_WANTED ? load<u32>(key, 4) : LOOK;
  }
  return slot;
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function keep(state: usize, slot: u32, key: usize, length: u32, value: usize, valueLength: u32): void {
  if (slot == LOOK) keepValue(state, key, length, value, valueLength);
  else {
    const at = <usize>load<u32>(state, VALUES) + 8 * <usize>slot;
    store<u32>(at, <u32>value);
    store<u32>(at, valueLength, 4);
  }
}

/** How many digits begin `block`. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function countDigits(block: v128): u32 {
  const others = i8x16.bitmask(i8x16.gt_u(i8x16.sub(block, i8x16.splat(48)), i8x16.splat(9)));
  return <u32>ctz(others | 0x10000);
}

/** null, true, false, or a number that is not a few digits. Returns the place behind it, or 0. */
function readOther(state: usize, slot: u32, key: usize, length: u32, value: usize, end: usize): usize {
  const word = load<u32>(value);
  let p: usize = 0;
  if (word == 0x6c6c756e) {
    if (slot != NOT_WANTED) keep(state, slot, key, length, 0, NO_VALUE);
    return value + 4;
  }
  if (word == 0x65757274) p = value + 4;
  else if (word == 0x736c6166 && load<u8>(value, 4) == 101) p = value + 5;
  else {
    p = numberEnd(value, end);
    if (p == 0) return 0;
    // 1.50 is 1.5: the twin writes it as JavaScript does.
    if (slot != NOT_WANTED && !isWhole(value, p) && slotOf(state, key, length) != NOT_WANTED) return 0;
  }
  if (slot != NOT_WANTED) keep(state, slot, key, length, value, <u32>(p - value));
  return p;
}

/** Values of the keys asked for go to their slots. Returns flags. Up to 31 bytes behind `end` are read, none is believed. */
export function readFlat(state: usize, from: usize, end: usize): u32 {
  if (load<u8>(from) != 123 || load<u8>(end - 1) != 125) return NOT_FLAT;
  if (end - from == 2) return 0;
  const lengths = load<u32>(state, KEY_LENGTHS);
  let flags: u32 = 0;
  let high: u32 = 0;
  let p = from + 1;
  let block = i8x16.splat(0);
  let stop: i32 = 0;
  let bit: u32 = 0;
  let guess = shapeOf(state);
  const guessEnd = guess + SHAPE_BYTES;
  for (;;) {
    if (load<u8>(p) == 32) p++;
    const key = p + 1;
    let length: u32 = 0;
    let slot = NOT_WANTED;
    const guessed = guess < guessEnd ? load<u32>(guess, 32) : 0;
    if (guessed != 0 && !v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(guess)), v128.load(guess, 16)))) {
      length = guessed - 3;
      slot = load<u32>(guess, 36);
      p += guessed;
    } else {
      if (load<u8>(p) != QUOTE) return NOT_FLAT;
      p = key;
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
      if (p >= end || load<u8>(p) != QUOTE || load<u8>(p, 1) != 58) return NOT_FLAT;
      length = <u32>(p - key);
      p += 2;
      if ((lengths & (1 << (length & 31))) != 0) slot = LOOK;
      if (guess < guessEnd) learn(state, guess, key, length);
    }
    guess += GUESS_BYTES;
    if (load<u8>(p) == 32) p++;
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
      if (slot != NOT_WANTED) keep(state, slot, key, length, value, <u32>(p - value));
      p++;
    } else {
      const value = p;
      const digits = countDigits(v128.load(p));
      const behind = <u32>load<u8>(p + digits);
      if (digits != 0 && digits < 16 && (behind == 44 || behind == 125) && (c != 48 || digits == 1)) {
        p += digits;
        if (slot != NOT_WANTED) keep(state, slot, key, length, value, digits);
      } else {
        p = readOther(state, slot, key, length, value, end);
        if (p == 0) return NOT_FLAT;
        if (c == 110) flags |= HAS_NULL;
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
