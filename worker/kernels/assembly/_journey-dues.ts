// Due times as texts.

// @ts-ignore: decorator
@inline
export function codeIn(codes: usize, width: u32, event: u32): u32 {
  if (width == 4) return load<u32>(codes + ((<usize>event) << 2));
  if (width == 2) return load<u16>(codes + ((<usize>event) << 1));
  return width == 1 ? <u32>load<u8>(codes + <usize>event) : 0;
}

/**
 * Dues of the events of a slice that set a deadline (`opens` by symbol), as ms since the epoch into `out`: NaN where the
 * event has no text. Returns how many texts are spelled otherwise than `2024-01-31`, `2024-01-31T18:00:00`, `….123`,
 * with or without `Z`: then the caller reads them all.
 *
 * Texts lie where the first event with them was scanned, so that nearly each is a cache miss, and its offset another. In
 * three passes over a few hundred events the misses of one pass overlap; until it is read, a due's 8 bytes in `out` hold
 * where its text begins and how long it is.
 */
export function readDues(
  symbols: usize,
  from: u32,
  to: u32,
  opens: usize,
  codes: usize,
  width: u32,
  offsets: usize,
  bytes: usize,
  out: usize,
): u32 {
  let others: u32 = 0;
  for (let event = from; event < to; ) {
    let end = out;
    const limit = out + BATCH * 8;
    for (; event < to && end < limit; event++) {
      if (load<u8>(opens + <usize>load<u8>(symbols + event)) == 0) continue;
      const at = offsets + ((<usize>codeIn(codes, width, event)) << 2);
      // Code 0 has no text: one of length 0.
      const start = at == offsets ? 0 : load<u32>(at - 4);
      store<u32>(end, start);
      store<u32>(end, at == offsets ? 0 : load<u32>(at) - start, 4);
      end += 8;
    }
    for (let due = out; due < end; due += 8) {
      const length = load<u32>(due, 4);
      if (length == 0) continue;
      const text = bytes + load<u32>(due);
      // No date begins or ends beyond ASCII.
      if (((<u32>load<u8>(text) | <u32>load<u8>(text + length - 1)) & 128) != 0) store<u32>(due, 1, 4);
    }
    for (; out < end; out += 8) {
      const length = load<u32>(out, 4);
      const due = length == 0 ? NaN : parseInstant(bytes + load<u32>(out), length);
      if (length != 0 && isNaN(due)) others++;
      store<f64>(out, due);
    }
  }
  return others;
}
const BATCH: usize = 512;

/** Two digits; 256 and more where one is none. */
// @ts-ignore: decorator
@inline
function two(at: usize): u32 {
  const tens: u32 = <u32>load<u8>(at) - 48;
  const ones: u32 = <u32>load<u8>(at, 1) - 48;
  return tens > 9 || ones > 9 ? 256 : tens * 10 + ones;
}

/** NaN for every spelling but the usual ones. */
function parseInstant(at: usize, length: u32): f64 {
  if (length < 10 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) return NaN;
  const century = two(at);
  const yearOfCentury = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  if ((century | yearOfCentury) > 255 || month - 1 > 11 || day - 1 > 30) return NaN;
  const year = century * 100 + yearOfCentury;
  if (day > 28 && day > daysOf(year, month)) return NaN;
  const days = daysSinceEpoch(year, month, day);
  if (length == 10) return <f64>days * 86400000;
  // `T18:00:00`, a fraction, a `Z`
  const separator = load<u8>(at, 10);
  if (length < 19 || (separator != 0x54 && separator != 0x20)) return NaN;
  if (load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return NaN;
  const hour = two(at + 11);
  const minute = two(at + 14);
  const second = two(at + 17);
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  const end = load<u8>(at + length - 1) == 0x5a ? length - 1 : length;
  let ms: u32 = 0;
  if (end == 23) {
    const hundreds: u32 = <u32>load<u8>(at, 20) - 48;
    const rest = two(at + 21);
    if (load<u8>(at, 19) != 0x2e || hundreds > 9 || rest > 99) return NaN;
    ms = hundreds * 100 + rest;
  } else if (end != 19) return NaN;
  return <f64>days * 86400000 + <f64>(((hour * 60 + minute) * 60 + second) * 1000 + ms);
}

// @ts-ignore: decorator
@inline
function daysOf(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Of the Gregorian calendar, with years that begin in March. */
// @ts-ignore: decorator
@inline
function daysSinceEpoch(year: u32, month: u32, day: u32): i32 {
  const shifted: i32 = <i32>year + 400 - (month <= 2 ? 1 : 0);
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (<i32>month + (month > 2 ? -3 : 9)) + 2) / 5 + <i32>day - 1;
  return (era - 1) * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}
