// Funnels of every order by attempts (see funnel.ts for the columns).
import {
  OFFSETS, SECONDS, MILLIS, CLASSES, TABLE, STEPS, ORDER, DISJOINT, PRESENT, REPEATED, CAPS, ANCHORS, WHOLE,
  EXCLUSIONS, EXCLUSION_COUNT, LEVELS, COUNTS, UNDECIDED, STREAM, TIMES, BEST, SAMPLES, STRIDE, SAMPLE_COUNTS,
  WINDOW, WINDOW_END, FROM, TO, CONVERT_FROM, CONVERT_TO, LIST, BASE, MASK_WIDTH, ORDERED, STRICT, CAPACITY,
  NOT_DECIDED, ABSENT, ONE_ANCHOR, AHEAD, timeOf, maskOf, capOf, readAhead,
} from './_funnel-plan';

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
