import { HOUR_START, HOUR_TAIL, HOUR_TEXT } from './_pages-state';

export const HOUR: f64 = 3600000;
/** Start of the year 10000, ms: hour keys have four digits for the year. */
export const MAX_TIME: i64 = 253402300800000;
export const BAD_TIME: f64 = -1;

// @ts-expect-error: decorator of AssemblyScript
@inline
function two(at: usize): u32 {
  const high = <u32>load<u8>(at) - 48;
  const low = <u32>load<u8>(at, 1) - 48;
  // Whatever is no digit makes it large; as does their sum.
  return high > 9 || low > 9 ? 1000 : high * 10 + low;
}

/** Days since the epoch of a date of the Gregorian calendar, year 1970 to 9999. */
function daysOf(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const ofEra = y - era * 400;
  const ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

function monthDays(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

function parseHour(at: usize): f64 {
  if (load<u8>(at, 4) != 45 || load<u8>(at, 7) != 45) return BAD_TIME;
  const year = <i32>(two(at) * 100 + two(at + 2));
  const month = <i32>two(at + 5);
  const day = <i32>two(at + 8);
  const hour = two(at + 11);
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || hour > 23) return BAD_TIME;
  if (day < 1 || day > monthDays(year, month)) return BAD_TIME;
  return <f64>daysOf(year, month, day) * 86400000 + <f64>hour * HOUR;
}

/** Start of the hour `YYYY-MM-DD?HH` (any character before the hour), ms; BAD_TIME when it is none. The last one is remembered. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function readHour(state: usize, at: usize): f64 {
  const text = load<u64>(at);
  const tail = load<u64>(at, 5);
  if (text == load<u64>(state, HOUR_TEXT) && tail == load<u64>(state, HOUR_TAIL)) return load<f64>(state, HOUR_START);
  return rememberHour(state, at, text, tail);
}

function rememberHour(state: usize, at: usize, text: u64, tail: u64): f64 {
  const start = parseHour(at);
  store<u64>(state, text, HOUR_TEXT);
  store<u64>(state, tail, HOUR_TAIL);
  store<f64>(state, start, HOUR_START);
  return start;
}

/**
 * `YYYY-MM-DDTHH:MM:SS.mmmZ` (24 characters), `YYYY-MM-DD HH:MM:SS` (19, a T or a space) or that with a Z (20); BAD_TIME
 * for anything else: the twin reads more.
 */
export function readIso(state: usize, at: usize, length: u32): f64 {
  if (length != 24 && length != 19 && length != 20) return BAD_TIME;
  const separator = load<u8>(at, 10);
  if (separator != 84 && !(separator == 32 && length < 24)) return BAD_TIME;
  if (load<u8>(at, 13) != 58 || load<u8>(at, 16) != 58) return BAD_TIME;
  if (length == 20 && load<u8>(at, 19) != 90) return BAD_TIME;
  const start = readHour(state, at);
  const minute = two(at + 14);
  const second = two(at + 17);
  if (start < 0 || minute > 59 || second > 59) return BAD_TIME;
  const time = start + <f64>(minute * 60000 + second * 1000);
  if (length != 24) return time;
  const hundreds = <u32>load<u8>(at, 20) - 48;
  const rest = two(at + 21);
  if (load<u8>(at, 19) != 46 || load<u8>(at, 23) != 90 || hundreds > 9 || rest > 99) return BAD_TIME;
  return time + <f64>(hundreds * 100 + rest);
}

/** A big-endian integer of 1, 2, 3, 4, 6 or 8 bytes. */
export function readInteger(at: usize, length: u32): i64 {
  if (length == 6)
    return ((<i64>(<i16>bswap<u16>(load<u16>(at)))) << 32) | (<i64>bswap<u32>(load<u32>(at, 2)));
  if (length == 8) return <i64>bswap<u64>(load<u64>(at));
  let value = <i64>load<i8>(at);
  for (let i: u32 = 1; i < length; i++) value = (value << 8) | (<i64>load<u8>(at + i));
  return value;
}
