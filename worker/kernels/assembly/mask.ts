// Bytes by event: which events a question is about, and as what. Conditions are answered once per distinct value; here the
// answers (`table`, a byte by code) are brought to the events of a slice.
//
//   codes  3 0 3 1      table  1 0 0 1        set  →  out  1 1 1 0
//
// `out` points at the byte of event 0, `codes` at the code of event 0: events `from` (inclusive) to `to` (exclusive) are
// read and written. Up to 16 bytes behind `to` may be overwritten, as far as the caller has room for them.
import { isBefore } from './_events';

const SET: u32 = 0;
const AND: u32 = 1;

// @ts-ignore: decorator
@inline
function put(at: usize, byte: u32, mode: u32): void {
  if (mode == SET) store<u8>(at, byte);
  else if (mode == AND) store<u8>(at, <u32>load<u8>(at) & byte);
  else store<u8>(at, <u32>load<u8>(at) | byte);
}

// @ts-ignore: decorator
@inline
function gather<T>(codes: usize, table: usize, from: u32, to: u32, out: usize, mode: u32): void {
  for (let i = from; i < to; i++) {
    put(out + i, <u32>load<u8>(table + <usize>load<T>(codes + <usize>i * sizeof<T>())), mode);
  }
}
export function gather8(codes: usize, table: usize, from: u32, to: u32, out: usize, mode: u32): void {
  if (mode == SET) gather<u8>(codes, table, from, to, out, 0);
  else if (mode == AND) gather<u8>(codes, table, from, to, out, 1);
  else gather<u8>(codes, table, from, to, out, 2);
}
export function gather16(codes: usize, table: usize, from: u32, to: u32, out: usize, mode: u32): void {
  if (mode == SET) gather<u16>(codes, table, from, to, out, 0);
  else if (mode == AND) gather<u16>(codes, table, from, to, out, 1);
  else gather<u16>(codes, table, from, to, out, 2);
}
export function gather32(codes: usize, table: usize, from: u32, to: u32, out: usize, mode: u32): void {
  if (mode == SET) gather<u32>(codes, table, from, to, out, 0);
  else if (mode == AND) gather<u32>(codes, table, from, to, out, 1);
  else gather<u32>(codes, table, from, to, out, 2);
}

/** Like gather8 where all codes are below 16: sixteen events a step. */
export function gatherFew(codes: usize, table: usize, from: u32, to: u32, out: usize, mode: u32): void {
  const answers = v128.load(table);
  for (let i = from; i < to; i += 16) {
    let bytes = i8x16.swizzle(answers, v128.load(codes + i));
    if (mode == AND) bytes = v128.and(bytes, v128.load(out + i));
    else if (mode != SET) bytes = v128.or(bytes, v128.load(out + i));
    v128.store(out + i, bytes);
  }
}

/** `table` has a byte by actor; all events of an actor get it. */
export function spreadActors(offsets: usize, table: usize, first: u32, last: u32, out: usize, mode: u32): void {
  for (let actor = first; actor < last; actor++) {
    const byte = <u32>load<u8>(table + actor);
    const to = load<u32>(offsets + (<usize>(actor + 1) << 2));
    for (let i = load<u32>(offsets + (<usize>actor << 2)); i < to; i++) put(out + i, byte, mode);
  }
}

/** 0 for events recorded after `knownAt`, else 1; without a recorded time (NaN) 1. */
export function markKnown(recordedAt: usize, knownAt: f64, from: u32, to: u32, out: usize, mode: u32): void {
  for (let i = from; i < to; i++) {
    put(out + i, load<f64>(recordedAt + (<usize>i << 3)) > knownAt ? 0 : 1, mode);
  }
}

// What follows takes pointers of bytes that lie side by side: `a` gets the outcome, sixteen at a time.

export function andBytes(a: usize, b: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) v128.store(a + i, v128.and(v128.load(a + i), v128.load(b + i)));
}
export function orBytes(a: usize, b: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) v128.store(a + i, v128.or(v128.load(a + i), v128.load(b + i)));
}
/** Adds bit `bit` where `b` is 1. */
export function addBit(a: usize, b: usize, length: u32, bit: u32): void {
  for (let i: u32 = 0; i < length; i += 16) {
    v128.store(a + i, v128.or(v128.load(a + i), i8x16.shl(v128.load(b + i), bit)));
  }
}
/** 255 where `b` is 0. */
export function leaveOut(a: usize, b: usize, length: u32): void {
  const one = i8x16.splat(1);
  for (let i: u32 = 0; i < length; i += 16) {
    v128.store(a + i, v128.or(v128.load(a + i), i8x16.sub(v128.load(b + i), one)));
  }
}

/** First event of `from`..`to` that is not before (second, millisecond); events are in order of time. */
function findFirst(seconds: usize, millis: usize, from: u32, to: u32, second: u32, millisecond: u32): u32 {
  let low = from;
  let high = to;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (isBefore(seconds, millis, mid, second, millisecond)) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** 16 events: a bit is 1 where the event is before (second, millisecond). */
// @ts-ignore: decorator
@inline
function bitsBefore(seconds: usize, millis: usize, i: u32, moment: v128, second: u32, millisecond: u32): u32 {
  const at = seconds + (<usize>i << 2);
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  const low = i16x8.narrow_i32x4_s(i32x4.lt_u(a, moment), i32x4.lt_u(b, moment));
  const high = i16x8.narrow_i32x4_s(i32x4.lt_u(c, moment), i32x4.lt_u(d, moment));
  let bits = <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
  const same = v128.or(
    v128.or(i32x4.eq(a, moment), i32x4.eq(b, moment)),
    v128.or(i32x4.eq(c, moment), i32x4.eq(d, moment)),
  );
  // Hardly ever: milliseconds are read for events of that very second.
  if (v128.any_true(same)) {
    for (let k: u32 = 0; k < 16; k++) bits |= <u32>isBefore(seconds, millis, i + k, second, millisecond) << k;
  }
  return bits;
}

/** Puts down in `bits`, a bit by event of `from`..`to`, which are before a moment; 16 bytes behind them are overwritten. */
function markBefore(
  seconds: usize,
  millis: usize,
  from: u32,
  to: u32,
  second: u32,
  millisecond: u32,
  bits: usize,
): void {
  const moment = i32x4.splat(second);
  const blocks = from + ((to - from) & ~15);
  let at = bits;
  for (let i = from; i < blocks; i += 16) {
    store<u16>(at, bitsBefore(seconds, millis, i, moment, second, millisecond));
    at += 2;
  }
  let rest: u32 = 0;
  for (let i = blocks; i < to; i++) rest |= <u32>isBefore(seconds, millis, i, second, millisecond) << (i - blocks);
  store<u64>(at, rest);
  store<u32>(at, 0, 8);
}

/** As many bits as an unaligned load of eight bytes has for certain. */
const WORD: u32 = 57;

/**
 * By actor the first event that is not before a moment, or its end: `starts` of a range, and with the moment after its last
 * `ends`. `out` points at actor 0; `bits` has room for a bit by event of the slice, and 16 bytes more.
 *
 * An actor's events are in order of time, so those before the moment are its first, and counting them finds the bound:
 *
 *   seconds   3 9 9 | 1 | 2 4 5 8      before 5?   1 0 0 | 1 | 1 1 0 0      bounds   1 | 4 | 6
 *
 * Marks are made sixteen at a time, and counted without a branch: which side of a moment an actor is on, nothing foretells.
 */
export function findBounds(
  offsets: usize,
  seconds: usize,
  millis: usize,
  first: u32,
  last: u32,
  second: u32,
  millisecond: u32,
  bits: usize,
  out: usize,
): void {
  const base = load<u32>(offsets + (<usize>first << 2));
  markBefore(seconds, millis, base, load<u32>(offsets + (<usize>last << 2)), second, millisecond, bits);
  let from = base;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(offsets + (<usize>(actor + 1) << 2));
    const at = from - base;
    const length = to - from;
    let found: u32 = 0;
    if (length <= WORD) {
      const word = load<u64>(bits + <usize>(at >> 3)) >> (at & 7);
      found = from + <u32>popcnt<u64>(word & (((<u64>1) << length) - 1));
    } else found = findFirst(seconds, millis, from, to, second, millisecond);
    store<u32>(out + (<usize>actor << 2), found);
    from = to;
  }
}
