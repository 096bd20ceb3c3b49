// Variants: the whole sequence of an actor as bytes; actors with the same sequence are one variant.
//
//   store    sequences end to end, each where it was first seen; behind them the one that is being read
//   entries  by variant | hash u32 | offset in the store u32 | length u32 | actors u32 |
//   slots    open addressing: number of a variant and one, 0 = free; at most half are taken
//   state    | variants u32 | slots - 1 (a power of two less one) u32 | bytes of the store u32 |
//
// The caller has room for twice as many slots as there can be variants, rounded up; `state` begins with few.
import { NONE } from './_events';

const SEED: u64 = 0x9e3779b97f4a7c15;
const PRIME: u64 = 0xff51afd7ed558ccd;

// @ts-ignore: decorator
@inline
function mix(hash: u64, node: u32): u64 {
  return (hash ^ <u64>(node + 1)) * PRIME;
}
// @ts-ignore: decorator
@inline
function finish(hash: u64): u32 {
  return <u32>(hash >> 32) ^ <u32>(hash >> 17);
}

function isSame(a: usize, b: usize, length: u32): bool {
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

function grow(state: usize, slots: usize, entries: usize): void {
  const mask = load<u32>(state, 4) * 2 + 1;
  store<u32>(state, mask, 4);
  memory.fill(slots, 0, <usize>(mask + 1) << 2);
  const count = load<u32>(state);
  for (let id: u32 = 1; id <= count; id++) {
    let slot = load<u32>(entries + (<usize>(id - 1) << 4)) & mask;
    while (load<u32>(slots + (<usize>slot << 2))) slot = (slot + 1) & mask;
    store<u32>(slots + (<usize>slot << 2), id);
  }
}

/** Counts the sequence that lies behind the store, and keeps it there when it is new. */
function add(hash: u32, length: u32, actors: u32, state: usize, slots: usize, entries: usize, bytes: usize): void {
  const mask = load<u32>(state, 4);
  const used = load<u32>(state, 8);
  let slot = hash & mask;
  for (;;) {
    const id = load<u32>(slots + (<usize>slot << 2));
    if (id == 0) break;
    const entry = entries + (<usize>(id - 1) << 4);
    if (load<u32>(entry) == hash && load<u32>(entry, 8) == length && isSame(bytes + load<u32>(entry, 4), bytes + used, length)) {
      store<u32>(entry, load<u32>(entry, 12) + actors, 12);
      return;
    }
    slot = (slot + 1) & mask;
  }
  const count = load<u32>(state);
  const entry = entries + (<usize>count << 4);
  store<u32>(entry, hash);
  store<u32>(entry, used, 4);
  store<u32>(entry, length, 8);
  store<u32>(entry, actors, 12);
  store<u32>(slots + (<usize>slot << 2), count + 1);
  store<u32>(state, count + 1);
  store<u32>(state, used + length, 8);
  if ((count + 1) * 2 > mask) grow(state, slots, entries);
}

/** The sequences of a slice of actors: starts, ends, bytes and table as in transitions. */
export function collect(
  starts: usize,
  ends: usize,
  first: u32,
  last: u32,
  bytes: usize,
  table: usize,
  collapse: bool,
  state: usize,
  slots: usize,
  entries: usize,
  sequences: usize,
): void {
  for (let actor = first; actor < last; actor++) {
    const to = load<u32>(ends + (<usize>actor << 2));
    const tail = sequences + load<u32>(state, 8);
    let length: u32 = 0;
    let hash = SEED;
    let node = NONE;
    for (let i = load<u32>(starts + (<usize>actor << 2)); i < to; i++) {
      const next = <u32>load<u8>(table + <usize>load<u8>(bytes + i));
      if (next == NONE || (collapse && next == node)) continue;
      store<u8>(tail + length++, next);
      hash = mix(hash, next);
      node = next;
    }
    if (length > 0) add(finish(hash), length, 1, state, slots, entries, sequences);
  }
}

/** Variants of another set: `from` = their nodes, `offsets` (one more than variants) and `actors`, u32. */
export function addAll(
  from: usize,
  offsets: usize,
  actors: usize,
  count: u32,
  state: usize,
  slots: usize,
  entries: usize,
  sequences: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const start = load<u32>(offsets + (<usize>i << 2));
    const length = load<u32>(offsets + (<usize>(i + 1) << 2)) - start;
    const tail = sequences + load<u32>(state, 8);
    let hash = SEED;
    for (let k: u32 = 0; k < length; k++) {
      const node = <u32>load<u8>(from + start + k);
      store<u8>(tail + k, node);
      hash = mix(hash, node);
    }
    add(finish(hash), length, load<u32>(actors + (<usize>i << 2)), state, slots, entries, sequences);
  }
}
