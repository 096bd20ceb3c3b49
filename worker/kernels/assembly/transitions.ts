// Transitions: each event and the next of the same actor, counted by (from, to).
//
//   starts/ends  the events of an actor inside the range
//   bytes/table  node of an event = table[bytes[event]], NONE = no node
//   cells        width * width of 16 bytes, by from * width + to:
//
//                | count u32 | actors u32 | last actor + 1 u32 | - |
//
// Actors come in order, so whether an actor is new in a cell is told by the last one seen there. `width` is the number of
// nodes and two: the boundary nodes come last. A node that repeats in a row is one with `collapse`, and has its last time.
import { countBits } from './_count-bits';
import { NONE, addOne, msBetween } from './_events';

// @ts-ignore: decorator
@inline
function count(cell: usize, actor: u32): void {
  store<u32>(cell, load<u32>(cell) + 1);
  const isNew = load<u32>(cell, 8) != actor + 1;
  store<u32>(cell, load<u32>(cell, 4) + <u32>isNew, 4);
  store<u32>(cell, actor + 1, 8);
}

/** Returns the number of actors with at least one node. */
export function tally(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  width: u32,
  cells: usize,
  collapse: bool,
  boundary: bool,
): u32 {
  let actors: u32 = 0;
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let from: u32 = NONE;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const node = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (node == NONE || (collapse && node == from)) continue;
      if (from != NONE) count(cells + <usize>(from * width + node) * 16, actor);
      else if (boundary) count(cells + <usize>((width - 2) * width + node) * 16, actor);
      from = node;
    }
    if (from == NONE) continue;
    actors++;
    if (boundary) count(cells + <usize>(from * width + width - 1) * 16, actor);
  }
  return actors;
}

/** Adds the milliseconds of every step to `totals`, i64 by from * width + to. */
export function addTimes(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  width: u32,
  totals: usize,
  collapse: bool,
  seconds: usize,
  millis: usize,
): void {
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    let from: u32 = NONE;
    let node: u32 = NONE;
    // Last events of the node before and of the current one: a step's time is known when the node it leads to is over.
    let before: u32 = 0;
    let at: u32 = 0;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const next = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (next == NONE) continue;
      if (!collapse || next != node) {
        if (from != NONE) addTime(totals, from * width + node, msBetween(seconds, millis, before, at));
        from = node;
        before = at;
        node = next;
      }
      at = i;
    }
    if (from != NONE) addTime(totals, from * width + node, msBetween(seconds, millis, before, at));
  }
}

// @ts-ignore: decorator
@inline
function addTime(totals: usize, edge: u32, ms: i64): void {
  const total = totals + (<usize>edge << 3);
  store<i64>(total, load<i64>(total) + ms);
}

// Few nodes: no more than eight, no event left out. Then the edges of an actor are bits of a u64, `from * 8 + to`, and events
// are counted four at a time:
//
//   codes        2 0 0 3 1               four codes of 4 bits, 15 = behind the actor's last event
//   windows      [2 0 0 3] [3 1 . .]     each begins with the last event of the one before: three edges a window
//
// What a window's edges are is asked once, by `windows`, which has 16 bytes for each of the 65,536:
//
//                | its edges u64 | how often it occurred u32 | - |
//
// so counts of edges are sums over windows. An actor's edges are the windows' together; they are `masks` (u64 by actor of
// the slice), and how many actors have an edge is how many masks have its bit (_count-bits). Actors with up to seven events
// take no branch; the others are put down in `long` (u32) and come after.

/** Counts a window, the low half of `codes`; returns its edges. */
// @ts-ignore: decorator
@inline
function addWindow(windows: usize, at: u64): u64 {
  const window = windows + ((<usize>at & 0xffff) << 4);
  store<u32>(window, load<u32>(window, 8) + 1, 8);
  return load<u64>(window);
}

/** Two windows: up to seven events from `from` on, of which `left` are the actor's. */
// @ts-ignore: decorator
@inline
function addBlock(bytes: usize, from: u32, left: u32, windows: usize): u64 {
  const codes = load<u64>(bytes + from) | (<u64>0x0f0f_0f0f_0f0f_0f0f << (<u64>min<u32>(left, 7) << 3));
  const pairs = codes | (codes >> 12);
  return addWindow(windows, pairs) | addWindow(windows, pairs >> 24);
}

/** `counts` = actors by edge, u32. Up to 120 bytes behind `masks` are overwritten. Returns the actors with an event. */
export function tallyFew(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  windows: usize,
  masks: usize,
  long: usize,
  counts: usize,
): u32 {
  let actors: u32 = 0;
  let longs: usize = 0;
  for (let actor = first; actor < last; actor++) {
    const from = load<u32>(starts + (<usize>actor << 2));
    // Where the range ends before it begins, ends come before starts.
    const length = <u32>max<i32>(<i32>load<u32>(ends + (<usize>actor << 2)) - <i32>from, 0);
    store<u64>(masks + (<usize>(actor - first) << 3), addBlock(bytes, from, length, windows));
    store<u32>(long + (longs << 2), actor);
    longs += <usize>(length > 7);
    actors += <u32>(length > 0);
  }
  for (let i: usize = 0; i < longs; i++) {
    const actor = load<u32>(long + (i << 2));
    const mask = masks + (<usize>(actor - first) << 3);
    const to = load<u32>(ends + (<usize>actor << 2));
    let edges = load<u64>(mask);
    for (let at = load<u32>(starts + (<usize>actor << 2)) + 6; at + 1 < to; at += 6) {
      edges |= addBlock(bytes, at, to - at, windows);
    }
    store<u64>(mask, edges);
  }
  // The list of the long ones is not needed any more.
  countBits(masks, last - first, long, counts);
  return actors;
}

/** Actors by the code of their first and of their last event: 16 of u32 each, one behind the other. */
export function tallyEnds(starts: usize, ends: usize, first: u32, last: u32, bytes: usize, counts: usize): void {
  for (let actor = first; actor < last; actor++) {
    const from = load<u32>(starts + (<usize>actor << 2));
    const to = load<u32>(ends + (<usize>actor << 2));
    if (from >= to) continue;
    addOne(counts + (<usize>load<u8>(bytes + from) << 2));
    addOne(counts + 64 + (<usize>load<u8>(bytes + to - 1) << 2));
  }
}

