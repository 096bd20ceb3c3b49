// Rollups: events and different actors by (interval, series), in one pass over actors in order, their events by time.
//
//   starts/ends  the events of an actor inside the range
//   bytes/table  series of an event = table[bytes[event]], NONE = not counted
//   buckets      how a second becomes an interval (_events)
//   events       by interval * series + series, u32
//   repeats      the same: events of actors that were in the cell before, so that actors = events - repeats. Where
//                intervals are many (hours) they are few, and the table that every event touches stays small
//   totals       by interval: repeats over all series together
//   seen         by series | last interval u32 | last actor + 1 u32 | actors u32 | - |, and behind them the total's
//
// As an actor's events come by time, it is new in a cell when its last event of that series was in another interval.
import { NONE, addOne, bucketOf } from './_events';

// @ts-ignore: decorator
@inline
function tally<T>(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  series: u32,
  events: usize,
  repeats: usize,
  totals: usize,
  seen: usize,
): void {
  const add = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const intervals = <usize>load<u32>(buckets, 16);
  let total: u32 = 0;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    const id = <u64>(actor + 1) << 32;
    let before: u32 = u32.MAX_VALUE;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const one = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (one == NONE) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), add, shift, factor, by, intervals);
      const cell = <usize>(bucket * series + one) << 2;
      const state = seen + (<usize>one << 4);
      const key = id | <u64>bucket;
      const change = key ^ load<u64>(state);
      addOne(events + cell);
      if (change == 0) addOne(repeats + cell);
      else {
        store<u64>(state, key);
        store<u32>(state, load<u32>(state, 8) + <u32>(change > <u64>u32.MAX_VALUE), 8);
      }
      if (bucket == before) addOne(totals + (<usize>bucket << 2));
      before = bucket;
    }
    total += <u32>(before != u32.MAX_VALUE);
  }
  const state = seen + (<usize>series << 4);
  store<u32>(state, load<u32>(state, 8) + total, 8);
}

// @ts-ignore: decorator
@inline
function tallyOne<T>(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  cells: usize,
): u32 {
  const add = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const intervals = <usize>load<u32>(buckets, 16);
  let total: u32 = 0;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let before: u32 = u32.MAX_VALUE;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      if (<u32>load<u8>(table + <usize>load<u8>(bytes + i)) == NONE) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), add, shift, factor, by, intervals);
      const cell = cells + (<usize>bucket << 3);
      store<u64>(cell, load<u64>(cell) + 1 + (<u64>(bucket == before) << 32));
      before = bucket;
    }
    total += <u32>(before != u32.MAX_VALUE);
  }
  return total;
}

export function tally16(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  series: u32,
  events: usize,
  repeats: usize,
  totals: usize,
  seen: usize,
): void {
  tally<u16>(starts, ends, first, last, bytes, table, seconds, buckets, series, events, repeats, totals, seen);
}
export function tally32(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  series: u32,
  events: usize,
  repeats: usize,
  totals: usize,
  seen: usize,
): void {
  tally<u32>(starts, ends, first, last, bytes, table, seconds, buckets, series, events, repeats, totals, seen);
}

/** One series: `cells` by interval are | events u32 | repeats u32 |. Returns the actors with at least one event. */
export function tallyOne16(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  cells: usize,
): u32 {
  return tallyOne<u16>(starts, ends, first, last, bytes, table, seconds, buckets, cells);
}
export function tallyOne32(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  cells: usize,
): u32 {
  return tallyOne<u32>(starts, ends, first, last, bytes, table, seconds, buckets, cells);
}

/** Events by code of a column, of events whose byte is not NONE; `counts` is u32 by code. */
// @ts-ignore: decorator
@inline
function countCodes<T>(starts: usize, ends: usize, first: u32, last: u32, bytes: usize, table: usize, codes: usize, counts: usize): void {
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      if (<u32>load<u8>(table + <usize>load<u8>(bytes + i)) == NONE) continue;
      const cell = counts + (<usize>load<T>(codes + <usize>i * sizeof<T>()) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
  }
}
export function countCodes8(starts: usize, ends: usize, first: u32, last: u32, bytes: usize, table: usize, codes: usize, counts: usize): void {
  countCodes<u8>(starts, ends, first, last, bytes, table, codes, counts);
}
export function countCodes16(starts: usize, ends: usize, first: u32, last: u32, bytes: usize, table: usize, codes: usize, counts: usize): void {
  countCodes<u16>(starts, ends, first, last, bytes, table, codes, counts);
}
export function countCodes32(starts: usize, ends: usize, first: u32, last: u32, bytes: usize, table: usize, codes: usize, counts: usize): void {
  countCodes<u32>(starts, ends, first, last, bytes, table, codes, counts);
}

/**
 * Adds `numbers[codes[event]]` (f64 by code) to the sum of each counted event's cell, by interval * stride + series, where
 * `stride` is more than the number of series. `total` = one more cell of the interval that gets all of it; with one series
 * it is the same. Cells are | sum f64 | what rounding lost f64 | (Neumaier, as in compute/sums.ts).
 */
// @ts-ignore: decorator
@inline
function addSums<T>(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  stride: u32,
  total: u32,
  codes: usize,
  numbers: usize,
  cells: usize,
): void {
  const narrow = load<u32>(buckets, 20);
  const add = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const intervals = <usize>load<u32>(buckets, 16);
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const one = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (one == NONE) continue;
      const second = load<u32>(seconds + (<usize>i << 2));
      const bucket = narrow
        ? bucketOf<u16>(second, add, shift, factor, by, intervals)
        : bucketOf<u32>(second, add, shift, factor, by, intervals);
      const value = load<f64>(numbers + (<usize>load<T>(codes + <usize>i * sizeof<T>()) << 3));
      const row = cells + (<usize>(bucket * stride) << 4);
      addExactly(row + (<usize>one << 4), value);
      if (total != one) addExactly(row + (<usize>total << 4), value);
    }
  }
}

// @ts-ignore: decorator
@inline
function addExactly(cell: usize, value: f64): void {
  const sum = load<f64>(cell);
  const next = sum + value;
  const lost = abs<f64>(sum) >= abs<f64>(value) ? sum - next + value : value - next + sum;
  store<f64>(cell, load<f64>(cell, 8) + lost, 8);
  store<f64>(cell, next);
}
export function addSums8(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  stride: u32,
  total: u32,
  codes: usize,
  numbers: usize,
  cells: usize,
): void {
  addSums<u8>(starts, ends, first, last, bytes, table, seconds, buckets, stride, total, codes, numbers, cells);
}
export function addSums16(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  stride: u32,
  total: u32,
  codes: usize,
  numbers: usize,
  cells: usize,
): void {
  addSums<u16>(starts, ends, first, last, bytes, table, seconds, buckets, stride, total, codes, numbers, cells);
}
export function addSums32(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  stride: u32,
  total: u32,
  codes: usize,
  numbers: usize,
  cells: usize,
): void {
  addSums<u32>(starts, ends, first, last, bytes, table, seconds, buckets, stride, total, codes, numbers, cells);
}
