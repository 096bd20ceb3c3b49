// Levels of an ordered funnel from first occurrences alone, four actors at once. The plain twin is
// worker/compute/funnel-runner.ts; actors that first occurrences do not decide are written to `undecided`.
//
// Every step k is one event type of its own; columns by actor:
//
//   first k     u32, second of the actor's first event of step k's type; all ones = none
//   repeated    bit t = it has several events of type t
//   behind      bit t = its first event of type t comes in the same second as the first of another type, and is not the
//               earliest of them: of two that share a second, one that is not behind is not after the other
//   present     bit t = it has an event of type t; only asked for types that are excluded
//
// An actor is followed from step to step while its first occurrences are in order and inside the window: first 0 ≤ first 1
// ≤ … ≤ first k, first k - first 0 ≤ window. That is an attempt, so the level is k + 1 at least. At the first step k
// where it isn't so, the level is exactly k
//
//   a. when there is no event of step k;
//   b. when first k < first k-1 and step k is not repeated: its only event lies before every event of step k-1;
//   c. when first k comes after the window that begins at first 0 and step 0 is not repeated: all attempts begin at
//      first 0, and every event of step k is as late as first k or later.
//
// In all other cases the actor is undecided: step k (b) or step 0 (c) is repeated, both firsts are in one second and
// behind, or the window ends within a second of first k, as milliseconds are not looked at. Actors that have events of an
// excluded type are undecided too.
//
//   steps a b c, window 10    a@0 b@5 c@9         3
//                             a@0 b@5 c@20        2 (c);  with another a@12: undecided (it is 1, but b@15 made it 3)
//                             b@0 a@3             1 (b);  with another b@8: undecided (it is 2)
//
// With an end of the range, what comes first after its last second counts as none; first in that second: undecided. With a
// beginning, attempts that begin after its second are what they are without it, as all their events come later. An actor
// whose first 0 lies before it and is not repeated has no attempt, level 0; repeated or in that second: undecided.
// Seconds are below 2^31, so that signed comparisons hold and none (-1) is before everything.

/** Fields of a plan, u32; masks have elements of WIDTH bytes; a null pointer = not there. */
const STEPS = 0, WIDTH = 4, REPEATED = 8, BEHIND = 12, PRESENT = 16, EXCLUDED = 20, INSIDE = 24, OUTSIDE = 28, LAST = 32;
const LEVELS = 36, UNDECIDED = 40, LEVEL_AT = 44, FROM = 48;
/** `reached[k]` += actors of level > k. The three have 32 elements; `firsts` are pointers, `bits` those of the steps' types. */
const REACHED = 64, FIRSTS = 192, BITS = 320;
/** Who of four actors is in what step, 32 × i32x4. */
const LANES = 448;
const NO_LIMIT: i32 = 0x7fffffff;

// @ts-ignore: decorator
@inline
function four(masks: usize, width: u32, actor: u32): v128 {
  if (width == 1) return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(masks + <usize>actor)));
  if (width == 2) return i32x4.extend_low_i16x8_u(v128.load64_zero(masks + (<usize>actor << 1)));
  return v128.load(masks + (<usize>actor << 2));
}
function one(masks: usize, width: u32, actor: u32): u32 {
  if (width == 1) return load<u8>(masks + <usize>actor);
  if (width == 2) return load<u16>(masks + (<usize>actor << 1));
  return load<u32>(masks + (<usize>actor << 2));
}

// @ts-ignore: decorator
@inline
function bitOf(plan: usize, step: u32): u32 {
  return load<u32>(plan + (<usize>step << 2), BITS);
}
/** The column of a step's firsts; of steps there are not, any. */
// @ts-ignore: decorator
@inline
function firstsOf(plan: usize, step: u32, steps: u32): usize {
  return <usize>load<u32>(plan + (<usize>min(step, steps - 1) << 2), FIRSTS);
}
/** What comes after the range is none. */
// @ts-ignore: decorator
@inline
function cut(firsts: v128, last: v128): v128 {
  return v128.or(firsts, i32x4.gt_s(firsts, last));
}
// @ts-ignore: decorator
@inline
function mayBeginLater(begun: v128, from: v128, repeats: v128, bit: v128): v128 {
  return v128.or(i32x4.eq(begun, from), i32x4.ne(v128.and(repeats, bit), i32x4.splat(0)));
}
// @ts-ignore: decorator
@inline
function follows(next: v128, before: v128, span: v128, inside: v128): v128 {
  return v128.and(i32x4.gt_s(next, before), i32x4.lt_s(span, inside));
}
/** (a), (b) and (c): who does not follow has the level. Of a type that is none, no event is repeated inside the range. */
// @ts-ignore: decorator
@inline
function ends(next: v128, before: v128, repeats: v128, bit: v128, late: v128): v128 {
  const once = v128.or(i32x4.eq(v128.and(repeats, bit), i32x4.splat(0)), i32x4.lt_s(next, i32x4.splat(0)));
  return v128.or(v128.and(i32x4.lt_s(next, before), once), late);
}

/** The level of one actor by the rules above, with what is behind; -1 = undecided. */
function decideOne(plan: usize, actor: u32): i32 {
  const steps = load<u32>(plan, STEPS), width = load<u32>(plan, WIDTH);
  const inside = load<i32>(plan, INSIDE), outside = load<i32>(plan, OUTSIDE), last = load<i32>(plan, LAST);
  const from = load<i32>(plan, FROM);
  const repeats = one(<usize>load<u32>(plan, REPEATED), width, actor), at = <usize>actor << 2;
  const behind = <usize>load<u32>(plan, BEHIND);
  const isBehind: u32 = behind == 0 ? 0xffffffff : one(behind, width, actor);
  const begun = load<i32>(firstsOf(plan, 0, steps) + at);
  if (begun == last) return -1;
  if (begun < 0 || begun > last) return 0;
  if (begun <= from) return begun == from || (repeats & bitOf(plan, 0)) != 0 ? -1 : 0;
  let before = begun;
  for (let k: u32 = 1; k < steps; k++) {
    const next = load<i32>(firstsOf(plan, k, steps) + at);
    if (next == last) return -1;
    if (next < 0 || next > last) return k;
    const bit = bitOf(plan, k), previous = bitOf(plan, k - 1);
    if (next == before && (isBehind & previous) != 0 && (isBehind & bit) != 0) return -1;
    if (next < before || (next == before && (isBehind & previous) != 0)) return (repeats & bit) == 0 ? k : -1;
    const span = next - begun;
    if (span >= inside) return span > outside && (repeats & bitOf(plan, 0)) == 0 ? k : -1;
    before = next;
  }
  return steps;
}

/** The open ones of four actors, one by one; returns the number of undecided ones so far. */
function decideOpen(plan: usize, actor: u32, open: u32, left: u32): u32 {
  const levels = <usize>load<u32>(plan, LEVELS), undecided = <usize>load<u32>(plan, UNDECIDED);
  const levelAt = <usize>load<u32>(plan, LEVEL_AT);
  for (let rest = open; rest != 0; rest &= rest - 1) {
    const who = actor + <u32>ctz(rest);
    const level = decideOne(plan, who);
    if (level < 0) {
      store<u32>(undecided + (<usize>left << 2), who);
      left++;
    }
    if (levels != 0) store<u8>(levelAt + <usize>who, <u8>max(level, 0));
    for (let k: i32 = 0; k < level; k++) addReached(plan, k, 1);
  }
  return left;
}
/** Some of four actors to the undecided; without a branch, as nobody can guess it. Up to 3 elements more are written. */
// @ts-ignore: decorator
@inline
function leaveOut(plan: usize, actor: u32, who: u32, left: u32): u32 {
  const undecided = <usize>load<u32>(plan, UNDECIDED);
  for (let lane: u32 = 0; lane < 4; lane++) {
    store<u32>(undecided + (<usize>left << 2), actor + lane);
    left += (who >> lane) & 1;
  }
  return left;
}
function addReached(plan: usize, step: u32, count: u32): void {
  const at = plan + (<usize>step << 2);
  store<u32>(at, load<u32>(at, REACHED) + count, REACHED);
}
/** Each lane counts downwards, as a true lane is -1. */
function addLanes(plan: usize, step: u32, lanes: v128): void {
  const sum = i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3);
  addReached(plan, step, -sum);
}

/**
 * Up to four steps: all that is known of four actors stays in registers. `steps`, `limited` and `excluding` are constants
 * where it is called, so that what they switch off is not there.
 */
// @ts-ignore: decorator
@inline
function decideFew(plan: usize, first: u32, end: u32, steps: u32, limited: bool, excluding: bool): u32 {
  const columnA = firstsOf(plan, 0, steps), columnB = firstsOf(plan, 1, steps);
  const columnC = firstsOf(plan, 2, steps), columnD = firstsOf(plan, 3, steps);
  const bitA = i32x4.splat(bitOf(plan, 0)), bitB = i32x4.splat(bitOf(plan, 1));
  const bitC = i32x4.splat(bitOf(plan, 2)), bitD = i32x4.splat(bitOf(plan, 3));
  const repeated = <usize>load<u32>(plan, REPEATED), width = load<u32>(plan, WIDTH), present = <usize>load<u32>(plan, PRESENT);
  const inside = i32x4.splat(load<i32>(plan, INSIDE)), outside = i32x4.splat(load<i32>(plan, OUTSIDE));
  const last = i32x4.splat(load<i32>(plan, LAST)), excluded = i32x4.splat(load<u32>(plan, EXCLUDED));
  const from = i32x4.splat(load<i32>(plan, FROM));
  const levels = <usize>load<u32>(plan, LEVELS), levelAt = <usize>load<u32>(plan, LEVEL_AT), zero = i32x4.splat(0);
  let sumA = zero, sumB = zero, sumC = zero, sumD = zero;
  let left: u32 = 0;
  for (let actor = first; actor < end; actor += 4) {
    const at = <usize>actor << 2;
    let a = v128.load(columnA + at), b = zero, c = zero, d = zero;
    if (steps > 1) b = v128.load(columnB + at);
    if (steps > 2) c = v128.load(columnC + at);
    if (steps > 3) d = v128.load(columnD + at);
    let border = zero;
    if (limited) {
      border = i32x4.eq(a, last);
      a = cut(a, last);
      if (steps > 1) { border = v128.or(border, i32x4.eq(b, last)); b = cut(b, last); }
      if (steps > 2) { border = v128.or(border, i32x4.eq(c, last)); c = cut(c, last); }
      if (steps > 3) { border = v128.or(border, i32x4.eq(d, last)); d = cut(d, last); }
    }
    let inA = i32x4.ge_s(a, zero), inB = zero, inC = zero, inD = zero;
    if (end - actor < 4) inA = v128.and(inA, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(end - actor))));
    let repeats = zero, unsure = zero;
    if (limited || steps > 1) repeats = four(repeated, width, actor);
    if (limited) {
      const early = v128.andnot(inA, i32x4.gt_s(a, from));
      inA = v128.andnot(inA, early);
      unsure = v128.and(early, mayBeginLater(a, from, repeats, bitA));
    }
    let open = v128.or(v128.and(inA, border), unsure);
    if (excluding) {
      const skipped = v128.and(inA, i32x4.ne(v128.and(four(present, width, actor), excluded), zero));
      left = leaveOut(plan, actor, <u32>i32x4.bitmask(skipped), left);
      inA = v128.andnot(inA, skipped);
      open = v128.andnot(open, skipped);
    }
    if (steps > 1) {
      const oneAnchor = i32x4.eq(v128.and(repeats, bitA), zero);
      let span = i32x4.sub(b, a);
      inB = v128.and(inA, follows(b, a, span, inside));
      open = v128.or(open, v128.andnot(v128.xor(inA, inB), ends(b, a, repeats, bitB, v128.and(i32x4.gt_s(span, outside), oneAnchor))));
      if (steps > 2) {
        span = i32x4.sub(c, a);
        inC = v128.and(inB, follows(c, b, span, inside));
        open = v128.or(open, v128.andnot(v128.xor(inB, inC), ends(c, b, repeats, bitC, v128.and(i32x4.gt_s(span, outside), oneAnchor))));
      }
      if (steps > 3) {
        span = i32x4.sub(d, a);
        inD = v128.and(inC, follows(d, c, span, inside));
        open = v128.or(open, v128.andnot(v128.xor(inC, inD), ends(d, c, repeats, bitD, v128.and(i32x4.gt_s(span, outside), oneAnchor))));
      }
    }
    const anyOpen = v128.any_true(open);
    if (anyOpen) {
      inA = v128.andnot(inA, open);
      if (steps > 1) inB = v128.andnot(inB, open);
      if (steps > 2) inC = v128.andnot(inC, open);
      if (steps > 3) inD = v128.andnot(inD, open);
    }
    sumA = i32x4.add(sumA, inA);
    if (steps > 1) sumB = i32x4.add(sumB, inB);
    if (steps > 2) sumC = i32x4.add(sumC, inC);
    if (steps > 3) sumD = i32x4.add(sumD, inD);
    if (levels != 0) storeLevels(levelAt + <usize>actor, i32x4.add(i32x4.add(inA, inB), i32x4.add(inC, inD)));
    if (anyOpen) left = decideOpen(plan, actor, <u32>i32x4.bitmask(open), left);
  }
  addLanes(plan, 0, sumA);
  if (steps > 1) addLanes(plan, 1, sumB);
  if (steps > 2) addLanes(plan, 2, sumC);
  if (steps > 3) addLanes(plan, 3, sumD);
  return left;
}
/** Four negated levels as bytes. */
// @ts-ignore: decorator
@inline
function storeLevels(at: usize, negated: v128): void {
  const words = i16x8.narrow_i32x4_s(negated, negated);
  v128.store32_lane(at, i8x16.neg(i8x16.narrow_i16x8_s(words, words)), 0);
}

/** Any number of steps: the same, with counters and who is in what step in the plan. */
export function decideMany(plan: usize, first: u32, end: u32): u32 {
  const steps = load<u32>(plan, STEPS), levels = <usize>load<u32>(plan, LEVELS), levelAt = <usize>load<u32>(plan, LEVEL_AT);
  const repeated = <usize>load<u32>(plan, REPEATED), width = load<u32>(plan, WIDTH), present = <usize>load<u32>(plan, PRESENT);
  const inside = i32x4.splat(load<i32>(plan, INSIDE)), outside = i32x4.splat(load<i32>(plan, OUTSIDE));
  const last = i32x4.splat(load<i32>(plan, LAST)), excluded = i32x4.splat(load<u32>(plan, EXCLUDED)), zero = i32x4.splat(0);
  const from = i32x4.splat(load<i32>(plan, FROM));
  let left: u32 = 0;
  for (let actor = first; actor < end; actor += 4) {
    const at = <usize>actor << 2, loaded = v128.load(firstsOf(plan, 0, steps) + at), begun = cut(loaded, last);
    let alive = i32x4.ge_s(begun, zero);
    if (end - actor < 4) alive = v128.and(alive, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(end - actor))));
    const repeats = four(repeated, width, actor), early = v128.andnot(alive, i32x4.gt_s(begun, from));
    const unsure = v128.and(early, mayBeginLater(begun, from, repeats, i32x4.splat(bitOf(plan, 0))));
    alive = v128.andnot(alive, early);
    let open = i32x4.eq(loaded, last);
    if (present != 0) {
      const skipped = v128.and(alive, i32x4.ne(v128.and(four(present, width, actor), excluded), zero));
      left = leaveOut(plan, actor, <u32>i32x4.bitmask(skipped), left);
      alive = v128.andnot(alive, skipped);
    }
    open = v128.or(v128.and(open, alive), unsure);
    const oneAnchor = i32x4.eq(v128.and(repeats, i32x4.splat(bitOf(plan, 0))), zero);
    let before = begun;
    v128.store(plan, alive, LANES);
    for (let k: u32 = 1; k < steps; k++) {
      const firsts = v128.load(firstsOf(plan, k, steps) + at), next = cut(firsts, last), span = i32x4.sub(next, begun);
      const late = v128.and(i32x4.gt_s(span, outside), oneAnchor), still = v128.and(alive, follows(next, before, span, inside));
      const decided = ends(next, before, repeats, i32x4.splat(bitOf(plan, k)), late);
      open = v128.or(open, v128.or(v128.and(alive, i32x4.eq(firsts, last)), v128.andnot(v128.xor(alive, still), decided)));
      alive = still;
      before = next;
      v128.store(plan + (<usize>k << 4), alive, LANES);
    }
    let level = zero;
    for (let k: u32 = 0; k < steps; k++) {
      const lanes = v128.andnot(v128.load(plan + (<usize>k << 4), LANES), open);
      level = i32x4.add(level, lanes);
      addLanes(plan, k, lanes);
    }
    if (levels != 0) storeLevels(levelAt + <usize>actor, level);
    if (v128.any_true(open)) left = decideOpen(plan, actor, <u32>i32x4.bitmask(open), left);
  }
  return left;
}

// Exported only so that each stays a function of its own: a first answer waits for one to be compiled, not for all.
export function plain1(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 1, false, false); }
export function plain2(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 2, false, false); }
export function plain3(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 3, false, false); }
export function plain4(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 4, false, false); }
export function limited1(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 1, true, false); }
export function limited2(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 2, true, false); }
export function limited3(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 3, true, false); }
export function limited4(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 4, true, false); }
export function excluding1(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 1, true, true); }
export function excluding2(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 2, true, true); }
export function excluding3(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 3, true, true); }
export function excluding4(plan: usize, first: u32, end: u32): u32 { return decideFew(plan, first, end, 4, true, true); }

/**
 * Counts actors `first` to `end` (exclusive) into `reached`. `levels`, unless null, points at the byte of `first`; up to
 * 3 bytes behind the last are written. The window in seconds: first k - first 0 below `inside` is surely in it, above
 * `outside` surely not. Returns the number of undecided actors, which are in no count and have level 0.
 */
export function decide(plan: usize, first: u32, end: u32): u32 {
  const limited = load<i32>(plan, LAST) != NO_LIMIT || load<i32>(plan, FROM) >= 0, excluding = load<u32>(plan, PRESENT) != 0;
  store<u32>(plan, load<u32>(plan, LEVELS) - first, LEVEL_AT);
  const steps = load<u32>(plan, STEPS);
  if (steps > 4) return decideMany(plan, first, end);
  if (excluding) return steps == 1 ? excluding1(plan, first, end) : steps == 2 ? excluding2(plan, first, end) : steps == 3 ? excluding3(plan, first, end) : excluding4(plan, first, end);
  if (limited) return steps == 1 ? limited1(plan, first, end) : steps == 2 ? limited2(plan, first, end) : steps == 3 ? limited3(plan, first, end) : limited4(plan, first, end);
  return steps == 1 ? plain1(plan, first, end) : steps == 2 ? plain2(plan, first, end) : steps == 3 ? plain3(plan, first, end) : plain4(plan, first, end);
}
