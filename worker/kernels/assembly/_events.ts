// Shared parts of kernels that walk events: times as (second, millisecond), and the bucket of a second.

/** A byte that says: this event does not take part. */
export const NONE: u32 = 255;

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
