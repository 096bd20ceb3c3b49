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

import {
  OFFSETS, SECONDS, MILLIS, CLASSES, TABLE, STEPS, DISJOINT, PRESENT, REPEATED, CAPS, ANCHORS, WHOLE, LEVELS, COUNTS,
  UNDECIDED, TIMES, WINDOW, FROM, TO, CODES, CODE_WIDTH, EMPTY, LAST, GROUPS, TOUCHES, LIST, BASE, EXCLUDED,
  MASK_WIDTH, NOT_DECIDED, ABSENT, ONE_ANCHOR, AHEAD, timeOf, maskOf, capOf, readAhead,
} from './_funnel-plan';

export { attempts } from './_funnel-attempts';
export { levelsByBits } from './_funnel-bits';

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
