// Levels of an ordered funnel from first occurrences alone, four actors at once. The plain twin is
// worker/compute/funnel-runner.ts; actors that first occurrences do not decide are written to `undecided`.
//
// Every step k is one event type of its own; columns by actor, u32:
//
//   first k     second of the actor's first event of step k's type; all ones = none
//   repeated    bit t = it has several events of type t
//
// An actor is followed from step to step while its first occurrences are in order and inside the window: first 0 < first 1
// < … < first k, first k - first 0 ≤ window. That is an attempt, so the level is k + 1 at least. At the first step k
// where it isn't so, the level is exactly k
//
//   a. when there is no event of step k;
//   b. when first k < first k-1 and step k is not repeated: its only event lies before every event of step k-1;
//   c. when first k comes after the window that begins at first 0 and step 0 is not repeated: all attempts begin at
//      first 0, and every event of step k is as late as first k or later.
//
// In all other cases the actor is undecided: step k (b) or step 0 (c) is repeated, first k and first k-1 are the same
// second, or the window ends within a second of first k, as milliseconds are not looked at.
//
//   steps a b c, window 10    a@0 b@5 c@9         3
//                             a@0 b@5 c@20        2 (c);  with another a@12: undecided (it is 1, but b@15 made it 3)
//                             b@0 a@3             1 (b);  with another b@8: undecided (it is 2)
//
// With an end of the range, what comes first after its last second counts as none; first in that second: undecided.
// Seconds are below 2^31, so that signed comparisons hold and none (-1) is before everything.

/**
 * `firsts`: the columns' pointers by step, u32; `bits`: the bit of each step's type, u32. Window: first k - first 0 below
 * `inside` is surely in it, above `outside` surely not. `reached[k]` += actors of level > k, i32x4 to be summed. Returns
 * the number of undecided actors, which are in no count.
 */
export function decide(
  first: u32, end: u32, steps: u32, firsts: usize, bits: usize, repeated: usize, width: u32,
  inside: i32, outside: i32, last: i32, reached: usize, undecided: usize,
): u32 {
  const begin = <usize>load<u32>(firsts);
  const inside4 = i32x4.splat(inside), outside4 = i32x4.splat(outside), last4 = i32x4.splat(last);
  const anchor4 = i32x4.splat(load<u32>(bits));
  const zero = i32x4.splat(0);
  let left: u32 = 0;
  for (let actor = first; actor < end; actor += 4) {
    const at = <usize>actor << 2;
    const begun = v128.load(begin + at);
    // None is negative; behind the end counts as none.
    let alive = v128.andnot(i32x4.ge_s(begun, zero), i32x4.gt_s(begun, last4));
    if (end - actor < 4) alive = v128.and(alive, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(end - actor))));
    let open = v128.and(i32x4.eq(begun, last4), alive);
    alive = v128.andnot(alive, open);
    const repeats = width == 1
      ? i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(repeated + <usize>actor)))
      : width == 2 ? i32x4.extend_low_i16x8_u(v128.load64_zero(repeated + (<usize>actor << 1))) : v128.load(repeated + at);
    const moreAnchors = v128.and(repeats, anchor4);
    const oneAnchor = i32x4.eq(moreAnchors, zero);
    // Where all four levels are kept until it is known who is decided.
    let before = begun;
    let level = zero;
    level = i32x4.sub(level, alive);
    for (let k: u32 = 1; k < steps; k++) {
      const next = v128.load(<usize>load<u32>(firsts + (<usize>k << 2)) + at);
      const late = i32x4.gt_s(next, last4);
      const border = i32x4.eq(next, last4);
      const once = v128.or(i32x4.eq(v128.and(repeats, i32x4.splat(load<u32>(bits + (<usize>k << 2)))), zero), late);
      const inOrder = v128.andnot(i32x4.gt_s(next, before), late);
      // Not in order: decided unless the same second, or the step comes again.
      const unclear = v128.or(v128.andnot(i32x4.eq(next, before), late), v128.not(once));
      open = v128.or(open, v128.and(alive, v128.or(border, v128.andnot(unclear, inOrder))));
      const span = i32x4.sub(next, begun);
      const inTime = i32x4.lt_s(span, inside4);
      const outOfTime = v128.and(i32x4.gt_s(span, outside4), oneAnchor);
      const follows = v128.and(alive, inOrder);
      open = v128.or(open, v128.andnot(v128.andnot(follows, inTime), outOfTime));
      alive = v128.andnot(v128.and(follows, inTime), border);
      level = i32x4.sub(level, alive);
      before = next;
    }
    for (let k: u32 = 0; k < steps; k++) {
      const counter = reached + (<usize>k << 4);
      const deeper = v128.andnot(i32x4.gt_s(level, i32x4.splat(<i32>k)), open);
      v128.store(counter, i32x4.sub(v128.load(counter), deeper));
    }
    if (v128.any_true(open)) {
      const mask = <u32>i32x4.bitmask(open);
      for (let lane: u32 = 0; lane < 4; lane++) {
        store<u32>(undecided + (<usize>left << 2), actor + lane);
        left += (mask >> lane) & 1;
      }
    }
  }
  return left;
}
