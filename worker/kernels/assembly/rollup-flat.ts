// Rollups of whole histories, every event counted, in one series or by up to eight codes: events and different actors by
// (interval, code). Events are walked flat, four at a time; actors matter only where two events of one follow each other in
// the same interval, which is rare where intervals are many.
//
//   offsets      0     3   4           borders   1 0 0 1 1 0 .       a byte by event: an actor begins
//   codes        2 0 2 1 0 0           of the series column; 0 = there is one series
//   intervals    5 5 7 5 6 6           of its second, by `buckets` (_events)
//
//   events       u32 by interval * 8 + code, or by interval where there is one series
//   repeats      the same: events of actors that were in the cell before, so that actors = events - repeats
//   totals       u32 by interval: repeats over all codes together
//
// As an actor's events come by time, it was in an interval before when the event before was in it: the second event above
// and the last. Those go through `addRepeat`, which keeps in `run` | the last of them u32 | codes seen in that interval u32 |.
import { addOne, bucketOf } from './_events';

/** Puts down where actors begin; `borders` is the byte of event 0 and has room for one more than the events. */
export function markBorders(offsets: usize, first: u32, last: u32, borders: usize): void {
  const from = load<u32>(offsets + (<usize>first << 2));
  memory.fill(borders + from, 0, load<u32>(offsets + (<usize>last << 2)) - from + 1);
  for (let actor = first; actor < last; actor++) store<u8>(borders + load<u32>(offsets + (<usize>actor << 2)), 1);
}

// @ts-ignore: decorator
@inline
function codeOf(codes: usize, i: u32): u32 {
  return codes ? <u32>load<u8>(codes + i) : 0;
}

function addRepeat(i: u32, bucket: u32, codes: usize, repeats: usize, totals: usize, run: usize): void {
  const code = codeOf(codes, i);
  const seen = load<u32>(run) + 1 == i ? load<u32>(run, 4) : <u32>1 << codeOf(codes, i - 1);
  addOne(totals + (<usize>bucket << 2));
  if (codes && (seen >> code) & 1) addOne(repeats + (<usize>((bucket << 3) | code) << 2));
  store<u32>(run, i);
  store<u32>(run, seen | (1 << code), 4);
}

/** Intervals of four events, a u32 each. */
// @ts-ignore: decorator
@inline
function intervalsOf(seconds: usize, add: v128, shift: u32, factor: v128, by: u32, table: usize, isEven: u32): v128 {
  const granules = i32x4.shr_u(i32x4.add(v128.load(seconds), add), shift);
  const low = i64x2.shr_u(i64x2.extmul_low_i32x4_u(granules, factor), by);
  const high = i64x2.shr_u(i64x2.extmul_high_i32x4_u(granules, factor), by);
  if (isEven) return v128.shuffle<u32>(low, high, 0, 2, 4, 6);
  let intervals = i32x4.splat(<u32>load<u16>(table + (<usize>i64x2.extract_lane(low, 0) << 1)));
  intervals = i32x4.replace_lane(intervals, 1, <u32>load<u16>(table + (<usize>i64x2.extract_lane(low, 1) << 1)));
  intervals = i32x4.replace_lane(intervals, 2, <u32>load<u16>(table + (<usize>i64x2.extract_lane(high, 0) << 1)));
  return i32x4.replace_lane(intervals, 3, <u32>load<u16>(table + (<usize>i64x2.extract_lane(high, 1) << 1)));
}

/** Counts four events. */
// @ts-ignore: decorator
@inline
function count(intervals: v128, codes: usize, events: usize): void {
  if (codes) {
    const four = i16x8.extend_low_i8x16_u(v128.load32_zero(codes));
    intervals = v128.or(i32x4.shl(intervals, 3), i32x4.extend_low_i16x8_u(four));
  }
  const low = <u64>i64x2.extract_lane(intervals, 0);
  const high = <u64>i64x2.extract_lane(intervals, 1);
  addOne(events + (<usize>low << 2));
  addOne(events + (<usize>(low >> 32) << 2));
  addOne(events + (<usize>high << 2));
  addOne(events + (<usize>(high >> 32) << 2));
}

/** 1s where an interval is that of the event before; `before` = the four events before these. */
// @ts-ignore: decorator
@inline
function isSame(before: v128, intervals: v128): v128 {
  return i32x4.eq(intervals, v128.shuffle<u32>(before, intervals, 3, 4, 5, 6));
}

/**
 * Counts `blocks` times 16 events from `from` on, and puts down in `again` (a bit by event) which are in the interval of
 * the event before, of the same actor.
 */
function tallyBlocks(from: u32, blocks: u32, codes: usize, seconds: usize, buckets: usize, events: usize, borders: usize, again: usize): void {
  const add = i32x4.splat(load<u32>(buckets));
  const shift = load<u32>(buckets, 4);
  const factor = i32x4.splat(load<u32>(buckets, 8));
  const by = load<u32>(buckets, 12);
  const table = <usize>load<u32>(buckets, 16);
  const isEven = load<u32>(buckets, 24);
  let before = i32x4.splat(-1);
  for (let block: u32 = 0; block < blocks; block++) {
    const i = from + (block << 4);
    const at = seconds + (<usize>i << 2);
    const a = intervalsOf(at, add, shift, factor, by, table, isEven);
    const b = intervalsOf(at + 16, add, shift, factor, by, table, isEven);
    const c = intervalsOf(at + 32, add, shift, factor, by, table, isEven);
    const d = intervalsOf(at + 48, add, shift, factor, by, table, isEven);
    const low = i16x8.narrow_i32x4_s(isSame(before, a), isSame(a, b));
    const high = i16x8.narrow_i32x4_s(isSame(b, c), isSame(c, d));
    const inside = i8x16.eq(v128.load(borders + i), i8x16.splat(0));
    store<u16>(again + (<usize>block << 1), i8x16.bitmask(v128.and(i8x16.narrow_i16x8_s(low, high), inside)));
    before = d;
    const code = codes ? codes + i : 0;
    count(a, code, events);
    count(b, codes ? code + 4 : 0, events);
    count(c, codes ? code + 8 : 0, events);
    count(d, codes ? code + 12 : 0, events);
  }
}

/**
 * Events `from` to `to`, which begin and end with an actor; `again` has a bit for each of them and room for 16 bytes more.
 */
export function tallyFlat(
  from: u32,
  to: u32,
  codes: usize,
  seconds: usize,
  buckets: usize,
  events: usize,
  repeats: usize,
  totals: usize,
  borders: usize,
  again: usize,
  run: usize,
): void {
  const add = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const table = <usize>load<u32>(buckets, 16);
  const blocks = (to - from) >> 4;
  if (codes) tallyBlocks(from, blocks, codes, seconds, buckets, events, borders, again);
  else tallyBlocks(from, blocks, 0, seconds, buckets, events, borders, again);
  store<u64>(again + (<usize>blocks << 1), 0);
  for (let word: u32 = 0; word << 2 < blocks; word++) {
    let bits = load<u64>(again + (<usize>word << 3));
    while (bits) {
      const i = from + (word << 6) + <u32>ctz(bits);
      bits &= bits - 1;
      const interval = bucketOf<u16>(load<u32>(seconds + (<usize>i << 2)), add, shift, factor, by, table);
      addRepeat(i, interval, codes, repeats, totals, run);
    }
  }
  for (let i = from + (blocks << 4); i < to; i++) {
    const interval = bucketOf<u16>(load<u32>(seconds + (<usize>i << 2)), add, shift, factor, by, table);
    addOne(events + (<usize>(codes ? (interval << 3) | codeOf(codes, i) : interval) << 2));
    if (load<u8>(borders + i)) continue;
    const before = bucketOf<u16>(load<u32>(seconds + (<usize>(i - 1) << 2)), add, shift, factor, by, table);
    if (interval == before) addRepeat(i, interval, codes, repeats, totals, run);
  }
}

/** A bit for each of eight codes. */
// @ts-ignore: decorator
@inline
function bitsOf(codes: usize): u64 {
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  return i64x2.extract_lane(i8x16.swizzle(bits, v128.load64_zero(codes)), 0);
}
// @ts-ignore: decorator
@inline
function fold(bits: u64): u32 {
  const four = <u32>bits | <u32>(bits >> 32);
  const two = four | (four >> 16);
  return (two | (two >> 8)) & 0xff;
}

/**
 * Adds to `present` (u32 by set of codes, 256) the actors by which codes they have. The first seven events take no branch;
 * actors with more are put down in `long` (u32) and come after. `sets` has a byte by actor of the slice.
 */
export function countPresent(
  offsets: usize,
  first: u32,
  last: u32,
  codes: usize,
  sets: usize,
  long: usize,
  present: usize,
): void {
  const set = sets - first;
  let longs: usize = 0;
  let from = load<u32>(offsets + (<usize>first << 2));
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(offsets + (<usize>(actor + 1) << 2));
    const inside = ((<u64>1) << (<u64>min<u32>(to - from, 7) << 3)) - 1;
    store<u8>(set + actor, fold(bitsOf(codes + from) & inside));
    store<u32>(long + (longs << 2), actor);
    longs += <usize>(to - from > 7);
    from = to;
  }
  for (let i: usize = 0; i < longs; i++) {
    const actor = load<u32>(long + (i << 2));
    const to = load<u32>(offsets + (<usize>(actor + 1) << 2));
    let bits: u64 = 0;
    // The last eight may have been seen before.
    for (let at = load<u32>(offsets + (<usize>actor << 2)) + 7; at < to; at += 8) bits |= bitsOf(codes + min(at, to - 8));
    store<u8>(set + actor, <u32>load<u8>(set + actor) | fold(bits));
  }
  for (let actor = first; actor < last; actor++) addOne(present + (<usize>load<u8>(set + actor) << 2));
}

/** Actors with an event. */
export function countActors(offsets: usize, first: u32, last: u32): u32 {
  let actors: u32 = 0;
  for (let actor = first; actor < last; actor++) {
    actors += <u32>(load<u32>(offsets + (<usize>(actor + 1) << 2)) != load<u32>(offsets + (<usize>actor << 2)));
  }
  return actors;
}
