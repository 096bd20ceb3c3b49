/**
 * Rows that a source got later, in the order of its segment (see `segment/place-rows.ts`, the twin):
 *
 *   segment   actor 0: 10 20     actor 1: 5 90        codes    0 1 2     of the slice's actors
 *   rows      (1, 7) (2, 8) (0, 20)                   actorOf  1 2 0     in the segment, those from 2 on new
 *   order     2 0 1        places  2 3 4              byActor  2 0 1     codes by actor
 *
 * Invariants: codes are below `actors`, which is the length of `actorOf`, `byActor` and `next`; types below that of `typeOf`;
 * times are from the second `base` on, less than 2^32 seconds later.
 */

/** Of an actor's number, three times: more values than 32 bits have. */
const DIGIT_BITS: u32 = 11;
const DIGITS: usize = 1 << 11;

/** Codes by actor, each of an actor of its own. `spare` has room for as many, `counts` for 2^11; by digits, the last first. */
export function orderCodes(actorOf: usize, actors: u32, out: usize, spare: usize, counts: usize): void {
  for (let i: usize = 0; i < <usize>actors; i++) store<u32>(spare + (i << 2), <u32>i);
  orderByDigit(actorOf, actors, 0, spare, out, counts);
  orderByDigit(actorOf, actors, DIGIT_BITS, out, spare, counts);
  orderByDigit(actorOf, actors, 2 * DIGIT_BITS, spare, out, counts);
}

function orderByDigit(actorOf: usize, actors: u32, shift: u32, from: usize, to: usize, counts: usize): void {
  memory.fill(counts, 0, DIGITS << 2);
  for (let i: usize = 0; i < <usize>actors; i++) {
    const at = counts + (digitOf(load<u32>(actorOf + (i << 2)), shift) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let start: u32 = 0;
  for (let at = counts; at < counts + (DIGITS << 2); at += 4) {
    const count = load<u32>(at);
    store<u32>(at, start);
    start += count;
  }
  for (let i: usize = 0; i < <usize>actors; i++) {
    const code = load<u32>(from + (i << 2)), actor = load<u32>(actorOf + (<usize>code << 2));
    const at = counts + (digitOf(actor, shift) << 2), place = load<u32>(at);
    store<u32>(to + (<usize>place << 2), code);
    store<u32>(at, place + 1);
  }
}

// @ts-ignore: decorator
@inline
function digitOf(actor: u32, shift: u32): usize {
  return <usize>(actor >>> shift) & (DIGITS - 1);
}

/** Groups up to this many rows are put in order here; more of them are for a sort that is quick for many. */
const MOST_INSERTED: u32 = 64;

/**
 * By actor, time, arrival. Answers how many actors have rows that still are in order of arrival. `next`: by code, where the
 * rows of its actor end.
 */
export function orderRows(codes: usize, times: usize, rows: u32, byActor: usize, actors: u32, next: usize, order: usize): u32 {
  memory.fill(next, 0, <usize>actors << 2);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const at = next + (<usize>load<u32>(codes + (row << 2)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let end: u32 = 0;
  for (let i: usize = 0; i < <usize>actors; i++) {
    const at = next + (<usize>load<u32>(byActor + (i << 2)) << 2), count = load<u32>(at);
    store<u32>(at, end);
    end += count;
  }
  for (let row: usize = 0; row < <usize>rows; row++) {
    const at = next + (<usize>load<u32>(codes + (row << 2)) << 2), place = load<u32>(at);
    store<u32>(order + (<usize>place << 2), <u32>row);
    store<u32>(at, place + 1);
  }
  let start: u32 = 0, left: u32 = 0;
  for (let i: usize = 0; i < <usize>actors; i++) {
    const behind = load<u32>(next + (<usize>load<u32>(byActor + (i << 2)) << 2));
    if (!sortGroup(order, times, start, behind)) left++;
    start = behind;
  }
  return left;
}

// @ts-ignore: decorator
@inline
function timeOf(times: usize, row: u32): f64 {
  return load<f64>(times + (<usize>row << 3));
}

/** false = it is long and not in order. Rows ascend where times are equal: what does not move before them stays behind. */
function sortGroup(order: usize, times: usize, start: u32, end: u32): bool {
  for (let i = start + 1; i < end; i++) {
    const row = load<u32>(order + (<usize>i << 2)), time = timeOf(times, row);
    let at = i;
    while (at > start) {
      const before = load<u32>(order + (<usize>(at - 1) << 2));
      if (timeOf(times, before) <= time) break;
      if (end - start > MOST_INSERTED) return false;
      store<u32>(order + (<usize>at << 2), before);
      at--;
    }
    store<u32>(order + (<usize>at << 2), row);
  }
  return true;
}

/**
 * Rows in order as columns of the segment's form, 4 bytes a value: `out` = actors, seconds, millis, types and places, one
 * behind the other. `counts`: by type, added to. Answers how many stand at exactly the time of the event before.
 */
export function placeRows(
  order: usize, rows: u32, codes: usize, times: usize, types: usize, actorOf: usize, typeOf: usize, counts: usize, base: f64,
  offsets: usize, seconds: usize, millis: usize, known: u32, events: u32, out: usize,
): u32 {
  const column = <usize>rows << 2;
  let equal: u32 = 0, lastActor: u32 = 0xffffffff, lastPlace: u32 = 0, lastTime: u64 = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    if (i % FETCHED == 0) fetch(order, i, min(<usize>rows, i + FETCHED), codes, actorOf, offsets, seconds, millis, known, out + (i << 2));
    const row = <usize>load<u32>(order + (i << 2));
    const time = load<f64>(times + (row << 3)), whole = Math.floor(time / 1000);
    const second = <u32>(whole - base), milli = <u32>(time - whole * 1000);
    const actor = load<u32>(actorOf + (<usize>load<u32>(codes + (row << 2)) << 2));
    const type = load<u32>(typeOf + (<usize>load<u32>(types + (row << 2)) << 2));
    const stamp = (<u64>second << 16) | <u64>milli;
    const isNew = actor >= known;
    const first = isNew ? events : load<u32>(offsets + (<usize>actor << 2));
    const end = isNew ? events : load<u32>(offsets + (<usize>(actor + 1) << 2));
    const place = findPlace(seconds, millis, first, end, stamp);
    if (actor == lastActor && place == lastPlace) equal += <u32>(stamp == lastTime);
    else if (place > first) equal += <u32>(stampAt(seconds, millis, place - 1) == stamp);
    lastActor = actor;
    lastPlace = place;
    lastTime = stamp;
    const at = out + (i << 2), count = counts + (<usize>type << 2);
    store<u32>(at, actor);
    store<u32>(at + column, second);
    store<u32>(at + 2 * column, milli);
    store<u32>(at + 3 * column, type);
    store<u32>(at + 4 * column, place);
    store<u32>(count, load<u32>(count) + 1);
  }
  return equal;
}

/** Rows whose actors' last events are fetched at a time: two lines of a core's cache each. */
const FETCHED: usize = 256;

/**
 * Brings the last events of the rows' actors, which lie far apart, to the cache: here a processor waits for many of them at
 * once, where they are compared for few. `out` gets what nobody reads, so that the loads are not left out.
 */
function fetch(
  order: usize, from: usize, to: usize, codes: usize, actorOf: usize, offsets: usize, seconds: usize, millis: usize,
  known: u32, out: usize,
): void {
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const row = <usize>load<u32>(order + (i << 2));
    const actor = load<u32>(actorOf + (<usize>load<u32>(codes + (row << 2)) << 2));
    if (actor >= known) continue;
    const end = <usize>load<u32>(offsets + (<usize>(actor + 1) << 2));
    if (end > 0) sum += load<u32>(seconds + ((end - 1) << 2)) + <u32>load<u16>(millis + ((end - 1) << 1));
  }
  store<u32>(out, sum);
}

// @ts-ignore: decorator
@inline
function stampAt(seconds: usize, millis: usize, event: u32): u64 {
  return (<u64>load<u32>(seconds + (<usize>event << 2)) << 16) | <u64>load<u16>(millis + (<usize>event << 1));
}

/** Behind all events of the actor at that time or before: mostly behind all it has. */
function findPlace(seconds: usize, millis: usize, first: u32, end: u32, stamp: u64): u32 {
  let low = first, high = end;
  if (low < high && stampAt(seconds, millis, high - 1) <= stamp) return high;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (stampAt(seconds, millis, mid) > stamp) high = mid;
    else low = mid + 1;
  }
  return low;
}
