// Ordered funnels sixteen events at a time: which events fit a step is told by bits, and only events that matter are looked
// at. The plain twin is worker/compute/funnel-runner.ts. Fields of the plan are in _funnel-plan.ts.
//
//   events       a x b x c b | a b …        steps a b c
//   bits of a    1 0 0 0 0 0 | 1 0
//           b    0 0 1 0 0 1 | 0 1          by event of a block of actors, the first event in the lowest bit
//           c    0 0 0 0 1 0 | 0 0
//
// From an actor's first event of step 0 the first event of each next step behind the one before is taken. That is the chain
// with the earliest events there are from there on:
//
//   1. it ends where there is no event of a step k behind step k-1: nobody comes deeper, from whatever event of step 0 on;
//   2. inside the window it is an attempt: with (1) the level is exactly its length;
//   3. where it leaves the window, and step 0 has one event only, the level is its length up to there.
//
// All else is open: an attempt that begins later may come deeper. So is whoever has two events in one second at a place of
// the chain (their order may be another), an excluded event, or more events than a word has bits.

import { OFFSETS, SECONDS, MILLIS, CLASSES, TABLE, STEPS, EXCLUSION_COUNT, LEVELS, COUNTS, UNDECIDED, WINDOW, BITS, ABSENT, timeOf } from './_funnel-plan';

const BLOCK_ACTORS: u32 = 256, BLOCK_EVENTS: u32 = 16384;
/** Bytes of the bits of one step, with room for what is read behind the last event. */
const ROW: u32 = BLOCK_EVENTS / 8 + 16;
/** A word read from any byte on has its first bit in the first byte. */
const MOST_EVENTS: u32 = 57;
const OPEN: u32 = 255;

/** By class below 16 a byte: its highest bit is step 0; below the last step, the class is excluded. */
function answersOf(plan: usize, steps: u32): v128 {
  const table = <usize>load<u32>(plan, TABLE), bytes = <usize>load<u32>(plan, BITS);
  for (let one: u32 = 0; one < 16; one++) {
    const pair = table + (<usize>one << 3);
    const mask = load<u32>(pair), isExcluded = u32((load<u32>(pair, 4) & ~ABSENT) != 0);
    let byte: u32 = isExcluded << (7 - steps);
    for (let k: u32 = 0; k < steps; k++) byte |= ((mask >> k) & 1) << (7 - k);
    store<u8>(bytes + one, byte);
  }
  return v128.load(bytes);
}
/** Row k gets the bits of step k. */
function writeBits(classes: usize, events: u32, answers: v128, rows: u32, bits: usize): void {
  for (let i: u32 = 0; i < events; i += 16) {
    let fits = i8x16.swizzle(answers, v128.load(classes + i));
    let at = bits + (i >> 3);
    for (let row: u32 = 0; row < rows; row++) {
      store<u16>(at, i8x16.bitmask(fits));
      fits = i8x16.add(fits, fits);
      at += ROW;
    }
  }
}

/** Milliseconds only where the seconds do not tell. */
// @ts-ignore: decorator
@inline
function isInside(seconds: usize, millis: usize, begun: u32, event: u32, second: u32, window: i64): bool {
  const span = <i64>(second - load<u32>(seconds + (<usize>begun << 2))) * 1000;
  if (span + 999 <= window) return true;
  if (span - 999 > window) return false;
  return timeOf(seconds, millis, event) - timeOf(seconds, millis, begun) <= window;
}

// @ts-ignore: decorator
@inline
function levelOf(steps: u32, seconds: usize, millis: usize, window: i64, low: u32, rest: u64, at: usize, by: u64): u32 {
  const all = rest;
  let begun: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    const found = (load<u64>(at + k * ROW) >> by) & rest;
    if (found == 0) return k;
    const place = ctz(found), event = low + <u32>place;
    const second = load<u32>(seconds + (<usize>event << 2));
    if (place != 0 && load<u32>(seconds + (<usize>(event - 1) << 2)) == second) return OPEN;
    if (k == 0) begun = event;
    else if (!isInside(seconds, millis, begun, event, second, window)) {
      const anchors = (load<u64>(at) >> by) & all;
      return (anchors & (anchors - 1)) == 0 ? k : OPEN;
    }
    rest &= <u64>-2 << place;
  }
  return steps;
}

/**
 * Of whole histories, where classes that fit a step or are excluded are below 16: levels, as `levels` of funnel.ts. The
 * number of open actors, which are in `undecided`.
 */
export function levelsByBits(plan: usize, first: u32, end: u32): u32 {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const steps = load<u32>(plan, STEPS), excluding = load<u32>(plan, EXCLUSION_COUNT) != 0, bits = <usize>load<u32>(plan, BITS);
  const classes = <usize>load<u32>(plan, CLASSES), undecided = <usize>load<u32>(plan, UNDECIDED), window = load<i64>(plan, WINDOW);
  const out = <usize>load<u32>(plan, LEVELS) - <usize>first, counts = <usize>load<u32>(plan, COUNTS);
  const answers = answersOf(plan, steps), excludedAt = steps * ROW;
  let left: u32 = 0, low = load<u32>(offsets + (<usize>first << 2));
  for (let block = first; block < end; block += BLOCK_ACTORS) {
    const stop = min(block + BLOCK_ACTORS, end), base = low;
    const events = load<u32>(offsets + (<usize>stop << 2)) - base;
    const fits = events <= BLOCK_EVENTS;
    if (fits) writeBits(classes + base, events, answers, excluding ? steps + 1 : steps, bits);
    for (let actor = block; actor < stop; actor++) {
      const high = load<u32>(offsets + (<usize>(actor + 1) << 2)), length = high - low;
      let level: u32 = OPEN;
      if (fits && length <= MOST_EVENTS) {
        const rest = ((<u64>1) << length) - 1, at = bits + ((low - base) >> 3), by = <u64>((low - base) & 7);
        if (!excluding || ((load<u64>(at + excludedAt) >> by) & rest) == 0)
          level = levelOf(steps, seconds, millis, window, low, rest, at, by);
      }
      low = high;
      if (level == OPEN) {
        store<u32>(undecided + (<usize>left << 2), actor);
        left++;
        continue;
      }
      store<u8>(out + <usize>actor, <u8>level);
      const count = counts + (<usize>level << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
  return left;
}
