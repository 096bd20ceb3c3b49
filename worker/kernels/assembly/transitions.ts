// Transitions: each event and the next of the same actor, counted by (from, to).
//
//   starts/ends  the events of an actor inside the range
//   bytes/table  node of an event = table[bytes[event]], NONE = no node
//   cells        width * width of 24 bytes, by from * width + to:
//
//                | count u32 | actors u32 | last actor + 1 u32 | - | total milliseconds i64 |
//
// Actors come in order, so whether an actor is new in a cell is told by the last one seen there. `width` is the number of
// nodes and two: the boundary nodes come last. A node that repeats in a row is one with `collapse`, and has its last time.
import { NONE, msBetween } from './_events';

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
      if (from != NONE) count(cells + <usize>(from * width + node) * 24, actor);
      else if (boundary) count(cells + <usize>((width - 2) * width + node) * 24, actor);
      from = node;
    }
    if (from == NONE) continue;
    actors++;
    if (boundary) count(cells + <usize>(from * width + width - 1) * 24, actor);
  }
  return actors;
}

/** Adds the milliseconds of every step to its cell. */
export function addTimes(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  width: u32,
  cells: usize,
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
        if (from != NONE) addTime(cells, from * width + node, msBetween(seconds, millis, before, at));
        from = node;
        before = at;
        node = next;
      }
      at = i;
    }
    if (from != NONE) addTime(cells, from * width + node, msBetween(seconds, millis, before, at));
  }
}

// @ts-ignore: decorator
@inline
function addTime(cells: usize, edge: u32, ms: i64): void {
  const cell = cells + <usize>edge * 24;
  store<i64>(cell, load<i64>(cell, 16) + ms, 16);
}
