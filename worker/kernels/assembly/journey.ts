/**
 * The journey machine over a slice of actors: every change of state, in order, as if nothing ever ended.
 *
 *   events of an actor   a@0    p@3   x@5   d@9         symbols: what an event means to the model, one byte each
 *   changes              Lead@0 Customer@3  Churn@9     times f64 (ms), states u8 (0 = seen, in no state yet)
 *   ends                 3                              changes written so far, after each actor
 *
 * `program` is what worker/compute/journey-program.ts wrote (all little-endian):
 *
 *   0      next    256 x 16 u8   state after a symbol, by the state before; not read where the symbol has steps
 *   4096   steps   256 u32       byte offset of the symbol's steps in the program; 0 = its row decides, 1 = the event does
 *                               not exist, 2 = it means nothing
 *   5120   trackers  u32 codes, u32 bytes a code, u32 dues, u32 mask of states, u32 to, u32 open, f64 after; 32 B each
 *   ....   steps of a symbol: u32 kind, u32 tracker, u32 mask, u32 to; kind 0 ends them
 *
 * A tracker is a rule's set of open objects or a deadline's set of met ones. Sets lie in one open-addressing table of
 * 16 B cells (u32 mark, u32 tracker, u32 code, u32 is in). A cell counts only while its mark is that of the actor, so
 * that nothing is cleared between actors; the table of an actor is only as long as its events need, so that it stays
 * in the first-level cache.
 *
 * Invariants: `times`, `states` have room for events x (1 + deadlines); `cells` for the least power of two that is not
 * below 2 x events of an actor x trackers; `heap` (24 B: f64 at, u32 order, u32 tracker, u32 code) for events of an
 * actor x deadlines; `dues` of a deadline hold an f64 for each event of the slice that opens it, NaN = its own time.
 */
import { cellMask, cellOf, isIn, addToHeap, removeFirst } from './_journey-sets';
import { codeIn } from './_journey-dues';

export { readDues } from './_journey-dues';

const STEPS: usize = 4096;
const TRACKERS: usize = 5120;

const MISSING: u32 = 1;
const NOTHING: u32 = 2;

const OPEN: u32 = 1;
const MEET: u32 = 2;
const ADD_DEADLINE: u32 = 3;
const RULE: u32 = 4;
const LAST_RULE: u32 = 5;

/** Models of plain rules. Returns the number of changes. */
export function runPlain(
  program: usize,
  offsets: usize,
  seconds: usize,
  millis: usize,
  symbols: usize,
  baseSeconds: f64,
  from: u32,
  to: u32,
  times: usize,
  states: usize,
  ends: usize,
): u32 {
  let length: u32 = 0;
  let event = load<u32>(offsets + ((<usize>from) << 2));
  for (let actor = from; actor < to; actor++) {
    const end = load<u32>(offsets + ((<usize>actor) << 2), 4);
    let state: u32 = 0;
    // What does not exist is skipped, and the first event that does is a change even into no state.
    while (event < end && load<u32>(program + ((<usize>load<u8>(symbols + event)) << 2), STEPS) == MISSING) event++;
    if (event < end) {
      state = load<u8>(program + ((<usize>load<u8>(symbols + event)) << 4));
      store<f64>(times + ((<usize>length) << 3), timeOf(seconds, millis, baseSeconds, event));
      store<u8>(states + length++, <u8>state);
      event++;
    }
    for (; event < end; event++) {
      const next: u32 = load<u8>(program + ((<usize>load<u8>(symbols + event)) << 4) + state);
      if (next == state) continue;
      state = next;
      store<f64>(times + ((<usize>length) << 3), timeOf(seconds, millis, baseSeconds, event));
      store<u8>(states + length++, <u8>state);
    }
    store<u32>(ends + ((<usize>(actor - from)) << 2), length);
  }
  return length;
}

/** Models with objects or deadlines. `endMs`: deadlines up to here pass. Returns the number of changes. */
export function runTracked(
  program: usize,
  offsets: usize,
  seconds: usize,
  millis: usize,
  symbols: usize,
  baseSeconds: f64,
  from: u32,
  to: u32,
  times: usize,
  states: usize,
  ends: usize,
  trackers: u32,
  cells: usize,
  heap: usize,
  endMs: f64,
): u32 {
  let length: u32 = 0;
  let event = load<u32>(offsets + ((<usize>from) << 2));
  for (let actor = from; actor < to; actor++) {
    const end = load<u32>(offsets + ((<usize>actor) << 2), 4);
    const mark = actor + 1;
    const mask = cellMask((end - event) * trackers);
    let state: u32 = 0;
    let seen = false;
    let waiting: u32 = 0;
    let added: u32 = 0;
    for (let t: u32 = 0; t < trackers; t++) store<u32>(program + TRACKERS + ((<usize>t) << 5), 0, 20);
    for (; event < end; event++) {
      const symbol: usize = load<u8>(symbols + event);
      let steps = load<u32>(program + (symbol << 2), STEPS);
      if (steps == MISSING || (steps == NOTHING && seen)) continue;
      if (steps == 0 && waiting == 0 && seen && <u32>load<u8>(program + (symbol << 4) + state) == state) continue;
      const time = timeOf(seconds, millis, baseSeconds, event);
      // Deadlines that passed before this event.
      while (waiting > 0 && load<f64>(heap) < time) {
        const at = load<f64>(heap);
        const entered = enteredAtDeadline(program, heap, cells, mask, mark, state);
        waiting = removeFirst(heap, waiting);
        if (entered == state) continue;
        state = entered;
        store<f64>(times + ((<usize>length) << 3), at);
        store<u8>(states + length++, <u8>state);
      }
      let target = state;
      if (steps <= NOTHING) target = load<u8>(program + (symbol << 4) + state);
      else {
        let decided = false;
        for (; ; steps += 16) {
          const step = program + <usize>steps;
          const kind = load<u32>(step);
          if (kind == 0) break;
          if (kind == RULE) {
            if (decided || ((load<u32>(step, 8) >> state) & 1) == 0) continue;
            decided = true;
            target = load<u32>(step, 12);
            continue;
          }
          const index = load<u32>(step, 4);
          const tracker = program + TRACKERS + ((<usize>index) << 5);
          const code = codeOf(tracker, event);
          if (kind == OPEN) {
            if (code == 0 || isIn(cells, mask, mark, index, code)) continue;
            store<u32>(cellOf(cells, mask, mark, index, code), 1, 12);
            store<u32>(tracker, load<u32>(tracker, 20) + 1, 20);
          } else if (kind == MEET) {
            store<u32>(cellOf(cells, mask, mark, index, code), 1, 12);
          } else if (kind == ADD_DEADLINE) {
            const at = deadlineOf(tracker, time);
            if (code != 0) addToHeap(heap, waiting++, at, added++, index, code);
          } else {
            if (code != 0 && isIn(cells, mask, mark, index, code)) {
              store<u32>(cellOf(cells, mask, mark, index, code), 0, 12);
              store<u32>(tracker, load<u32>(tracker, 20) - 1, 20);
            }
            if (decided || load<u32>(tracker, 20) != 0 || ((load<u32>(step, 8) >> state) & 1) == 0) continue;
            decided = true;
            target = load<u32>(step, 12);
          }
        }
      }
      if (target == state && seen) continue;
      seen = true;
      state = target;
      store<f64>(times + ((<usize>length) << 3), time);
      store<u8>(states + length++, <u8>state);
    }
    while (waiting > 0 && load<f64>(heap) <= endMs) {
      const at = load<f64>(heap);
      const entered = enteredAtDeadline(program, heap, cells, mask, mark, state);
      waiting = removeFirst(heap, waiting);
      if (entered == state) continue;
      state = entered;
      store<f64>(times + ((<usize>length) << 3), at);
      store<u8>(states + length++, <u8>state);
    }
    store<u32>(ends + ((<usize>(actor - from)) << 2), length);
  }
  return length;
}

// @ts-ignore: decorator
@inline
function timeOf(seconds: usize, millis: usize, baseSeconds: f64, event: u32): f64 {
  return (
    (baseSeconds + <f64>load<u32>(seconds + ((<usize>event) << 2))) * 1000 +
    <f64>(<u32>load<u16>(millis + ((<usize>event) << 1)))
  );
}

// @ts-ignore: decorator
@inline
function codeOf(tracker: usize, event: u32): u32 {
  return codeIn(load<u32>(tracker), load<u32>(tracker, 4), event);
}

/** The next due time of the slice, with the time after it; never before the event. */
// @ts-ignore: decorator
@inline
function deadlineOf(tracker: usize, time: f64): f64 {
  const dues = load<u32>(tracker, 8);
  const after = load<f64>(tracker, 24);
  if (dues == 0) return time + after;
  const due = load<f64>(<usize>dues);
  store<u32>(tracker, dues + 8, 8);
  return isNaN(due) ? time + after : max(time, due + after);
}

/** The state that the first deadline of the heap makes. */
// @ts-ignore: decorator
@inline
function enteredAtDeadline(program: usize, heap: usize, cells: usize, mask: u32, mark: u32, state: u32): u32 {
  const index = load<u32>(heap, 12);
  const tracker = program + TRACKERS + ((<usize>index) << 5);
  if (isIn(cells, mask, mark, index, load<u32>(heap, 16))) return state;
  return ((load<u32>(tracker, 12) >> state) & 1) != 0 ? load<u32>(tracker, 16) : state;
}
