// Counts of a slice of a journey's changes (kernels/assembly/journey.ts writes them): what worker/compute/journey-log-count.ts
// counts where no list of times is wanted.
//
//   actor     0                   1
//   ends      3                   5               changes up to and with an actor, counted from the first of the slice
//   times     0     3       14    2    9          f64, ms
//   states    Lead  Customer Churn 0   Lead       u8; 0 = seen for the first time, in no state yet
//
//   bounds    f64: from, to (both inclusive), end of the data, end of the intervals, intervals a ms
//   starts    f64 an interval, ascending
//   cells     i32, one table after the other, all zero before the first slice:
//             sizes [state] | moves [pair] | actors of moves [pair] | nodes, stays, goings on [step, state] each |
//             edges [step, pair] | growth [interval, state]
//   made      u32 a pair: the number of the actor who made it last. Actors are numbered from `number` on, never 0.
//
// Invariants: states are below `width`; a pair is from * width + to; a slice holds whole actors.

// @ts-ignore: decorator
@inline
function add(cells: usize, at: u32, by: i32): void {
  const cell = cells + ((<usize>at) << 2);
  store<i32>(cell, load<i32>(cell) + by);
}

// @ts-ignore: decorator
@inline
function timeAt(times: usize, i: u32): f64 {
  return load<f64>(times + ((<usize>i) << 3));
}

/** The interval of a moment: the first for what comes before all; `count` = it comes after them. */
// @ts-ignore: decorator
@inline
function intervalOf(time: f64, starts: usize, count: u32, end: f64, density: f64): u32 {
  const first = load<f64>(starts);
  if (time < first) return 0;
  if (time >= end) return count;
  let at = min<u32>(<u32>((time - first) * density), count - 1);
  while (timeAt(starts, at) > time) at--;
  while (at + 1 < count && timeAt(starts, at + 1) <= time) at++;
  return at;
}

/** Returns how many actors have a change by the end of the data. */
export function countChanges(
  times: usize,
  states: usize,
  ends: usize,
  actors: u32,
  number: u32,
  bounds: usize,
  starts: usize,
  intervals: u32,
  width: u32,
  maxSteps: u32,
  cells: usize,
  made: usize,
): u32 {
  const from = load<f64>(bounds);
  const to = load<f64>(bounds, 8);
  const endOfData = load<f64>(bounds, 16);
  const endOfIntervals = load<f64>(bounds, 24);
  const density = load<f64>(bounds, 32);
  const pairs = width * width;
  const moves = cells + ((<usize>width) << 2);
  const moveActors = moves + ((<usize>pairs) << 2);
  const nodes = moveActors + ((<usize>pairs) << 2);
  const stays = nodes + ((<usize>(maxSteps * width)) << 2);
  const goings = stays + ((<usize>(maxSteps * width)) << 2);
  const edges = goings + ((<usize>(maxSteps * width)) << 2);
  const growth = edges + ((<usize>(maxSteps * pairs)) << 2);
  const hasPaths = from <= to;
  let counted: u32 = 0;
  let begin: u32 = 0;
  for (let actor: u32 = 0; actor < actors; actor++) {
    const limit = load<u32>(ends + ((<usize>actor) << 2));
    let end = limit;
    while (end > begin && timeAt(times, end - 1) > endOfData) end--;
    if (end == begin) {
      begin = limit;
      continue;
    }
    counted++;
    add(cells, load<u8>(states + end - 1), 1);
    // A first change into no state is none to a count.
    const first = load<u8>(states + begin) == 0 ? begin + 1 : begin;
    let state: u32 = 0;
    for (let i = first; i < end; i++) {
      const next: u32 = load<u8>(states + i);
      const time = timeAt(times, i);
      if (time >= from && time <= to) {
        const pair = state * width + next;
        add(moves, pair, 1);
        const last = made + ((<usize>pair) << 2);
        if (load<u32>(last) != number + actor) {
          store<u32>(last, number + actor);
          add(moveActors, pair, 1);
        }
      }
      if (intervals != 0) {
        const interval = intervalOf(time, starts, intervals, endOfIntervals, density);
        if (interval < intervals) {
          if (state != 0) add(growth, interval * width + state, -1);
          add(growth, interval * width + next, 1);
        }
      }
      state = next;
    }
    begin = limit;
    if (!hasPaths) continue;
    let head = first;
    while (head + 1 < end && timeAt(times, head + 1) < from) head++;
    while (end > head && timeAt(times, end - 1) > to) end--;
    for (let i = head; i < end && i - head < maxSteps; i++) {
      const node = (i - head) * width + <u32>load<u8>(states + i);
      add(nodes, node, 1);
      if (i + 1 == end) add(stays, node, 1);
      else if (i - head + 1 == maxSteps) add(goings, node, 1);
      else add(edges, node * width + <u32>load<u8>(states + i, 1), 1);
    }
  }
  return counted;
}
