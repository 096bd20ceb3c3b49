// Paths: the nodes of an actor one after the other, cut at pauses, trimmed to what is shown, counted by position.
//
//   starts/ends   the events of an actor inside the range
//   bytes/table   node of an event = table[bytes[event]], NONE = no node
//   nodes/events  room for one path: a node (u8) and its last event (u32) by position; no longer than its actor's events
//   plan          what is asked, u32 each:
//                 | width | max steps | collapse | cut | start | end |     start, end = pointer to a byte by node that says
//                                                                           whether it is the anchor; 0 = none
//   out           | paths u32 | actors u32 | last actor + 1 u32 | - |, then
//                 edges  by (position * width + from) * width + to:   counter (12 bytes) | - | total milliseconds i64 |
//                 nodes  by position * width + node:                  three counters: through, ends here, goes on | - |
//   counter       | count u32 | actors u32 | last actor + 1 u32 |
//
// Without a cut (a pause that ends a path) an actor has one path: actors are not counted apart, and nodes beyond the
// first position are left to the caller, who adds up the edges that lead to them.
import { NONE, addOne, msBetween } from './_events';

const HEAD: usize = 16;
const EDGE: usize = 24;
const NODE: usize = 40;
const ENDS: usize = 12;
const GOES_ON: usize = 24;

// @ts-ignore: decorator
@inline
function count(counter: usize, actor: u32, cut: u32): void {
  store<u32>(counter, load<u32>(counter) + 1);
  if (!cut) return;
  store<u32>(counter, load<u32>(counter, 4) + <u32>(load<u32>(counter, 8) != actor + 1), 4);
  store<u32>(counter, actor + 1, 8);
}

/** First position from `from` on whose node is the anchor; `length` when there is none. */
function find(nodes: usize, length: u32, anchor: usize, from: u32): u32 {
  let i = from;
  while (i < length && !load<u8>(anchor + <usize>load<u8>(nodes + i))) i++;
  return i;
}

/** One node for all between the `half` at each end, with the time of the first it stands for. */
function fold(nodes: usize, events: usize, length: u32, half: u32, folded: u32): void {
  const tail = length - half;
  store<u8>(nodes + half, folded);
  memory.copy(nodes + half + 1, nodes + tail, half);
  memory.copy(events + (<usize>(half + 1) << 2), events + (<usize>tail << 2), <usize>half << 2);
}

function tally(
  actor: u32,
  nodes: usize,
  events: usize,
  length: u32,
  goesOn: bool,
  plan: usize,
  seconds: usize,
  millis: usize,
  out: usize,
): void {
  const width = load<u32>(plan);
  const cut = load<u32>(plan, 12);
  const edges = out + HEAD;
  // A folded path has one node more than there are steps.
  const throughs = edges + <usize>((load<u32>(plan, 4) + 1) * width * width) * EDGE;
  store<u32>(out, load<u32>(out) + 1);
  if (load<u32>(out, 8) != actor + 1) store<u32>(out, load<u32>(out, 4) + 1, 4);
  store<u32>(out, actor + 1, 8);
  let key = <u32>load<u8>(nodes);
  let event = load<u32>(events);
  count(throughs + <usize>key * NODE, actor, cut);
  for (let i: u32 = 1; i < length; i++) {
    const node = <u32>load<u8>(nodes + i);
    const next = load<u32>(events + (<usize>i << 2));
    const edge = edges + <usize>(key * width + node) * EDGE;
    count(edge, actor, cut);
    store<i64>(edge, load<i64>(edge, 16) + msBetween(seconds, millis, event, next), 16);
    key = i * width + node;
    event = next;
    if (cut) count(throughs + <usize>key * NODE, actor, cut);
  }
  count(throughs + <usize>key * NODE + (goesOn ? GOES_ON : ENDS), actor, cut);
}

/** Cuts a path to what is shown and counts it; one without its anchors does not count. */
function finish(
  actor: u32,
  nodes: usize,
  events: usize,
  length: u32,
  plan: usize,
  seconds: usize,
  millis: usize,
  out: usize,
): void {
  const steps = load<u32>(plan, 4);
  const start = <usize>load<u32>(plan, 16);
  const end = <usize>load<u32>(plan, 20);
  let first: u32 = 0;
  if (start) first = find(nodes, length, start, 0);
  if (first == length) return;
  let stop = length;
  if (end) {
    stop = find(nodes, length, end, first) + 1;
    if (stop > length) return;
  }
  let kept = stop - first;
  const tooLong = kept > steps;
  if (tooLong && end && !start) first = stop - steps;
  const at = nodes + first;
  const times = events + (<usize>first << 2);
  if (tooLong && end && start) {
    const half = steps >> 1;
    fold(at, times, kept, half, load<u32>(plan) - 1);
    kept = 2 * half + 1;
  } else if (tooLong) kept = steps;
  tally(actor, at, times, kept, tooLong && !end, plan, seconds, millis, out);
}

/** `gap` = milliseconds of the longest pause inside a path; read only where the plan says `cut`. */
export function flow(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  seconds: usize,
  millis: usize,
  plan: usize,
  nodes: usize,
  events: usize,
  out: usize,
  gap: f64,
): void {
  const collapse = load<u32>(plan, 8);
  const cut = load<u32>(plan, 12);
  const anchored = load<u32>(plan, 16) | load<u32>(plan, 20);
  // Without anchors nothing beyond the first node after the last step matters.
  const enough = anchored ? u32.MAX_VALUE : load<u32>(plan, 4) + 1;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let length: u32 = 0;
    let node = NONE;
    let before: u32 = 0;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const next = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (next == NONE) continue;
      if (cut && length > 0 && <f64>msBetween(seconds, millis, before, i) > gap) {
        finish(actor, nodes, events, length, plan, seconds, millis, out);
        length = 0;
        node = NONE;
      }
      before = i;
      if (length == enough) {
        if (cut) continue;
        break;
      }
      if (collapse && next == node) {
        store<u32>(events + (<usize>(length - 1) << 2), i);
        continue;
      }
      store<u8>(nodes + length, next);
      store<u32>(events + (<usize>length << 2), i);
      length++;
      node = next;
    }
    if (length > 0) finish(actor, nodes, events, length, plan, seconds, millis, out);
  }
}

/**
 * Counts of paths without anchors and pauses, and no times: an actor has one path, which is counted while it is walked.
 * `counts` is u32 by (position * width + from) * width + to: at position 0 `from` is 0, at `steps`, where a path goes on
 * that is not followed further, `to` is (as in compute/flow-by-time.ts).
 */
export function flowCounts(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  width: u32,
  steps: u32,
  collapse: u32,
  counts: usize,
): void {
  const stride = <usize>(width * width) << 2;
  const stop = counts + stride * steps;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let node = NONE;
    let at = counts;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const next = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (next == NONE || (collapse && next == node)) continue;
      if (at == stop) {
        addOne(at + (<usize>(node * width) << 2));
        break;
      }
      addOne(at + (<usize>((at == counts ? 0 : node * width) + next) << 2));
      at += stride;
      node = next;
    }
  }
}

/** Actors by node * steps + position of their sequence, u32. Returns the number of actors with at least one node. */
export function matrix(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  steps: u32,
  collapse: bool,
  out: usize,
): u32 {
  let actors: u32 = 0;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let position: u32 = 0;
    let node = NONE;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to && position < steps; i++) {
      const next = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (next == NONE || (collapse && next == node)) continue;
      const cell = out + (<usize>(next * steps + position) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
      position++;
      node = next;
    }
    actors += <u32>(position > 0);
  }
  return actors;
}
