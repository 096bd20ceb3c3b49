import { cellAt, isPlainName, NOT_SMALL, putProperty, readCells, readMicros, readSmall } from './_copy-cells';
import { findEvent, learnEvent } from './_copy-events';
import * as C from './_copy-state';
import { internGroup, putKey } from './_pages-dictionary';
import { hourEntry, moveHours } from './_pages-hours';
import * as S from './_pages-state';
import { exportStrings, moveStrings } from './_pages-strings';
import { HOUR, readHour } from './_pages-time';

// Reads what a Postgres server sends for COPY … TO STDOUT (FORMAT binary) into the columns of a chunk.
//
//   message  'd', length of all that follows (4 bytes) | cells (2 bytes) | length, cell | -1 | length, cell | …
//
//   chunk    row     0    1    2    3 ...
//            times   f64  ...
//            codes   u32  ...  one column for the actor and each property, by the dictionaries of the page reader
//
// All lengths come from outside: nothing is read beyond the end of the message but the padding behind the last byte. Only a row
// that the twin (server-scan.ts) would find exactly so is taken; every other message is left to it (ODD_ROW), before
// anything of it is written. A call can be repeated after each stop: the cursor says where it goes on.

const HEADER: usize = 5;
const COPY_DATA: u32 = 0x64;
/** Values: slot 0 is the actor, then the properties. */
const SLOT_BYTES: usize = 8;

/** The bit of a row among the suspects. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function isSuspect(c: usize, seq: u64): bool {
  const bits = <usize>load<u32>(c, C.SUSPECTS);
  if (bits == 0) return false;
  const bit = ((<u32>seq * 0x9e3779b1) >> 8) & load<u32>(c, C.SUSPECTS_MASK);
  return ((<u32>load<u8>(bits + (<usize>bit >> 3)) >> (bit & 7)) & 1) != 0;
}

/** Spreads numbers over 32 bits. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function mix(seq: u64): u32 {
  const mixed = (<u32>seq ^ (<u32>(seq >> 32) * 0x9e3779b1)) * 0x2c1b3c6d;
  return mixed ^ (mixed >> 15);
}

/** Whether the row is under another hour than that of its time, or may be. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function isMisKeyed(s: usize, c: usize, time: f64): bool {
  const hour = load<u32>(c, C.HOUR);
  if (hour == C.NONE) return false;
  const cell = cellAt(c, hour);
  const at = <usize>load<u32>(cell);
  if (load<u32>(cell, 4) != 13 || load<u8>(at, 10) != 84) return true;
  const start = readHour(s, at);
  return start < 0 || time < start || time >= start + HOUR;
}

/** The counter of the hour; 0 = the table of them must grow first. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function openHour(s: usize, time: f64): usize {
  const known = <usize>load<u32>(s, S.HOUR_ENTRY);
  const from = load<f64>(s, S.HOUR_OPEN);
  if (known != 0 && time >= from && time < from + HOUR) return known;
  const hour = hourEntry(s, time);
  if (hour == 0) return 0;
  store<u32>(s, <u32>hour, S.HOUR_ENTRY);
  store<f64>(s, <f64>(load<u32>(hour) - 1) * HOUR, S.HOUR_OPEN);
  return hour;
}

/** The values of the row in their slots; false = the twin must look. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function putValues(s: usize, c: usize): bool {
  const actor = cellAt(c, load<u32>(c, C.ACTOR));
  if (!isPlainName(actor)) return false;
  let value = <usize>load<u32>(s, S.VALUES);
  store<u64>(value, load<u64>(actor));
  const count = load<u32>(c, C.PROPERTY_COUNT);
  const properties = <usize>load<u32>(c, C.PROPERTIES);
  for (let p: u32 = 0; p < count; p++) {
    value += SLOT_BYTES;
    const cell = load<u32>(properties + SLOT_BYTES * <usize>p);
    if (!putProperty(value, cellAt(c, cell), load<u32>(properties + SLOT_BYTES * <usize>p, 4))) return false;
  }
  return true;
}

/** Writes the row whose values lie in the slots behind those of the chunk. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function putRow(s: usize, c: usize, seq: f64, time: f64, recordedAt: f64, event: u32): void {
  const row = load<u32>(s, S.ROWS);
  const times = <usize>load<u32>(s, S.TIMES);
  if (times != 0) store<f64>(times + 8 * <usize>row, time);
  const recorded = <usize>load<u32>(s, S.RECORDED_AT);
  if (recorded != 0) store<f64>(recorded + 8 * <usize>row, recordedAt);
  const types = <usize>load<u32>(c, C.TYPES);
  if (types != 0) store<u32>(types + 4 * <usize>row, event);
  store<f64>(<usize>load<u32>(c, C.SEQS) + 8 * <usize>row, seq);
  if (seq < load<f64>(c, C.LAST_SEQ)) store<u32>(c, 1, C.UNORDERED);
  store<f64>(c, seq, C.LAST_SEQ);
  const values = <usize>load<u32>(s, S.VALUES);
  let column = <usize>load<u32>(s, S.COLUMNS);
  const end = column + S.COLUMN_BYTES * load<u32>(s, S.COLUMN_COUNT);
  for (; column < end; column += S.COLUMN_BYTES) {
    const value = values + SLOT_BYTES * <usize>load<u32>(column, S.SOURCE);
    putKey(column, row, <usize>load<u32>(value), load<u32>(value, 4));
  }
  store<u32>(s, row + 1, S.ROWS);
}

/** A row that the twin read: its values lie in the slots. The caller has seen to a free row in chunk and group. */
export function putOddRow(s: usize, c: usize, seq: f64, time: f64, recordedAt: f64, event: u32): void {
  putRow(s, c, seq, time, recordedAt, event);
}

/** The row of the message. DONE = taken, ODD_ROW = for the twin, HOURS_FULL. */
function takeRow(s: usize, c: usize, from: usize, end: usize): i32 {
  if (!readCells(c, from, end)) return S.ODD_ROW;
  const seq = readSmall(cellAt(c, load<u32>(c, C.SEQ)));
  if (seq == NOT_SMALL || isSuspect(c, seq)) return S.ODD_ROW;
  const time = readMicros(cellAt(c, load<u32>(c, C.TIME)));
  if (time < 0) return S.ODD_ROW;
  const event = findEvent(c);
  if (event == C.NONE || !putValues(s, c)) return S.ODD_ROW;
  const flags = load<u32>(c, C.FLAGS);
  if (flags != C.NONE && readSmall(cellAt(c, flags)) != 0) return S.ODD_ROW;
  let recordedAt: f64 = NaN;
  const recorded = load<u32>(c, C.RECORDED);
  if (recorded != C.NONE && load<u32>(cellAt(c, recorded), 4) != C.NONE) {
    recordedAt = readMicros(cellAt(c, recorded));
    if (recordedAt < 0) return S.ODD_ROW;
  }
  const isOutside = time < load<f64>(c, C.FROM_TIME) || time >= load<f64>(c, C.TO_TIME);
  if (load<u32>(c, C.COUNTING) != 0 && !isOutside) {
    if (isMisKeyed(s, c, time)) return S.ODD_ROW;
    const hour = openHour(s, time);
    if (hour == 0) return S.HOURS_FULL;
    store<u32>(hour, load<u32>(hour, 4) + 1, 4);
    if (time < load<f64>(hour, 8)) store<f64>(hour, time, 8);
    if (time > load<f64>(hour, 16)) store<f64>(hour, time, 16);
    if (recordedAt - time > HOUR) store<u32>(s, load<u32>(s, S.LATE) + 1, S.LATE);
  }
  store<u32>(s, load<u32>(s, S.ROWS_READ) + 1, S.ROWS_READ);
  store<u32>(c, load<u32>(c, C.HASH) + mix(seq), C.HASH);
  if (!isOutside) putRow(s, c, <f64>seq, time, recordedAt, event);
  return S.DONE;
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

/** Takes messages from the cursor on, until one is not all here (DONE), or is not for this kernel. */
export function parse(s: usize, c: usize): i32 {
  const end = <usize>load<u32>(c, C.END);
  const capacity = load<u32>(s, S.CAPACITY);
  let at = <usize>load<u32>(c, C.AT);
  for (;;) {
    store<u32>(c, <u32>at, C.AT);
    if (end - at < HEADER) return S.DONE;
    if (<u32>load<u8>(at) != COPY_DATA) return S.ODD_ROW;
    const size = <usize>bswap<u32>(load<u32>(at, 1));
    if (size > end - at - 1) return S.DONE;
    if (size < 6) return S.ODD_ROW;
    const rows = load<u32>(s, S.ROWS);
    if (rows == capacity) return S.CHUNK_FULL;
    if (rows - load<u32>(s, S.GROUP_START) == S.GROUP && flush(s) != S.DONE) return S.DICTIONARY_FULL;
    const stop = takeRow(s, c, at + HEADER, at + 1 + size);
    if (stop != S.DONE) return stop;
    at += 1 + size;
  }
  return S.DONE;
}

export { exportStrings, learnEvent, moveHours, moveStrings };
