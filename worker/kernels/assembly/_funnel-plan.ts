// What funnel kernels are told (see funnel.ts), and how they read times and masks. Written by worker/compute/funnel-kernel.ts,
// which has the same fields.

/** Fields of a plan, in bytes. */
export const OFFSETS = 0, SECONDS = 4, MILLIS = 8, CLASSES = 12, TABLE = 16, STEPS = 20, ORDER = 24, DISJOINT = 28;
export const PRESENT = 32, REPEATED = 36, CAPS = 40, ANCHORS = 44, WHOLE = 48, EXCLUSIONS = 52, EXCLUSION_COUNT = 56;
export const LEVELS = 60, COUNTS = 64, UNDECIDED = 68, STREAM = 72, TIMES = 76, BEST = 80, SAMPLES = 84, STRIDE = 88;
export const SAMPLE_COUNTS = 92, WINDOW = 96, WINDOW_END = 104, FROM = 112, TO = 120, CONVERT_FROM = 128, CONVERT_TO = 132;
export const CODES = 136, CODE_WIDTH = 140, EMPTY = 144, LAST = 148, GROUPS = 152, TOUCHES = 156, LIST = 160, BASE = 164, EXCLUDED = 168, AHEAD_SUM = 172, MASK_WIDTH = 176, STEP_TYPES = 180, BITS = 184;

// `list` = not null: actors list[first .. end - 1] instead of first .. end - 1; `levels` begins at actor `base`.

export const ORDERED: u32 = 0;
export const STRICT: u32 = 1;
export const CAPACITY: u32 = 16384;
export const NOT_DECIDED: u32 = 255;
export const ABSENT: u32 = 0x80000000;
/** In `caps`, indexed by `present`: how deep the actor can come at most; bit 7 = exactly one type may fill step 1. */
export const ONE_ANCHOR: u32 = 128;

// @ts-ignore: decorator
@inline
export function timeOf(seconds: usize, millis: usize, event: u32): i64 {
  return <i64>load<u32>(seconds + (<usize>event << 2)) * 1000 + <i64>load<u16>(millis + (<usize>event << 1));
}

/** Bits of the types that an actor has; `width` = bytes of a mask. */
// @ts-ignore: decorator
@inline
export function maskOf(masks: usize, width: u32, actor: u32): u32 {
  if (width == 1) return load<u8>(masks + <usize>actor);
  if (width == 2) return load<u16>(masks + (<usize>actor << 1));
  return load<u32>(masks + (<usize>actor << 2));
}
/** What `caps` says, which has only the masks of a byte. */
// @ts-ignore: decorator
@inline
export function capOf(plan: usize, caps: usize, width: u32, has: u32): u32 {
  return width == 1 ? <u32>load<u8>(caps + <usize>has) : wideCapOf(plan, has);
}
export function wideCapOf(plan: usize, has: u32): u32 {
  const types = <usize>load<u32>(plan, STEP_TYPES), steps = load<u32>(plan, STEPS), anyOrder = load<u32>(plan, ORDER) > STRICT;
  let cap: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    if ((load<u32>(types + (<usize>k << 2)) & has) != 0) cap++;
    else if (!anyOrder) break;
  }
  return !anyOrder && popcnt(load<u32>(types) & has) == 1 ? cap | ONE_ANCHOR : cap;
}

export const AHEAD: u32 = 64;
/**
 * Reads where the next actors of a list have their events, so that the many misses in the cache run at once and not one
 * after the other. The sum is only there to be written somewhere: what nobody reads is not read at all.
 */
export function readAhead(plan: usize, list: usize, from: u32, end: u32): void {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES);
  let sum: u32 = 0;
  for (let i = from; i < min(from + AHEAD, end); i++) {
    const event = <usize>load<u32>(offsets + (<usize>load<u32>(list + (<usize>i << 2)) << 2));
    sum += <u32>load<u8>(classes + event) + load<u32>(seconds + (event << 2)) + <u32>load<u16>(millis + (event << 1));
  }
  store<u32>(plan, sum, AHEAD_SUM);
}
