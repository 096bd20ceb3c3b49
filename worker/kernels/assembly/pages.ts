import { internGroup, putKey } from './_pages-dictionary';
import { hourEntry, moveHours } from './_pages-hours';
import { HAS_HIGH, HAS_NULL, NOT_FLAT, readFlat } from './_pages-json';
import { takeLeaves, word } from './_pages-leaves';
import * as L from './_pages-layout';
import { isText, layoutOf } from './_pages-layout';
import * as S from './_pages-state';
import { exportStrings, moveStrings } from './_pages-strings';
import { BAD_TIME, HOUR, MAX_TIME, readHour, readInteger, readIso } from './_pages-time';

// Reads the leaf pages of a SQLite table b-tree into the columns of a chunk.
//
//   buffer   | page | (other pages) | page | page | ...     leafAt: where each leaf begins
//   page     0d, 4 more bytes about it, cells (2 bytes at 3) | 2 bytes a cell: where it lies | free | cells
//   cell     payload length | rowid | header length, serial types | values          (varints)
//
//   chunk    row     0    1    2    3 ...
//            times   f64  ...
//            codes   u32  ...  one column for the actor, the event, and each property
//
// Invariants. No leaf is empty, rowids ascend over all of them and lie within what the parent says, a cell lies within its page
// (else BROKEN). Only what the row reader would find exactly so is taken; every other row is left to it (ODD_ROW), before
// anything of the row is written. Strings of the rows from GROUP_START on are keys of the open group: codes are written
// when it is flushed. A call can be repeated after each stop: cursors say where it goes on. Everything asked of a page is
// within the bytes that were read: `at` is checked, varints end after 9 bytes.

/** How many bytes of a payload of `length` stay in the page. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function localSize(usable: u32, length: u32): u32 {
  return length <= usable - 35 ? length : localOfLong(usable, length);
}

function localOfLong(usable: u32, length: u32): u32 {
  const most = usable - 35;
  const least = ((usable - 12) * 32) / 255 - 23;
  const surplus = least + ((length - least) % (usable - 4));
  return surplus <= most ? surplus : least;
}

const TIME_MODEL: u32 = 0;
const TIME_ISO: u32 = 1;
const TIME_SECONDS: u32 = 2;
const TIME_MILLISECONDS: u32 = 3;
const TIME_MICROSECONDS: u32 = 4;

/** ms since the epoch, or BAD_TIME where the twin must look. Nearly all are milliseconds of six bytes. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function readTime(s: usize, kind: u32, at: usize, type: u32, size: u32): f64 {
  if (type == 5 && (kind == TIME_MODEL || kind == TIME_MILLISECONDS)) {
    const value = (<i64>bswap<u64>(load<u64>(at))) >> 16;
    return <u64>value < <u64>MAX_TIME ? <f64>value : BAD_TIME;
  }
  return readAnyTime(s, kind, at, type, size);
}

/** TIME_MODEL is milliseconds or ISO. */
function readAnyTime(s: usize, kind: u32, at: usize, type: u32, size: u32): f64 {
  if (isText(type)) return kind <= TIME_ISO ? readIso(s, at, size) : BAD_TIME;
  if (kind == TIME_ISO || type == 0 || type == 7 || type > 9) return BAD_TIME;
  const value = type >= 8 ? <i64>(type - 8) : readInteger(at, size);
  if (value < 0 || value >= MAX_TIME) {
    if (kind != TIME_MICROSECONDS || value < 0 || value > 0x1fffffffffffff) return BAD_TIME;
  }
  if (kind == TIME_MICROSECONDS) return <f64>(value / 1000);
  if (kind != TIME_SECONDS) return <f64>value;
  return value < MAX_TIME / 1000 ? <f64>(value * 1000) : BAD_TIME;
}

/** Writes the row whose values lie in the slots as row `row` of the chunk. */
function putRow(s: usize, row: u32, rowid: i64, time: f64, recordedAt: f64): void {
  const times = <usize>load<u32>(s, S.TIMES);
  if (times != 0) store<f64>(times + 8 * row, time);
  const recorded = <usize>load<u32>(s, S.RECORDED_AT);
  if (recorded != 0) store<f64>(recorded + 8 * row, recordedAt);
  const landmarks = <usize>load<u32>(s, S.LANDMARKS);
  if (landmarks != 0 && row % 64 == 0) store<f64>(landmarks + row / 8, <f64>rowid);
  const values = <usize>load<u32>(s, S.VALUES);
  let column = <usize>load<u32>(s, S.COLUMNS);
  const end = column + S.COLUMN_BYTES * load<u32>(s, S.COLUMN_COUNT);
  for (; column < end; column += S.COLUMN_BYTES) {
    const value = values + 8 * load<u32>(column, S.SOURCE);
    putKey(column, row, <usize>load<u32>(value), load<u32>(value, 4));
  }
  store<u32>(s, row + 1, S.ROWS);
}

/** A row that the twin read: its values lie in the slots. The caller has seen to a free row in chunk and group. */
export function putOddRow(s: usize, rowid: f64, time: f64, recordedAt: f64): void {
  putRow(s, load<u32>(s, S.ROWS), <i64>rowid, time, recordedAt);
}

/** Looks up the strings of the open group. */
export function flush(s: usize): i32 {
  let column = <usize>load<u32>(s, S.COLUMNS);
  const end = column + S.COLUMN_BYTES * load<u32>(s, S.COLUMN_COUNT);
  for (; column < end; column += S.COLUMN_BYTES)
    if (!internGroup(column, <usize>load<u32>(s, S.TAGS), s + S.TOUCHED)) return S.DICTIONARY_FULL;
  store<u32>(s, load<u32>(s, S.ROWS), S.GROUP_START);
  return S.DONE;
}

/** Pointer and length of each value of a record. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function putValues(values: usize, count: u32, from: usize, body: usize): void {
  for (let v: usize = 0; v < 8 * <usize>count; v += 8) {
    store<u32>(values + v, <u32>body + load<u32>(from + v));
    store<u32>(values + v, load<u32>(from + v, 4), 4);
  }
}

/** Takes the row of a payload that lies in its page. DONE = taken or skipped, ODD_ROW = for the twin, HOURS_FULL. */
function takeRow(s: usize, rowid: i64, body: usize, length: u32): i32 {
  const headerLength = <u32>load<u8>(body);
  if (headerLength - 1 >= 0x7f || headerLength > length) return S.ODD_ROW;
  const layout = layoutOf(s, body, headerLength);
  if (layout == 0) return S.ODD_ROW;
  const total = load<u32>(layout, L.TOTAL);
  if (total != length && (total > length || load<u32>(layout, L.EXACT) != 0)) return S.ODD_ROW;
  const values = <usize>load<u32>(s, S.VALUES);
  putValues(values, load<u32>(s, S.VALUE_COUNT), layout + L.VALUES_AT, body);
  const timeAt = body + load<u32>(layout, L.TIME_AT);
  const timeKind = load<u32>(s, S.TIME_KIND);
  const time = readTime(s, timeKind, timeAt, load<u32>(layout, L.TIME_TYPE), load<u32>(layout, L.TIME_SIZE));
  if (time < 0) return S.ODD_ROW;
  if (load<u32>(s, S.HOUR_KEYED) != 0) {
    const ts = body + load<u32>(layout, L.TS_AT);
    if (load<u8>(ts, 10) != 84) return S.ODD_ROW;
    const start = readHour(s, ts);
    if (start < 0 || time < start || time >= start + HOUR) return S.ODD_ROW;
  }
  let recordedAt: f64 = NaN;
  const recordedType = load<u32>(layout, L.RECORDED_TYPE);
  if (recordedType != 0) {
    const at = body + load<u32>(layout, L.RECORDED_AT);
    recordedAt = readTime(s, load<u32>(s, S.RECORDED_KIND), at, recordedType, load<u32>(layout, L.RECORDED_SIZE));
    if (recordedAt < 0) return S.ODD_ROW;
  }
  let flags: u32 = 0;
  if (load<u32>(s, S.HAS_JSON) != 0) {
    const json = body + load<u32>(layout, L.JSON_AT);
    flags = readFlat(s, json, json + load<u32>(layout, L.JSON_SIZE));
    if ((flags & NOT_FLAT) != 0) return S.ODD_ROW;
  }
  // Slot 0 is the event, slot 1 the actor.
  if (load<u32>(values, 4) - 1 >= S.NO_VALUE - 1) return S.ODD_ROW;
  if (load<u32>(values, 12) - 1 >= S.NO_VALUE - 1) {
    if (load<u32>(s, S.SKIPS_ACTORLESS) == 0) return S.ODD_ROW;
    store<u32>(s, load<u32>(s, S.ACTORLESS) + 1, S.ACTORLESS);
    return S.DONE;
  }
  let hour = <usize>load<u32>(s, S.HOUR_ENTRY);
  const open = load<f64>(s, S.HOUR_OPEN);
  if (hour == 0 || time < open || time >= open + HOUR) {
    hour = hourEntry(s, time);
    if (hour == 0) return S.HOURS_FULL;
    store<u32>(s, <u32>hour, S.HOUR_ENTRY);
    store<f64>(s, <f64>(load<u32>(hour) - 1) * HOUR, S.HOUR_OPEN);
  }
  store<u32>(hour, load<u32>(hour, 4) + 1, 4);
  if (time < load<f64>(hour, 8)) store<f64>(hour, time, 8);
  if (time > load<f64>(hour, 16)) store<f64>(hour, time, 16);
  if (flags != 0) {
    if ((flags & HAS_HIGH) != 0) store<u32>(s, load<u32>(s, S.NON_ASCII) + 1, S.NON_ASCII);
    if ((flags & HAS_NULL) != 0) store<u32>(s, load<u32>(s, S.NULL_KEYS) + 1, S.NULL_KEYS);
  }
  if (recordedAt - time > HOUR) store<u32>(s, load<u32>(s, S.LATE) + 1, S.LATE);
  putRow(s, load<u32>(s, S.ROWS), rowid, time, recordedAt);
  return S.DONE;
}

/** Reads leaves from the cursor on. */
export function parse(s: usize): i32 {
  const usable = load<u32>(s, S.USABLE);
  const capacity = load<u32>(s, S.CAPACITY);
  const fromRow = load<i64>(s, S.FROM_ROW);
  const toRow = load<i64>(s, S.TO_ROW);
  const leaves = load<u32>(s, S.LEAVES);
  let last = load<i64>(s, S.LAST_ROW);
  let cell = load<u32>(s, S.CELL);
  for (let leaf = load<u32>(s, S.LEAF); leaf < leaves; leaf++) {
    const page = <usize>load<u32>(s, S.BUFFER) + load<u32>(<usize>load<u32>(s, S.LEAF_AT) + 4 * leaf);
    const upper = <i64>load<f64>(<usize>load<u32>(s, S.LEAF_UPPER) + 8 * leaf);
    const cells = word(page + 3);
    const first: u32 = 8 + cells + cells;
    if (load<u8>(page) != 0x0d || cells == 0 || first > usable) return S.BROKEN;
    store<u32>(s, leaf, S.LEAF);
    for (; cell < cells; cell++) {
      store<u32>(s, cell, S.CELL);
      store<i64>(s, last, S.LAST_ROW);
      const rows = load<u32>(s, S.ROWS);
      if (rows == capacity) return S.CHUNK_FULL;
      if (rows - load<u32>(s, S.GROUP_START) == S.GROUP && flush(s) != S.DONE) return S.DICTIONARY_FULL;
      const offset = word(page + 8 + 2 * cell);
      if (offset < first || offset > usable - 4) return S.BROKEN;
      let p = page + offset;
      let length = <u32>load<u8>(p++);
      if (length >= 0x80) {
        length &= 0x7f;
        let i = 0;
        for (; i < 3; i++) {
          const next = <u32>load<u8>(p++);
          length = (length << 7) | (next & 0x7f);
          if (next < 0x80) break;
        }
        // 256 MB in a row: not for here.
        if (i == 3) return S.BROKEN;
      }
      let rowid: i64 = 0;
      let b: u32 = 0;
      for (; b < 8; b++) {
        const next = <i64>load<u8>(p++);
        rowid = (rowid << 7) | (next & 0x7f);
        if (next < 0x80) break;
      }
      if (b == 8) rowid = (rowid << 8) | <i64>load<u8>(p++);
      if (rowid <= last || rowid > upper) return S.BROKEN;
      const local = localSize(usable, length);
      if (p + local + (local < length ? 4 : 0) > page + usable) return S.BROKEN;
      if (rowid >= fromRow && rowid <= toRow) {
        const taken = local < length ? S.ODD_ROW : takeRow(s, rowid, p, length);
        if (taken == S.HOURS_FULL) return taken;
        store<u32>(s, load<u32>(s, S.ROWS_READ) + 1, S.ROWS_READ);
        if (taken == S.ODD_ROW) {
          store<i64>(s, rowid, S.ODD_ROWID);
          store<u32>(s, local < length ? 0 : <u32>p, S.ODD_RECORD);
          store<u32>(s, length, S.ODD_LENGTH);
          store<i64>(s, rowid, S.LAST_ROW);
          store<u32>(s, cell + 1, S.CELL);
          return taken;
        }
      }
      last = rowid;
    }
    cell = 0;
    // Not before: SQLite checks all cells of a page it comes by (cell_size_check), those behind the last row too.
    if (last > toRow) break;
  }
  store<i64>(s, last, S.LAST_ROW);
  store<u32>(s, leaves, S.LEAF);
  store<u32>(s, 0, S.CELL);
  return S.DONE;
}

export { moveHours, moveStrings, exportStrings, takeLeaves };
