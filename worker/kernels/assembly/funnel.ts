// Funnel levels of actors. The plain twin is worker/compute/funnel-runner.ts; rules are those of SEMANTICS.md, "Funnels".
//
// Columns, sorted by (actor, time); an event has a class, mostly its type, that says what it can do:
//
//   offsets   0             3           actor a has the events offsets[a] .. offsets[a + 1] - 1
//   seconds   10   20   20  |  5        u32
//   millis    0    0    500 |  0        u16
//   classes   0    1    1   |  0        u8
//   table     class → steps it may fill, u32 | exclusions that name it, bit 31 = not in the stream, u32
//   present, repeated (optional)         u8, u16 or u32; bit t = the actor has an event of type t, has several
//
// Times are i64 ms since the segment's base second. An actor for which this code was not made is written to `undecided`
// and left to the twin: events of one time of which several may fill several steps, streams longer than CAPACITY, and
// attempts over attempts (WORK). Everything else is decided exactly.

/** Fields of a plan, in bytes. */
const OFFSETS = 0, SECONDS = 4, MILLIS = 8, CLASSES = 12, TABLE = 16, STEPS = 20, ORDER = 24, DISJOINT = 28;
const PRESENT = 32, REPEATED = 36, CAPS = 40, ANCHORS = 44, WHOLE = 48, EXCLUSIONS = 52, EXCLUSION_COUNT = 56;
const LEVELS = 60, COUNTS = 64, UNDECIDED = 68, STREAM = 72, TIMES = 76, BEST = 80, SAMPLES = 84, STRIDE = 88;
const SAMPLE_COUNTS = 92, WINDOW = 96, WINDOW_END = 104, FROM = 112, TO = 120, CONVERT_FROM = 128, CONVERT_TO = 132;
const CODES = 136, CODE_WIDTH = 140, EMPTY = 144, LAST = 148, GROUPS = 152, TOUCHES = 156, LIST = 160, BASE = 164, EXCLUDED = 168, AHEAD_SUM = 172, MASK_WIDTH = 176, STEP_TYPES = 180;

// `list` = not null: actors list[first .. end - 1] instead of first .. end - 1; `levels` begins at actor `base`.

const ORDERED: u32 = 0;
const STRICT: u32 = 1;
const CAPACITY: u32 = 16384;
const NOT_DECIDED: u32 = 255;
const ABSENT: u32 = 0x80000000;
/** In `caps`, indexed by `present`: how deep the actor can come at most; bit 7 = exactly one type may fill step 1. */
const ONE_ANCHOR: u32 = 128;

// @ts-ignore: decorator
@inline
function timeOf(seconds: usize, millis: usize, event: u32): i64 {
  return <i64>load<u32>(seconds + (<usize>event << 2)) * 1000 + <i64>load<u16>(millis + (<usize>event << 1));
}

/** Bits of the types that an actor has; `width` = bytes of a mask. */
// @ts-ignore: decorator
@inline
function maskOf(masks: usize, width: u32, actor: u32): u32 {
  if (width == 1) return load<u8>(masks + <usize>actor);
  if (width == 2) return load<u16>(masks + (<usize>actor << 1));
  return load<u32>(masks + (<usize>actor << 2));
}
/** What `caps` says, which has only the masks of a byte. */
// @ts-ignore: decorator
@inline
function capOf(plan: usize, caps: usize, width: u32, has: u32): u32 {
  return width == 1 ? <u32>load<u8>(caps + <usize>has) : wideCapOf(plan, has);
}
function wideCapOf(plan: usize, has: u32): u32 {
  const types = <usize>load<u32>(plan, STEP_TYPES), steps = load<u32>(plan, STEPS), anyOrder = load<u32>(plan, ORDER) > STRICT;
  let cap: u32 = 0;
  for (let k: u32 = 0; k < steps; k++) {
    if ((load<u32>(types + (<usize>k << 2)) & has) != 0) cap++;
    else if (!anyOrder) break;
  }
  return !anyOrder && popcnt(load<u32>(types) & has) == 1 ? cap | ONE_ANCHOR : cap;
}

const AHEAD: u32 = 64;
/**
 * Reads where the next actors of a list have their events, so that the many misses in the cache run at once and not one
 * after the other. The sum is only there to be written somewhere: what nobody reads is not read at all.
 */
function readAhead(plan: usize, list: usize, from: u32, end: u32): void {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES);
  let sum: u32 = 0;
  for (let i = from; i < min(from + AHEAD, end); i++) {
    const event = <usize>load<u32>(offsets + (<usize>load<u32>(list + (<usize>i << 2)) << 2));
    sum += <u32>load<u8>(classes + event) + load<u32>(seconds + (event << 2)) + <u32>load<u16>(millis + (event << 1));
  }
  store<u32>(plan, sum, AHEAD_SUM);
}

/**
 * Ordered funnels without exclusions: only levels. `start[k]` = the latest start of an attempt that has filled steps
 * 0 .. k; a later start has the later end, so no earlier one can come deeper.
 *
 *   steps a b c, window 5     a@0        start 0 . .      level 1
 *                             b@2              0 0 .      level 2
 *                             a@4              4 0 .
 *                             c@6              too late for start 0
 *                             b@7              4 4 .
 *                             c@8              4 4 4      level 3
 *
 * An actor that has events of `excluded` types goes to `undecided` as it is.
 *
 * Events of one time: when each fits one step, the steps that some event of the group fits are filled upwards once more
 * after each of them, which is every order they could have come in.
 */
export function levels(plan: usize, first: u32, end: u32): u32 {
  const list = <usize>load<u32>(plan, LIST);
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE);
  const steps = load<u32>(plan, STEPS), disjoint = load<u32>(plan, DISJOINT) != 0;
  const present = <usize>load<u32>(plan, PRESENT), repeated = <usize>load<u32>(plan, REPEATED), caps = <usize>load<u32>(plan, CAPS);
  const width = load<u32>(plan, MASK_WIDTH);
  const anchors = load<u32>(plan, ANCHORS), shortcut: u32 = load<u32>(plan, WHOLE) != 0 ? 1 : 0;
  const out = <usize>load<u32>(plan, LEVELS) - (list == 0 ? <usize>first : <usize>load<u32>(plan, BASE)), counts = <usize>load<u32>(plan, COUNTS);
  const start = <usize>load<u32>(plan, TIMES), undecided = <usize>load<u32>(plan, UNDECIDED);
  const window = load<i64>(plan, WINDOW), from = load<i64>(plan, FROM), to = load<i64>(plan, TO);
  const excluded = load<u32>(plan, EXCLUDED);
  let left: u32 = 0;
  for (let index = first; index < end; index++) {
    if (list != 0 && (index - first) % AHEAD == 0) readAhead(plan, list, index, end);
    const actor = list == 0 ? index : load<u32>(list + (<usize>index << 2));
    const low = load<u32>(offsets + (<usize>actor << 2)), high = load<u32>(offsets + (<usize>(actor + 1) << 2));
    let cap = steps;
    let single = false;
    if (present != 0) {
      const has = maskOf(present, width, actor);
      if ((has & excluded) != 0) {
        store<u32>(undecided + (<usize>left << 2), actor);
        left++;
        continue;
      }
      cap = capOf(plan, caps, width, has);
      single = cap >= ONE_ANCHOR && (maskOf(repeated, width, actor) & anchors) == 0;
      cap &= 127;
      if (cap <= shortcut) {
        store<u8>(out + <usize>actor, <u8>cap);
        const at = counts + (<usize>cap << 2);
        store<u32>(at, load<u32>(at) + 1);
        continue;
      }
    }
    let level: u32 = 0;
    let limit = to;
    let last: i64 = -1;
    let group: u32 = 0;
    for (let event = low; event < high; event++) {
      const mask = load<u32>(table + (<usize>load<u8>(classes + <usize>event) << 3));
      if (mask == 0) continue;
      const time = timeOf(seconds, millis, event);
      if (time > limit) break;
      if (time < from) continue;
      const tied = time == last;
      group = tied ? group | mask : mask;
      last = time;
      if (tied && !disjoint) {
        level = NOT_DECIDED;
        break;
      }
      let rest = mask;
      do {
        const k = <u32>(31 - clz(rest));
        rest ^= <u32>1 << k;
        if (k == 0) {
          store<i64>(start, time);
          if (level == 0) level = 1;
          if (single) limit = min(limit, time + window);
        } else if (k <= level) {
          const begun = load<i64>(start + (<usize>(k - 1) << 3));
          if (time - begun <= window) {
            store<i64>(start + (<usize>k << 3), begun);
            if (k == level) level++;
          }
        }
      } while (rest != 0);
      if (tied) {
        for (let k: u32 = 1; k < steps && k <= level; k++) {
          if (((group >> k) & 1) == 0) continue;
          const begun = load<i64>(start + (<usize>(k - 1) << 3));
          if (time - begun > window) continue;
          store<i64>(start + (<usize>k << 3), begun);
          if (k == level) level++;
        }
      }
      if (level >= cap) break;
    }
    if (level == NOT_DECIDED) {
      store<u32>(undecided + (<usize>left << 2), actor);
      left++;
      continue;
    }
    store<u8>(out + <usize>actor, <u8>level);
    const at = counts + (<usize>level << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  return left;
}

/**
 * Funnels in any order without exclusions, where an event fits one step at most: only levels. `last[k]` = the latest time
 * of step k; those not longer ago than the window are in one attempt, which begins at the earliest of them.
 */
export function levelsInAnyOrder(plan: usize, first: u32, end: u32): u32 {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE);
  const steps = load<u32>(plan, STEPS), present = <usize>load<u32>(plan, PRESENT), caps = <usize>load<u32>(plan, CAPS);
  const width = load<u32>(plan, MASK_WIDTH);
  const shortcut: u32 = load<u32>(plan, WHOLE) != 0 ? 1 : 0;
  const out = <usize>load<u32>(plan, LEVELS) - <usize>first, counts = <usize>load<u32>(plan, COUNTS);
  const latest = <usize>load<u32>(plan, TIMES);
  const window = load<i64>(plan, WINDOW), from = load<i64>(plan, FROM), to = load<i64>(plan, TO);
  for (let actor = first; actor < end; actor++) {
    let cap = steps;
    let level: u32 = 0;
    if (present != 0) cap = capOf(plan, caps, width, maskOf(present, width, actor)) & 127;
    if (present != 0 && cap <= shortcut) level = cap;
    else {
      for (let k: u32 = 0; k < steps; k++) store<i64>(latest + (<usize>k << 3), -4611686018427387904);
      const high = load<u32>(offsets + (<usize>(actor + 1) << 2));
      for (let event = load<u32>(offsets + (<usize>actor << 2)); event < high; event++) {
        const mask = load<u32>(table + (<usize>load<u8>(classes + <usize>event) << 3));
        if (mask == 0) continue;
        const time = timeOf(seconds, millis, event);
        if (time > to) break;
        if (time < from) continue;
        store<i64>(latest + (<usize>ctz(mask) << 3), time);
        let inside: u32 = 0;
        for (let k: u32 = 0; k < steps; k++) inside += u32(load<i64>(latest + (<usize>k << 3)) >= time - window);
        level = max(level, inside);
        if (level >= cap) break;
      }
    }
    store<u8>(out + <usize>actor, <u8>level);
    const at = counts + (<usize>level << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  return 0;
}

/**
 * Strict funnels without exclusions, where an event fits one step at most: only levels. Then at most one attempt is
 * going on: an event that is not its next step ends it, and may begin the next one.
 */
export function levelsStrict(plan: usize, first: u32, end: u32): u32 {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE);
  const steps = load<u32>(plan, STEPS), present = <usize>load<u32>(plan, PRESENT), repeated = <usize>load<u32>(plan, REPEATED);
  const caps = <usize>load<u32>(plan, CAPS), anchors = load<u32>(plan, ANCHORS);
  const width = load<u32>(plan, MASK_WIDTH);
  const shortcut: u32 = load<u32>(plan, WHOLE) != 0 ? 1 : 0;
  const out = <usize>load<u32>(plan, LEVELS) - <usize>first, counts = <usize>load<u32>(plan, COUNTS);
  const window = load<i64>(plan, WINDOW), from = load<i64>(plan, FROM), to = load<i64>(plan, TO);
  for (let actor = first; actor < end; actor++) {
    let cap = steps;
    let level: u32 = 0;
    let single = false;
    if (present != 0) {
      cap = capOf(plan, caps, width, maskOf(present, width, actor));
      single = cap >= ONE_ANCHOR && (maskOf(repeated, width, actor) & anchors) == 0;
      cap &= 127;
    }
    if (present != 0 && cap <= shortcut) level = cap;
    else {
      let filled: u32 = 0;
      let until: i64 = 0;
      const high = load<u32>(offsets + (<usize>(actor + 1) << 2));
      for (let event = load<u32>(offsets + (<usize>actor << 2)); event < high; event++) {
        const pair = table + (<usize>load<u8>(classes + <usize>event) << 3);
        const mask = load<u32>(pair);
        // Nothing is going on, and nothing begins.
        if (filled == 0 && (mask & 1) == 0) continue;
        if ((load<u32>(pair, 4) & ABSENT) != 0) continue;
        const time = timeOf(seconds, millis, event);
        if (time > to) break;
        if (time < from) continue;
        if (filled != 0 && ((mask >> filled) & 1) != 0 && time <= until) filled++;
        else {
          if (single && level != 0) break;
          filled = mask & 1;
          until = time + window;
        }
        level = max(level, filled);
        if (level >= cap) break;
      }
    }
    store<u8>(out + <usize>actor, <u8>level);
    const at = counts + (<usize>level << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  return 0;
}

/** An event of the actor's stream: time i64, steps u32, exclusions u32. */
// @ts-ignore: decorator
@inline
function timeAt(stream: usize, index: u32): i64 {
  return load<i64>(stream + (<usize>index << 4));
}
// @ts-ignore: decorator
@inline
function maskAt(stream: usize, index: u32): u32 {
  return load<u32>(stream + (<usize>index << 4), 8);
}

/**
 * Every order, exclusions, and the times of the deepest attempt: the actor's stream is written down first, events that
 * matter only (strict: all), then attempts are tried from each start until one comes as deep as the actor can.
 */
export function attempts(plan: usize, first: u32, end: u32): u32 {
  const list = <usize>load<u32>(plan, LIST);
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE);
  const steps = load<u32>(plan, STEPS), order = load<u32>(plan, ORDER), stream = <usize>load<u32>(plan, STREAM);
  const present = <usize>load<u32>(plan, PRESENT), repeated = <usize>load<u32>(plan, REPEATED), caps = <usize>load<u32>(plan, CAPS);
  const width = load<u32>(plan, MASK_WIDTH);
  const anchors = load<u32>(plan, ANCHORS), sampled = load<u32>(plan, SAMPLES) != 0;
  const shortcut: u32 = load<u32>(plan, WHOLE) != 0 && load<u32>(plan, EXCLUSION_COUNT) == 0 && !(sampled && steps == 1) ? 1 : 0;
  const out = <usize>load<u32>(plan, LEVELS) - (list == 0 ? <usize>first : <usize>load<u32>(plan, BASE)), counts = <usize>load<u32>(plan, COUNTS);
  const undecided = <usize>load<u32>(plan, UNDECIDED), keepAll: u32 = order == STRICT ? 1 : 0;
  const plain = order == ORDERED && load<u32>(plan, EXCLUSION_COUNT) == 0 && load<u32>(plan, DISJOINT) != 0;
  const window = load<i64>(plan, WINDOW), from = load<i64>(plan, FROM), to = load<i64>(plan, TO);
  let left: u32 = 0;
  for (let index = first; index < end; index++) {
    if (list != 0 && (index - first) % AHEAD == 0) readAhead(plan, list, index, end);
    const actor = list == 0 ? index : load<u32>(list + (<usize>index << 2));
    const low = load<u32>(offsets + (<usize>actor << 2)), high = load<u32>(offsets + (<usize>(actor + 1) << 2));
    let cap = steps;
    let single: u32 = 0;
    if (present != 0) {
      cap = capOf(plan, caps, width, maskOf(present, width, actor));
      single = u32(cap >= ONE_ANCHOR && (maskOf(repeated, width, actor) & anchors) == 0);
      cap &= 127;
    }
    let level = cap;
    if (cap > shortcut || (cap != 0 && present == 0)) {
      level = plain ? tryFirst(plan, low, high, cap, single) : NOT_DECIDED;
      if (level == NOT_DECIDED && high - low <= CAPACITY) {
        let count: u32 = 0;
        let at = stream;
        let limit = to;
        for (let event = low; event < high; event++) {
          const pair = table + (<usize>load<u8>(classes + <usize>event) << 3);
          const mask = load<u32>(pair), excluded = load<u32>(pair, 4);
          const time = timeOf(seconds, millis, event);
          if (time > limit) break;
          store<i64>(at, time);
          store<u32>(at, mask, 8);
          store<u32>(at, excluded, 12);
          if ((mask & single) != 0) limit = min(limit, time + window);
          const counted = u32((mask | excluded | keepAll) != 0 && (excluded & ABSENT) == 0 && time >= from);
          count += counted;
          at += <usize>counted << 4;
        }
        level = order == ORDERED ? tryOrdered(plan, count, cap) : order == STRICT ? tryStrict(plan, count, cap) : tryUnordered(plan, count, cap);
      }
      if (level == NOT_DECIDED) {
        store<u32>(undecided + (<usize>left << 2), actor);
        left++;
        continue;
      }
      if (sampled && level != 0) addSamples(plan, level);
    }
    store<u8>(out + <usize>actor, <u8>level);
    const tally = counts + (<usize>level << 2);
    store<u32>(tally, load<u32>(tally) + 1);
  }
  return left;
}

/**
 * The attempt that starts first, straight from the columns, where each event fits one step. It is the deepest when it comes as
 * deep as the actor can, or when there is no other start; else NOT_DECIDED, and also when an event that another of the
 * same time came before was to fill a step: what stands before it may fit the next one.
 */
function tryFirst(plan: usize, low: u32, high: u32, cap: u32, single: u32): u32 {
  const seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE), best = <usize>load<u32>(plan, BEST);
  const window = load<i64>(plan, WINDOW), from = load<i64>(plan, FROM);
  let limit = load<i64>(plan, TO);
  let filled: u32 = 0, more: u32 = 0, filler = low;
  for (let event = low; event < high; event++) {
    const mask = load<u32>(table + (<usize>load<u8>(classes + <usize>event) << 3));
    if (((mask >> filled) & 1) == 0) {
      more |= mask & 1;
      continue;
    }
    const time = timeOf(seconds, millis, event);
    if (time > limit) return single != 0 || filled == 0 ? filled : NOT_DECIDED;
    if (time < from) continue;
    if (event > low && (filled == 0 || event - 1 != filler) && timeOf(seconds, millis, event - 1) == time) return NOT_DECIDED;
    if (filled == 0) limit = min(limit, time + window);
    store<i64>(best + (<usize>filled << 3), time);
    filler = event;
    filled++;
    if (filled >= cap) return filled;
  }
  return filled == 0 || more == 0 ? filled : NOT_DECIDED;
}

/** From each time at which an event fits step 1, every further step as early as it can be filled. */
function tryOrdered(plan: usize, count: u32, cap: u32): u32 {
  const stream = <usize>load<u32>(plan, STREAM), times = <usize>load<u32>(plan, TIMES);
  const steps = load<u32>(plan, STEPS), disjoint = load<u32>(plan, DISJOINT) != 0, window = load<i64>(plan, WINDOW);
  let work = getWork(count);
  let best: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if ((maskAt(stream, i) & 1) == 0) continue;
    const began = timeAt(stream, i), until = began + window;
    let j = i;
    while (j > 0 && timeAt(stream, j - 1) == began) j--;
    const group = j;
    let filled: u32 = 0;
    while (j < count) {
      const time = timeAt(stream, j);
      if (time > until) break;
      if (((maskAt(stream, j) >> filled) & 1) == 0) {
        j++;
        continue;
      }
      store<i64>(times + (<usize>filled << 3), time);
      filled++;
      if (!disjoint && ((j > 0 && timeAt(stream, j - 1) == time) || (j + 1 < count && timeAt(stream, j + 1) == time))) return NOT_DECIDED;
      if (filled == steps) break;
      // What fits the next step may have come before, at the same time.
      if (j > group && timeAt(stream, j - 1) == time) {
        while (j > group && timeAt(stream, j - 1) == time) j--;
      } else j++;
    }
    if (filled > best && stands(plan, count, group, filled, began)) {
      best = filled;
      keepTimes(plan, filled);
      if (best >= cap) return best;
    }
    work -= <i32>(j - group) + 1;
    if (work < 0) return NOT_DECIDED;
    // Another start at the same time is the same attempt.
    while (i + 1 < count && timeAt(stream, i + 1) == began) i++;
  }
  return best;
}

/** Every step is the very next event of the stream. */
function tryStrict(plan: usize, count: u32, cap: u32): u32 {
  const stream = <usize>load<u32>(plan, STREAM), times = <usize>load<u32>(plan, TIMES);
  const steps = load<u32>(plan, STEPS), window = load<i64>(plan, WINDOW);
  let work = getWork(count);
  let best: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if ((maskAt(stream, i) & 1) == 0) continue;
    const began = timeAt(stream, i), until = began + window;
    let filled: u32 = 0;
    for (let j = i; j < count && filled < steps; j++) {
      const time = timeAt(stream, j);
      if (((maskAt(stream, j) >> filled) & 1) == 0 || time > until) break;
      store<i64>(times + (<usize>filled << 3), time);
      filled++;
    }
    if (filled > best) {
      let group = i;
      while (group > 0 && timeAt(stream, group - 1) == began) group--;
      if (stands(plan, count, group, filled, began)) {
        best = filled;
        keepTimes(plan, filled);
        if (best >= cap) return best;
      }
    }
    work -= <i32>filled + 1;
    if (work < 0) return NOT_DECIDED;
  }
  return best;
}

/** From each step event, the different steps inside its window; only for events that fit one step each. */
function tryUnordered(plan: usize, count: u32, cap: u32): u32 {
  const stream = <usize>load<u32>(plan, STREAM), times = <usize>load<u32>(plan, TIMES), window = load<i64>(plan, WINDOW);
  const steps = load<u32>(plan, STEPS);
  let work = getWork(count);
  let best: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (maskAt(stream, i) == 0) continue;
    const began = timeAt(stream, i), until = began + window;
    let done: u32 = 0, filled: u32 = 0, j = i;
    for (; j < count && filled < steps; j++) {
      const time = timeAt(stream, j);
      if (time > until) break;
      const fresh = maskAt(stream, j) & ~done;
      if (fresh == 0) continue;
      done |= fresh;
      store<i64>(times + (<usize>filled << 3), time);
      filled++;
    }
    if (filled > best && stands(plan, count, i, filled, began)) {
      best = filled;
      keepTimes(plan, filled);
      if (best >= cap) return best;
    }
    work -= <i32>(j - i) + 1;
    if (work < 0) return NOT_DECIDED;
  }
  return best;
}

/** Steps of work allowed for an actor before the twin, which looks ahead by tables, is the faster one. */
function getWork(count: u32): i32 {
  return 4096 + 64 * <i32>count;
}

/**
 * Whether no exclusion voids the attempt in `times` (rule 9): none of its events strictly between the two steps, or the
 * first step and the end of the window. `exclusions` are pairs of steps, u32.
 */
function stands(plan: usize, count: u32, first: u32, filled: u32, began: i64): bool {
  const total = load<u32>(plan, EXCLUSION_COUNT);
  if (total == 0) return true;
  const stream = <usize>load<u32>(plan, STREAM), times = <usize>load<u32>(plan, TIMES);
  const pairs = <usize>load<u32>(plan, EXCLUSIONS), steps = load<u32>(plan, STEPS);
  const close = began + load<i64>(plan, WINDOW_END);
  const anyOrder = load<u32>(plan, ORDER) > STRICT;
  for (let i = first; i < count; i++) {
    const time = timeAt(stream, i);
    if (time >= close) break;
    let rest = load<u32>(stream + (<usize>i << 4), 12);
    while (rest != 0) {
      const x = <u32>ctz(rest);
      rest &= rest - 1;
      let after = began, before = close;
      if (anyOrder) {
        if (filled == steps) before = load<i64>(times + (<usize>(filled - 1) << 3));
      } else {
        const fromStep = load<u32>(pairs + (<usize>x << 3)), toStep = load<u32>(pairs + (<usize>x << 3), 4);
        if (filled <= fromStep) continue;
        after = load<i64>(times + (<usize>fromStep << 3));
        if (filled > toStep) before = load<i64>(times + (<usize>toStep << 3));
      }
      if (time > after && time < before) return false;
    }
  }
  return true;
}

function keepTimes(plan: usize, filled: u32): void {
  if (load<u32>(plan, SAMPLES) != 0) memory.copy(<usize>load<u32>(plan, BEST), <usize>load<u32>(plan, TIMES), <usize>filled << 3);
}

/**
 * Durations of the best attempt, f64 ms, each appended to its column of `samples`: columns 1 .. steps - 1 = since the
 * step before; 0 = first to last step; `steps` = fromStep to toStep.
 */
function addSamples(plan: usize, level: u32): void {
  const best = <usize>load<u32>(plan, BEST), steps = load<u32>(plan, STEPS);
  for (let k: u32 = 1; k < level; k++)
    addSample(plan, k, load<i64>(best + (<usize>k << 3)) - load<i64>(best + (<usize>(k - 1) << 3)));
  if (level == steps) addSample(plan, 0, load<i64>(best + (<usize>(level - 1) << 3)) - load<i64>(best));
  const toStep = load<u32>(plan, CONVERT_TO);
  if (level > toStep) addSample(plan, steps, load<i64>(best + (<usize>toStep << 3)) - load<i64>(best + (<usize>load<u32>(plan, CONVERT_FROM) << 3)));
}

function addSample(plan: usize, column: u32, value: i64): void {
  const counter = <usize>load<u32>(plan, SAMPLE_COUNTS) + (<usize>column << 2);
  const at = load<u32>(counter);
  store<f64>(<usize>load<u32>(plan, SAMPLES) + ((<usize>column * <usize>load<u32>(plan, STRIDE) + <usize>at) << 3), <f64>value);
  store<u32>(counter, at + 1);
}

/**
 * Breakdown by first or last touch: the code of the first (last) event of the range that fits any step and is not blank,
 * for each actor whose level is known and not 0. `touches` gets it by actor of the slice, u32; `groups[code * (steps + 1)
 * + level]` counts, unless it is null. Code 0 = blank, and `empty` too.
 */
export function touch(plan: usize, first: u32, end: u32): void {
  const offsets = <usize>load<u32>(plan, OFFSETS), seconds = <usize>load<u32>(plan, SECONDS), millis = <usize>load<u32>(plan, MILLIS);
  const classes = <usize>load<u32>(plan, CLASSES), table = <usize>load<u32>(plan, TABLE);
  const levels = <usize>load<u32>(plan, LEVELS), empty = load<u32>(plan, EMPTY), touches = <usize>load<u32>(plan, TOUCHES);
  const codes = <usize>load<u32>(plan, CODES), width = load<u32>(plan, CODE_WIDTH), groups = <usize>load<u32>(plan, GROUPS);
  const from = load<i64>(plan, FROM), to = load<i64>(plan, TO), row = load<u32>(plan, STEPS) + 1;
  const whole = load<u32>(plan, WHOLE) != 0, last = load<u32>(plan, LAST) != 0;
  for (let actor = first; actor < end; actor++) {
    const level = <u32>load<u8>(levels + <usize>(actor - first));
    if (level == 0) continue;
    let found: u32 = 0;
    let low = load<u32>(offsets + (<usize>actor << 2)), high = load<u32>(offsets + (<usize>(actor + 1) << 2));
    while (low < high) {
      const event = last ? high - 1 : low;
      if (last) high--;
      else low++;
      if (load<u32>(table + (<usize>load<u8>(classes + <usize>event) << 3)) == 0) continue;
      if (!whole) {
        const time = timeOf(seconds, millis, event);
        if (time < from || time > to) continue;
      }
      const code = width == 1 ? <u32>load<u8>(codes + <usize>event) : width == 2 ? <u32>load<u16>(codes + (<usize>event << 1)) : load<u32>(codes + (<usize>event << 2));
      if (code == 0 || code == empty) continue;
      found = code;
      break;
    }
    store<u32>(touches + (<usize>(actor - first) << 2), found);
    if (groups == 0) continue;
    const at = groups + (<usize>(found * row + level) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
