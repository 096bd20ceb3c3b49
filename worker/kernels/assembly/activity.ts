// Activity: in which calendar intervals an actor does something. An actor's events come by time, so its intervals come in
// order and only the last one must be compared; nothing is kept from actor to actor.
//
//   offsets      all events of an actor
//   starts/ends  those inside the range, which all lie inside the calendar
//   bytes/table  table[bytes[event]] has a bit for each condition that the event passes
//   buckets      how a second becomes an interval (_events); `intervals` is their number
//   out          counts, u32
import { bucketOf } from './_events';

const NEVER: u32 = u32.MAX_VALUE;

// @ts-ignore: decorator
@inline
function add(out: usize, cell: u32): void {
  const at = out + (<usize>cell << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Retention, cohort = the actor's first event ever with bit 0. `out[cohort * intervals + k]`: k = 0 the cohort's actors,
 * else those with an event with bit 1 in interval cohort + k.
 */
// @ts-ignore: decorator
@inline
function firstEver<T>(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  const plus = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const map = <usize>load<u32>(buckets, 16);
  for (let actor = first; actor < last; actor++) {
    const from = load<u32>(starts + (<usize>actor << 2));
    const to = load<u32>(ends + (<usize>actor << 2));
    let early: u32 = 0;
    for (let i = load<u32>(offsets + (<usize>actor << 2)); i < from; i++) {
      early |= <u32>load<u8>(table + <usize>load<u8>(bytes + i));
    }
    if (early & 1) continue;
    let i = from;
    while (i < to && !(load<u8>(table + <usize>load<u8>(bytes + i)) & 1)) i++;
    if (i >= to) continue;
    const cohort = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map);
    const row = cohort * intervals - cohort;
    let before = cohort;
    add(out, row + cohort);
    for (i++; i < to; i++) {
      if (!(load<u8>(table + <usize>load<u8>(bytes + i)) & 2)) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map);
      if (bucket != before) add(out, row + bucket);
      before = bucket;
    }
  }
}
export function firstEver16(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  firstEver<u16>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}
export function firstEver32(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  firstEver<u32>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}

/** Like firstEver, cohort = every interval with an event with bit 0. `cohorts` has room for one u32 an interval. */
// @ts-ignore: decorator
@inline
function everyInterval<T>(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
  cohorts: usize,
): void {
  const plus = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const map = <usize>load<u32>(buckets, 16);
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let count: usize = 0;
    let entered = NEVER;
    let returned = NEVER;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const bits = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (bits == 0) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map);
      if (bits & 2 && bucket != returned) {
        returned = bucket;
        for (let c: usize = 0; c < count; c++) {
          const cohort = load<u32>(cohorts + (c << 2));
          if (cohort != bucket) add(out, cohort * intervals - cohort + bucket);
        }
      }
      if (bits & 1 && bucket != entered) {
        entered = bucket;
        store<u32>(cohorts + (count++ << 2), bucket);
        add(out, bucket * intervals);
      }
    }
  }
}
export function everyInterval16(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
  cohorts: usize,
): void {
  everyInterval<u16>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out, cohorts);
}
export function everyInterval32(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
  cohorts: usize,
): void {
  everyInterval<u32>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out, cohorts);
}

/**
 * Bit 0 = the event counts, bit 1 = it exists (as far as is known). `out[status * intervals + interval]`, status 0 = new,
 * 1 = returning, 2 = resurrecting, 3 = dormant; interval 0 comes before those that are shown.
 */
// @ts-ignore: decorator
@inline
function lifecycle<T>(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  const plus = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const map = <usize>load<u32>(buckets, 16);
  for (let actor = first; actor < last; actor++) {
    const from = load<u32>(starts + (<usize>actor << 2));
    const to = load<u32>(ends + (<usize>actor << 2));
    let i = load<u32>(offsets + (<usize>actor << 2));
    while (i < to && !(load<u8>(table + <usize>load<u8>(bytes + i)) & 2)) i++;
    const born = i >= from && i < to ? bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map) : NEVER;
    let before = NEVER;
    for (i = from; i < to; i++) {
      if (!(load<u8>(table + <usize>load<u8>(bytes + i)) & 1)) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map);
      if (bucket == before) continue;
      const follows = before != NEVER && bucket == before + 1;
      if (before != NEVER && !follows) add(out, 3 * intervals + before + 1);
      if (bucket > 0) add(out, (bucket == born ? 0 : follows ? intervals : 2 * intervals) + bucket);
      before = bucket;
    }
    if (before != NEVER && before + 1 < intervals) add(out, 3 * intervals + before + 1);
  }
}
export function lifecycle16(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  lifecycle<u16>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}
export function lifecycle32(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  lifecycle<u32>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}

/** `out[k]` = actors with an event with bit 0 in exactly k intervals. */
// @ts-ignore: decorator
@inline
function stickiness<T>(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  const plus = load<u32>(buckets);
  const shift = load<u32>(buckets, 4);
  const factor = <u64>load<u32>(buckets, 8);
  const by = <u64>load<u32>(buckets, 12);
  const map = <usize>load<u32>(buckets, 16);
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let active: u32 = 0;
    let before = NEVER;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      if (!(load<u8>(table + <usize>load<u8>(bytes + i)) & 1)) continue;
      const bucket = bucketOf<T>(load<u32>(seconds + (<usize>i << 2)), plus, shift, factor, by, map);
      active += <u32>(bucket != before);
      before = bucket;
    }
    add(out, active);
  }
}
export function stickiness16(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  stickiness<u16>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}
export function stickiness32(
  offsets: usize,
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  buckets: usize,
  intervals: u32,
  out: usize,
): void {
  stickiness<u32>(offsets, starts, ends, first, last, bytes, table, seconds, buckets, intervals, out);
}
