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

/** Bit n: byte n is a quote. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function quotes(block: v128): i32 {
  return i8x16.bitmask(i8x16.eq(block, i8x16.splat(34)));
}

/**
 * What no part of a flat object holds, strings and all between them alike: control characters and backslashes. Looked
 * for in all bytes at once, which depends on nothing that is read one after the other.
 */
// @ts-expect-error: decorator of AssemblyScript
@inline
function survey(from: usize, end: usize): u32 {
  const first = v128.load(from);
  if (end - from < 16) {
    const shown = i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(end - from)));
    const block = v128.bitselect(first, i8x16.splat(34), shown);
    return judge(block, block, i8x16.eq(block, i8x16.splat(92)));
  }
  // The last block lies over the one before.
  const last = v128.load(end - 16);
  let least = i8x16.min_u(first, last);
  let all = v128.or(first, last);
  let slashes = v128.or(i8x16.eq(first, i8x16.splat(92)), i8x16.eq(last, i8x16.splat(92)));
  for (let p = from + 16; p + 16 < end; p += 16) {
    const block = v128.load(p);
    least = i8x16.min_u(least, block);
    all = v128.or(all, block);
    slashes = v128.or(slashes, i8x16.eq(block, i8x16.splat(92)));
  }
  return judge(least, all, slashes);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function judge(least: v128, all: v128, slashes: v128): u32 {
  if (v128.any_true(v128.or(slashes, i8x16.lt_u(least, i8x16.splat(32))))) return NOT_FLAT;
  return i8x16.bitmask(all) != 0 ? HAS_HIGH : 0;
}

/** Whether the text at `at` is the key asked for at `key`. */
function isKey(key: usize, at: usize, length: u32): bool {
  const mask: u64 = length >= 8 ? 0xffffffffffffffff : (<u64>1 << (8 * length)) - 1;
  if (load<u32>(key) != length || (load<u64>(at) & mask) != load<u64>(key, 8)) return false;
  if (length > 8 && load<u64>(at + length - 8) != load<u64>(key, 16)) return false;
  return length <= 16 || memory.compare(at, <usize>load<u32>(key, 24), length) == 0;
}

/** Stores the value into the slots of the key `at`: one key may be asked for twice, or not at all. */
function keepValue(state: usize, at: usize, length: u32, value: usize, valueLength: u32): void {
  let key = <usize>load<u32>(state, KEYS);
  const end = key + KEY_BYTES * load<u32>(state, KEY_COUNT);
  for (; key < end; key += KEY_BYTES) {
    if (!isKey(key, at, length)) continue;
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

/** A key of a shape: its text with quotes and colon, which of 16 bytes that are, how many (0 = no guess), its value slot, how
 * long its value was (of a text, modulo 16). */
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
  for (; key < end; key += KEY_BYTES) {
    if (!isKey(key, at, length)) continue;
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

/**
 * `length` again, but as it was in the row before (of the guess `guess`) where it is the same: a processor that has
 * foreseen the branch goes on from there before the bytes were looked at.
 */
// @ts-expect-error: decorator of AssemblyScript
@inline
function likely(guess: usize, length: u32): u32 {
  const before = load<u32>(guess, 40);
  if (before == length) return before;
  store<u32>(guess, length, 40);
  return length;
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

/**
 * The quote that ends the text at `at`, or 0. Found 16 bytes at a time; its place in the last of them is guessed.
 */
// @ts-expect-error: decorator of AssemblyScript
@inline
function textEnd(at: usize, end: usize, guess: usize): usize {
  let p = at;
  let stop = quotes(v128.load(p));
  while (stop == 0) {
    p += 16;
    if (p >= end) return 0;
    stop = quotes(v128.load(p));
  }
  return p + <usize>likely(guess, <u32>ctz(stop));
}

/** The key at `quote`: behind its colon, or 0. The guess was wrong: the next row with such an event will have a better one. */
function readKey(state: usize, quote: usize, end: usize, guess: usize, guessEnd: usize): usize {
  if (load<u8>(quote) != QUOTE) return 0;
  const key = quote + 1;
  let p = key;
  let stop = quotes(v128.load(p));
  while (stop == 0) {
    p += 16;
    if (p >= end) return 0;
    stop = quotes(v128.load(p));
  }
  p += <usize>ctz(stop);
  if (p >= end || load<u8>(p, 1) != 58) return 0;
  if (guess < guessEnd) learn(state, guess, key, <u32>(p - key));
  return p + 2;
}

/**
 * Values of the keys asked for go to their slots. Returns flags. Up to 63 bytes behind `end` are read, none is believed:
 * who has come beyond it finds no brace at its end.
 */
export function readFlat(state: usize, from: usize, end: usize): u32 {
  if (load<u8>(from) != 123 || load<u8>(end - 1) != 125) return NOT_FLAT;
  if (end - from == 2) return 0;
  let flags = survey(from, end);
  if (flags == NOT_FLAT) return NOT_FLAT;
  const lengths = load<u32>(state, KEY_LENGTHS);
  let guess = shapeOf(state);
  const guessEnd = guess + SHAPE_BYTES;
  const lastGuess = guessEnd - GUESS_BYTES;
  let p = from + 1;
  while (p < end) {
    if (load<u8>(p) == 32) p++;
    const key = p + 1;
    let length: u32 = 0;
    let slot = NOT_WANTED;
    const guessed = guess < guessEnd ? load<u32>(guess, 32) : 0;
    if (guessed != 0 && !v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(guess)), v128.load(guess, 16)))) {
      length = guessed - 3;
      slot = load<u32>(guess, 36);
      p += <usize>guessed;
    } else {
      p = readKey(state, p, end, guess, guessEnd);
      if (p == 0) return NOT_FLAT;
      length = <u32>(p - key - 2);
      if ((lengths & (1 << (length & 31))) != 0) slot = LOOK;
    }
    const at = min(guess, lastGuess);
    guess += GUESS_BYTES;
    let c = <u32>load<u8>(p);
    if (c == 32) c = <u32>load<u8>(++p);
    if (c == QUOTE) {
      const value = p + 1;
      p = textEnd(value, end, at);
      if (p == 0) return NOT_FLAT;
      if (slot != NOT_WANTED) keep(state, slot, key, length, value, <u32>(p - value));
      p++;
    } else {
      const value = p;
      const digits = likely(at, countDigits(v128.load(p)));
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
    const next = <u32>load<u8>(p++);
    if (next != 44) return next == 125 && p == end ? flags : NOT_FLAT;
  }
  return NOT_FLAT;
}
