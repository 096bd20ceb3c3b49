// Shared parts of kernels that walk events: times as (second, millisecond), and the bucket of a second.

/** A byte that says: this event does not take part. */
export const NONE: u32 = 255;

// @ts-ignore: decorator
@inline
export function addOne(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Whether event `i` is before (second, millisecond), both counted from the segment's base. */
// @ts-ignore: decorator
@inline
export function isBefore(seconds: usize, millis: usize, i: u32, second: u32, millisecond: u32): bool {
  const s = load<u32>(seconds + (<usize>i << 2));
  return s < second || (s == second && <u32>load<u16>(millis + (<usize>i << 1)) < millisecond);
}

/** Milliseconds from event `i` to event `j` of one actor. */
// @ts-ignore: decorator
@inline
export function msBetween(seconds: usize, millis: usize, i: u32, j: u32): i64 {
  const s = <i64>load<u32>(seconds + (<usize>j << 2)) - <i64>load<u32>(seconds + (<usize>i << 2));
  const ms = <i64>load<u16>(millis + (<usize>j << 1)) - <i64>load<u16>(millis + (<usize>i << 1));
  return s * 1000 + ms;
}

/**
 * Buckets: which interval of a calendar an event's second lies in. Interval bounds are multiples of a granule (an hour, a
 * day, a quarter of an hour), so the granule tells the interval, by a table:
 *
 *   second + add  →  whole granules, by multiplying and shifting  →  table
 *
 *   | add u32 | shift u32 | factor u32 | by u32 | table u32 | 1 = the table has u16, 0 = u32 |      by compute/bucket-map.ts
 *   | 1 = every granule is an interval, and needs no table |
 *
 * Events must lie inside the calendar; nothing checks it.
 */
// @ts-ignore: decorator
@inline
export function bucketOf<T>(second: u32, add: u32, shift: u32, factor: u64, by: u64, table: usize): u32 {
  const granule = <usize>((<u64>((second + add) >> shift) * factor) >> by);
  return <u32>load<T>(table + granule * sizeof<T>());
}
