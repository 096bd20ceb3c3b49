/**
 * Rows in the order of the scan become rows by (actor, time, scan order): a counting sort in two steps that stay in the
 * cache. A *bucket* is 2^shift neighbouring actors, some ten thousand rows.
 *
 *   globalize  one pass over a chunk whose actors have codes of its slice: they become global ones
 *   count      one pass over a chunk: rows a bucket, rows a type, first and last time
 *   partition  one pass over a chunk: every row to the next place of its bucket, so that scan order stays
 *   sort       one bucket: by actor, then the few actors that are out of order by time; unpacked into columns
 *
 * A row between partition and sort is 12 bytes, and any two of one actor compare by `key >> 22`:
 *
 *   key, u64:  | seconds since base 32 | millis 10 | actor in its bucket `shift` | type `typeBits` |   row, u32: scan row
 *
 * with shift + typeBits = 22 at most. Nothing is shared between threads but the records, each in places of its own.
 */

/** `codes` = global code by local one. */
export function globalize(actors: usize, rows: u32, codes: usize): void {
  const end = actors + ((<usize>rows) << 2);
  for (let at = actors; at < end; at += 4) store<u32>(at, load<u32>(codes + ((<usize>load<u32>(at)) << 2)));
}

/** Adds to `buckets` (u32), `typeCounts` (u32 by local type), widens `span` (f64 × 2). */
export function count(
  actors: usize,
  times: usize,
  types: usize,
  rows: u32,
  shift: u32,
  buckets: usize,
  typeCounts: usize,
  span: usize,
): void {
  let first = load<f64>(span);
  let last = load<f64>(span, 8);
  for (let i: usize = 0; i < <usize>rows; i++) {
    const actor = load<u32>(actors + (i << 2));
    const bucket = buckets + ((<usize>(actor >>> shift)) << 2);
    store<u32>(bucket, load<u32>(bucket) + 1);
    const type = typeCounts + ((<usize>load<u32>(types + (i << 2))) << 2);
    store<u32>(type, load<u32>(type) + 1);
    const time = load<f64>(times + (i << 3));
    first = min<f64>(first, time);
    last = max<f64>(last, time);
  }
  store<f64>(span, first);
  store<f64>(span, last, 8);
}

/** `cursors` (u32 a bucket) = next record of the bucket for this thread's rows. `scanRow` is that of the first row. */
export function partition(
  actors: usize,
  times: usize,
  types: usize,
  rows: u32,
  typeCodes: usize,
  shift: u32,
  typeBits: u32,
  baseSeconds: f64,
  cursors: usize,
  records: usize,
  scanRow: u32,
): void {
  const actorMask: u32 = (1 << shift) - 1;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const actor = load<u32>(actors + (i << 2));
    const time = load<f64>(times + (i << 3));
    let second = floor<f64>(time / 1000);
    // Thousands of centuries away, the quotient is rounded up.
    if (second * 1000 > time) second -= 1;
    const millis = <u32>(time - second * 1000);
    const type = load<u32>(typeCodes + ((<usize>load<u32>(types + (i << 2))) << 2));
    const cursor = cursors + ((<usize>(actor >>> shift)) << 2);
    const place = load<u32>(cursor);
    store<u32>(cursor, place + 1);
    const record = records + (<usize>place) * 12;
    store<u32>(record, (millis << 22) | ((actor & actorMask) << typeBits) | type);
    store<u32>(record, <u32>(second - baseSeconds), 4);
    store<u32>(record, scanRow + <u32>i, 8);
  }
}

/**
 * The `rows` records of a bucket of `actors` actors; they are overwritten. Out: `scanRows` and columns in order,
 * `offsets[a]` = `start` + first row of actor a of the bucket. `keys` and `cursors` are working space (u64 a row, u32 an
 * actor). Types are u8 or u16 by `typeBytes`. Returns the rows at exactly the time of the row before of the same actor.
 */
export function sort(
  records: usize,
  rows: u32,
  actors: u32,
  shift: u32,
  typeBits: u32,
  typeBytes: u32,
  start: u32,
  cursors: usize,
  keys: usize,
  scanRows: usize,
  offsets: usize,
  seconds: usize,
  millis: usize,
  types: usize,
): u32 {
  const actorMask: u32 = (1 << shift) - 1;
  const end = records + (<usize>rows) * 12;
  memory.fill(cursors, 0, (<usize>actors) << 2);
  for (let record = records; record < end; record += 12) {
    const cursor = cursors + ((<usize>((load<u32>(record) >>> typeBits) & actorMask)) << 2);
    store<u32>(cursor, load<u32>(cursor) + 1);
  }
  let sum: u32 = 0;
  for (let a: usize = 0; a < <usize>actors; a++) {
    const events = load<u32>(cursors + (a << 2));
    store<u32>(offsets + (a << 2), start + sum);
    store<u32>(cursors + (a << 2), sum);
    sum += events;
  }
  for (let record = records; record < end; record += 12) {
    const key = load<u64>(record);
    const cursor = cursors + ((<usize>(((<u32>key) >>> typeBits) & actorMask)) << 2);
    const place = load<u32>(cursor);
    store<u32>(cursor, place + 1);
    store<u64>(keys + ((<usize>place) << 3), key);
    store<u32>(scanRows + ((<usize>place) << 2), load<u32>(record, 8));
  }
  sortByTime(rows, start, typeBits, actorMask, cursors, offsets, keys, scanRows, records);
  return unpack(rows, typeBits, typeBytes, keys, seconds, millis, types);
}

/** Looks for a row before the one before it, and sorts its actor. `cursors` are the ends of the actors. */
function sortByTime(
  rows: u32,
  start: u32,
  typeBits: u32,
  actorMask: u32,
  cursors: usize,
  offsets: usize,
  keys: usize,
  scanRows: usize,
  spare: usize,
): void {
  let previous: u64 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    if (key >>> 22 < previous >>> 22) {
      const actor: usize = ((<u32>key) >>> typeBits) & actorMask;
      const from = load<u32>(offsets + (actor << 2)) - start;
      if (from != i) {
        const to = load<u32>(cursors + (actor << 2));
        sortActor(keys + ((<usize>from) << 3), scanRows + ((<usize>from) << 2), to - from, spare);
        i = to - 1;
        previous = load<u64>(keys + ((<usize>i) << 3));
        continue;
      }
    }
    previous = key;
  }
}

/** Stable, by `key >> 22`. `spare` has 12 bytes a row. */
function sortActor(keys: usize, scanRows: usize, rows: u32, spare: usize): void {
  const RUN: u32 = 16;
  for (let from: u32 = 0; from < rows; from += RUN)
    insertionSort(keys, scanRows, from, from + min<u32>(RUN, rows - from));
  let fromKeys = keys;
  let fromRows = scanRows;
  let toKeys = spare;
  let toRows = spare + ((<usize>rows) << 3);
  for (let width: u32 = RUN; width < rows; width <<= 1) {
    for (let from: u32 = 0; from < rows; from += width << 1) {
      const middle = min<u32>(from + width, rows);
      merge(fromKeys, fromRows, toKeys, toRows, from, middle, min<u32>(middle + width, rows));
    }
    const swapKeys = fromKeys;
    const swapRows = fromRows;
    fromKeys = toKeys;
    fromRows = toRows;
    toKeys = swapKeys;
    toRows = swapRows;
  }
  if (fromKeys == keys) return;
  memory.copy(keys, fromKeys, (<usize>rows) << 3);
  memory.copy(scanRows, fromRows, (<usize>rows) << 2);
}

function insertionSort(keys: usize, scanRows: usize, from: u32, to: u32): void {
  for (let i = from + 1; i < to; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    const row = load<u32>(scanRows + ((<usize>i) << 2));
    let at = i;
    while (at > from) {
      const before = load<u64>(keys + ((<usize>(at - 1)) << 3));
      if (before >>> 22 <= key >>> 22) break;
      store<u64>(keys + ((<usize>at) << 3), before);
      store<u32>(scanRows + ((<usize>at) << 2), load<u32>(scanRows + ((<usize>(at - 1)) << 2)));
      at--;
    }
    store<u64>(keys + ((<usize>at) << 3), key);
    store<u32>(scanRows + ((<usize>at) << 2), row);
  }
}

function merge(
  keys: usize,
  scanRows: usize,
  toKeys: usize,
  toRows: usize,
  from: u32,
  middle: u32,
  to: u32,
): void {
  let left = from;
  let right = middle;
  for (let i = from; i < to; i++) {
    const isLeft =
      right >= to ||
      (left < middle &&
        load<u64>(keys + ((<usize>left) << 3)) >>> 22 <= load<u64>(keys + ((<usize>right) << 3)) >>> 22);
    const at: usize = isLeft ? left++ : right++;
    store<u64>(toKeys + ((<usize>i) << 3), load<u64>(keys + (at << 3)));
    store<u32>(toRows + ((<usize>i) << 2), load<u32>(scanRows + (at << 2)));
  }
}

function unpack(
  rows: u32,
  typeBits: u32,
  typeBytes: u32,
  keys: usize,
  seconds: usize,
  millis: usize,
  types: usize,
): u32 {
  const typeMask: u32 = (1 << typeBits) - 1;
  // Without the type a key is time and actor: equal ones are neighbours at one time. No key equals this one.
  let previous: u64 = <u64>-1;
  let equalTimes: u32 = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const key = load<u64>(keys + (i << 3));
    store<u32>(seconds + (i << 2), <u32>(key >>> 32));
    store<u16>(millis + (i << 1), <u16>((<u32>key) >>> 22));
    if (typeBytes == 1) store<u8>(types + i, <u8>((<u32>key) & typeMask));
    else store<u16>(types + (i << 1), <u16>((<u32>key) & typeMask));
    const moment = key >>> typeBits;
    if (moment == previous) equalTimes++;
    previous = moment;
  }
  return equalTimes;
}
