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

// @ts-ignore: decorator
@inline
function codeIn(codes: usize, width: u32, event: u32): u32 {
  if (width == 4) return load<u32>(codes + ((<usize>event) << 2));
  if (width == 2) return load<u16>(codes + ((<usize>event) << 1));
  return width == 1 ? <u32>load<u8>(codes + <usize>event) : 0;
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

// @ts-ignore: decorator
@inline
function cellMask(keys: u32): u32 {
  return keys < 4 ? 7 : (<u32>0xffff_ffff) >> clz<u32>(keys * 2 - 1);
}

/** Cell of a code: its own, or a fresh one that then is its own and holds it as out. */
function cellOf(cells: usize, mask: u32, mark: u32, index: u32, code: u32): usize {
  let at = ((code * 0x9e37_79b1) >> 7) + index * 7;
  while (true) {
    const cell = cells + ((<usize>(at & mask)) << 4);
    if (load<u32>(cell) != mark) {
      store<u32>(cell, mark);
      store<u32>(cell, index, 4);
      store<u32>(cell, code, 8);
      store<u32>(cell, 0, 12);
      return cell;
    }
    if (load<u32>(cell, 8) == code && load<u32>(cell, 4) == index) return cell;
    at++;
  }
}

function isIn(cells: usize, mask: u32, mark: u32, index: u32, code: u32): bool {
  let at = ((code * 0x9e37_79b1) >> 7) + index * 7;
  while (true) {
    const cell = cells + ((<usize>(at & mask)) << 4);
    if (load<u32>(cell) != mark) return false;
    if (load<u32>(cell, 8) == code && load<u32>(cell, 4) == index) return load<u32>(cell, 12) != 0;
    at++;
  }
}

// @ts-ignore: decorator
@inline
function isBefore(a: usize, at: f64, order: u32): bool {
  const other = load<f64>(a);
  return other < at || (other == at && load<u32>(a, 8) < order);
}

// @ts-ignore: decorator
@inline
function copyEntry(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, 8), 8);
  store<u64>(to, load<u64>(from, 16), 16);
}

function addToHeap(heap: usize, size: u32, at: f64, order: u32, index: u32, code: u32): void {
  let i = size;
  while (i > 0) {
    const parent = heap + <usize>((i - 1) >> 1) * 24;
    if (isBefore(parent, at, order)) break;
    copyEntry(heap + <usize>i * 24, parent);
    i = (i - 1) >> 1;
  }
  const entry = heap + <usize>i * 24;
  store<f64>(entry, at);
  store<u32>(entry, order, 8);
  store<u32>(entry, index, 12);
  store<u32>(entry, code, 16);
}

/** The size without the first one. */
function removeFirst(heap: usize, size: u32): u32 {
  const left = size - 1;
  const last = heap + <usize>left * 24;
  const at = load<f64>(last);
  const order = load<u32>(last, 8);
  let i: u32 = 0;
  while (true) {
    let child: u32 = 2 * i + 1;
    if (child >= left) break;
    let from = heap + <usize>child * 24;
    if (child + 1 < left && isBefore(from + 24, load<f64>(from), load<u32>(from, 8))) {
      child++;
      from += 24;
    }
    if (!isBefore(from, at, order)) break;
    copyEntry(heap + <usize>i * 24, from);
    i = child;
  }
  if (i != left) copyEntry(heap + <usize>i * 24, last);
  return left;
}

/**
 * Dues of the events of a slice that set a deadline (`opens` by symbol), as ms since the epoch into `out`: NaN where the
 * event has no text. Returns how many texts are spelled otherwise than `2024-01-31`, `2024-01-31T18:00:00`, `….123`,
 * with or without `Z`: then the caller reads them all.
 *
 * Texts lie where the first event with them was scanned, so that nearly each is a cache miss, and its offset another. In
 * three passes over a few hundred events the misses of one pass overlap; until it is read, a due's 8 bytes in `out` hold
 * where its text begins and how long it is.
 */
export function readDues(
  symbols: usize,
  from: u32,
  to: u32,
  opens: usize,
  codes: usize,
  width: u32,
  offsets: usize,
  bytes: usize,
  out: usize,
): u32 {
  let others: u32 = 0;
  for (let event = from; event < to; ) {
    let end = out;
    const limit = out + BATCH * 8;
    for (; event < to && end < limit; event++) {
      if (load<u8>(opens + <usize>load<u8>(symbols + event)) == 0) continue;
      const at = offsets + ((<usize>codeIn(codes, width, event)) << 2);
      // Code 0 has no text: one of length 0.
      const start = at == offsets ? 0 : load<u32>(at - 4);
      store<u32>(end, start);
      store<u32>(end, at == offsets ? 0 : load<u32>(at) - start, 4);
      end += 8;
    }
    for (let due = out; due < end; due += 8) {
      const length = load<u32>(due, 4);
      if (length == 0) continue;
      const text = bytes + load<u32>(due);
      // No date begins or ends beyond ASCII.
      if (((<u32>load<u8>(text) | <u32>load<u8>(text + length - 1)) & 128) != 0) store<u32>(due, 1, 4);
    }
    for (; out < end; out += 8) {
      const length = load<u32>(out, 4);
      const due = length == 0 ? NaN : parseInstant(bytes + load<u32>(out), length);
      if (length != 0 && isNaN(due)) others++;
      store<f64>(out, due);
    }
  }
  return others;
}
const BATCH: usize = 512;

/** Two digits; 256 and more where one is none. */
// @ts-ignore: decorator
@inline
function two(at: usize): u32 {
  const tens: u32 = <u32>load<u8>(at) - 48;
  const ones: u32 = <u32>load<u8>(at, 1) - 48;
  return tens > 9 || ones > 9 ? 256 : tens * 10 + ones;
}

/** NaN for every spelling but the usual ones. */
function parseInstant(at: usize, length: u32): f64 {
  if (length < 10 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) return NaN;
  const century = two(at);
  const yearOfCentury = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  if ((century | yearOfCentury) > 255 || month - 1 > 11 || day - 1 > 30) return NaN;
  const year = century * 100 + yearOfCentury;
  if (day > 28 && day > daysOf(year, month)) return NaN;
  const days = daysSinceEpoch(year, month, day);
  if (length == 10) return <f64>days * 86400000;
  // `T18:00:00`, a fraction, a `Z`
  const separator = load<u8>(at, 10);
  if (length < 19 || (separator != 0x54 && separator != 0x20)) return NaN;
  if (load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return NaN;
  const hour = two(at + 11);
  const minute = two(at + 14);
  const second = two(at + 17);
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  const end = load<u8>(at + length - 1) == 0x5a ? length - 1 : length;
  let ms: u32 = 0;
  if (end == 23) {
    const hundreds: u32 = <u32>load<u8>(at, 20) - 48;
    const rest = two(at + 21);
    if (load<u8>(at, 19) != 0x2e || hundreds > 9 || rest > 99) return NaN;
    ms = hundreds * 100 + rest;
  } else if (end != 19) return NaN;
  return <f64>days * 86400000 + <f64>(((hour * 60 + minute) * 60 + second) * 1000 + ms);
}

// @ts-ignore: decorator
@inline
function daysOf(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Of the Gregorian calendar, with years that begin in March. */
// @ts-ignore: decorator
@inline
function daysSinceEpoch(year: u32, month: u32, day: u32): i32 {
  const shifted: i32 = <i32>year + 400 - (month <= 2 ? 1 : 0);
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (<i32>month + (month > 2 ? -3 : 9)) + 2) / 5 + <i32>day - 1;
  return (era - 1) * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}
