import * as S from './_pages-state';

// Where the values of a record lie follows from its header alone, and most rows have a header that came before. So what a
// header says is kept, in a table with one place for each; another header takes the place over.
//
//   header   08 27 55 05 23 81 2b 05      its length, then a serial type for each column (varints)
//   layout   header, 16 bytes | total, exact | ts | time, type, size | json, size | recorded, type, size | values
//
// Offsets count from the begin of the record. Headers beyond 16 bytes are read each time, into the last place.

/** How long the record is up to the last column needed, and whether there is no further one. */
export const TOTAL: usize = 16;
export const EXACT: usize = 20;
export const TS_AT: usize = 24;
export const TIME_AT: usize = 28;
export const TIME_TYPE: usize = 32;
export const TIME_SIZE: usize = 36;
export const JSON_AT: usize = 40;
export const JSON_SIZE: usize = 44;
export const RECORDED_AT: usize = 48;
export const RECORDED_TYPE: usize = 52;
export const RECORDED_SIZE: usize = 56;
/** 8 bytes a value slot: offset, length (NO_VALUE = null). */
export const VALUES_AT: usize = 64;
const PLACES: u32 = 512;

/** Bytes of a value by its serial type; 10 and 11 are reserved. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function sizeOf(type: u32): u32 {
  if (type >= 12) return (type - 12) >> 1;
  // 0 1 2 3 4 6 8 8 0 0, a digit each.
  return <u32>((<u64>0x88643210 >> <u64>(4 * type)) & 15);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
export function isText(type: u32): bool {
  return type >= 13 && (type & 1) == 1;
}

/** The layout of the record at `body`, whose header is `length` (1 to 127) bytes long; 0 = not for this kernel. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function layoutOf(s: usize, body: usize, length: u32): usize {
  const layouts = <usize>load<u32>(s, S.LAYOUTS);
  const bytes = VALUES_AT + 8 * <usize>load<u32>(s, S.VALUE_COUNT);
  if (length > 16) return readLayout(s, body, length, layouts + bytes * <usize>PLACES);
  const first = length >= 8 ? load<u64>(body) : load<u64>(body) & (0xffffffffffffffff >> <u64>(64 - 8 * length));
  const second = length <= 8 ? 0 : load<u64>(body, 8) & (0xffffffffffffffff >> <u64>(128 - 8 * length));
  const place = ((first ^ rotl<u64>(second, 17)) * 0x9e3779b97f4a7c15) >> 55;
  const layout = layouts + bytes * <usize>place;
  if (load<u64>(layout) == first && load<u64>(layout, 8) == second) return layout;
  // No header is all zeros: a place whose header could not be read is free.
  store<u64>(layout, 0);
  store<u64>(layout, 0, 8);
  if (readLayout(s, body, length, layout) == 0) return 0;
  store<u64>(layout, first);
  store<u64>(layout, second, 8);
  return layout;
}

/** Returns `layout`, or 0. */
function readLayout(s: usize, body: usize, length: u32, layout: usize): usize {
  const headerEnd = body + length;
  const values = layout + VALUES_AT;
  const valuesEnd = values + 8 * <usize>load<u32>(s, S.VALUE_COUNT);
  for (let v = values; v < valuesEnd; v += 8) store<u32>(v, S.NO_VALUE, 4);
  store<u32>(layout, 0, RECORDED_TYPE);
  let p = body + 1;
  let at = length;
  let role = <usize>load<u32>(s, S.ROLES);
  const rolesEnd = role + load<u32>(s, S.ROLE_COUNT);
  for (; role < rolesEnd; role++) {
    // A record written before a column was added: the twin knows the default.
    if (p >= headerEnd) return 0;
    let type = <u32>load<u8>(p++);
    if (type >= 0x80) {
      const next = <u32>load<u8>(p++);
      type = ((type & 0x7f) << 7) | (next & 0x7f);
      if (next >= 0x80) {
        const last = <u32>load<u8>(p++);
        if (last >= 0x80) return 0;
        type = (type << 7) | last;
      }
    }
    if (type == 10 || type == 11) return 0;
    const size = sizeOf(type);
    if (!putColumn(layout, <u32>load<u8>(role), at, type, size)) return 0;
    at += size;
  }
  if (p > headerEnd) return 0;
  store<u32>(layout, at, TOTAL);
  store<u32>(layout, p == headerEnd ? 1 : 0, EXACT);
  return layout;
}

/** Where the column with that role lies; false = its type is not the usual one. */
function putColumn(layout: usize, role: u32, at: u32, type: u32, size: u32): bool {
  if (role == S.ROLE_TS) {
    store<u32>(layout, at, TS_AT);
    return type == 39;
  }
  if (role == S.ROLE_TIME) {
    store<u32>(layout, at, TIME_AT);
    store<u32>(layout, type, TIME_TYPE);
    store<u32>(layout, size, TIME_SIZE);
  } else if (role == S.ROLE_RECORDED) {
    store<u32>(layout, at, RECORDED_AT);
    store<u32>(layout, type, RECORDED_TYPE);
    store<u32>(layout, size, RECORDED_SIZE);
  } else if (role == S.ROLE_JSON) {
    store<u32>(layout, at, JSON_AT);
    store<u32>(layout, size, JSON_SIZE);
    return isText(type) && size >= 2;
  } else if (role >= S.ROLE_VALUE && type != 0) {
    const value = layout + VALUES_AT + 8 * <usize>(role - S.ROLE_VALUE);
    store<u32>(value, at);
    store<u32>(value, size, 4);
    return isText(type);
  }
  return true;
}
