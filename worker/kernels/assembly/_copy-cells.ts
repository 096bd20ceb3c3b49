import * as C from './_copy-state';
import { NO_VALUE } from './_pages-state';

// Cells of a row of COPY (FORMAT binary).

/** A cell is as long as it says, and all of it is within the message: looked at by `readCells`. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function cellAt(c: usize, cell: u32): usize {
  return <usize>load<u32>(c, C.CELLS) + 8 * <usize>cell;
}

/** Where the cells of the row from `at` to `end` lie; false = they are not as many, or not as long, as the message. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function readCells(c: usize, from: usize, end: usize): bool {
  const count = load<u32>(c, C.CELL_COUNT);
  if (<u32>bswap<u16>(load<u16>(from)) != count) return false;
  let at = from + 2;
  let cell = <usize>load<u32>(c, C.CELLS);
  const last = cell + 8 * <usize>count;
  for (; cell < last; cell += 8) {
    if (end - at < 4) return false;
    const length = bswap<u32>(load<u32>(at));
    at += 4;
    store<u32>(cell, <u32>at);
    store<u32>(cell, length, 4);
    if (length == C.NONE) continue;
    if (<usize>length > end - at) return false;
    at += length;
  }
  return at == end;
}

export const NOT_SMALL: u64 = 0xffffffffffffffff;
const MAX_SAFE: u64 = 0x1fffffffffffff;

/** A 64-bit integer from 0 to 2^53 - 1; NOT_SMALL for all else. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function readSmall(cell: usize): u64 {
  if (load<u32>(cell, 4) != 8) return NOT_SMALL;
  const value = bswap<u64>(load<u64>(<usize>load<u32>(cell)));
  return value <= MAX_SAFE ? value : NOT_SMALL;
}

/** 2000-01-01, where Postgres counts from, in ms since the epoch. */
const EPOCH: f64 = 946684800000;

/** ms since the epoch of a timestamp from 2000 on; -1 = the twin must look. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function readMicros(cell: usize): f64 {
  const micros = readSmall(cell);
  return micros == NOT_SMALL ? -1 : <f64>(micros / 1000) + EPOCH;
}

/** Longer ones are left to the twin. */
const MAX_TEXT: u32 = 0xffff;
/** Up to here first characters are marks: see scan-sql.ts. */
const LAST_MARK: u32 = 3;

/** Of a name that is there, is no mark and has none. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function isPlainName(cell: usize): bool {
  const length = load<u32>(cell, 4);
  return length - 1 < MAX_TEXT && <u32>load<u8>(<usize>load<u32>(cell)) > LAST_MARK;
}

/** Puts a property into its value slot; false = the twin must look. */
export function putProperty(value: usize, cell: usize, kind: u32): bool {
  const length = load<u32>(cell, 4);
  if (length == C.NONE) {
    store<u32>(value, NO_VALUE, 4);
    return true;
  }
  if (length > MAX_TEXT) return false;
  const at = <usize>load<u32>(cell);
  return kind == C.JSON ? putJson(value, at, length) : putText(value, at, length);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function putText(value: usize, at: usize, length: u32): bool {
  if (length == 1 && <u32>load<u8>(at) == LAST_MARK) return false;
  store<u32>(value, <u32>at);
  store<u32>(value, length, 4);
  return true;
}

const QUOTE: u32 = 34;
const BACKSLASH: u32 = 92;
const MINUS: u32 = 45;

/** A version, then JSON: strings without escapes, whole numbers, true, false and null. */
function putJson(value: usize, at: usize, length: u32): bool {
  if (length < 2) return false;
  const first = <u32>load<u8>(at, 1);
  if (first == QUOTE) {
    if (length < 3 || <u32>load<u8>(at + length - 1) != QUOTE) return false;
    for (let i: u32 = 2; i < length - 1; i++) if (<u32>load<u8>(at + i) == BACKSLASH) return false;
    return putText(value, at + 2, length - 3);
  }
  if (length == 5) {
    const word = load<u32>(at, 1);
    // "null", "true"
    if (word == 0x6c6c756e) {
      store<u32>(value, NO_VALUE, 4);
      return true;
    }
    if (word == 0x65757274) return putText(value, at + 1, 4);
  }
  // "false"
  if (length == 6 && load<u32>(at, 1) == 0x736c6166 && load<u8>(at, 5) == 101) return putText(value, at + 1, 5);
  let i: u32 = first == MINUS ? 2 : 1;
  if (i == length) return false;
  for (; i < length; i++) if (<u32>load<u8>(at + i) - 48 > 9) return false;
  return putText(value, at + 1, length - 1);
}
