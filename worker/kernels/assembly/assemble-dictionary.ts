/**
 * One dictionary out of the string tables of several slices, in order of first appearance.
 *
 *   table 0: b ü a     strings numbered through all tables (*flat index*):   b ü a c a ü
 *   table 1: c a ü     firsts = flat index of the first equal string         0 1 2 3 2 1
 *                      codes  = how many firsts come before it               0 1 2 3 2 1
 *
 * `probe` finds firsts with a hash table of its *part* of the strings (chosen by hash), so that threads share nothing;
 * strings must be probed in flat order. `number` turns firsts into codes in place and copies the new strings.
 *
 *   tables   16 bytes a table: flat index of its first string, bytes, offsets, unused
 *   slots    u64: lower half of the hash, flat index + 1; 0 = free. Their number is a power of two.
 *   batch    working space of 17 KiB
 *
 * Strings are read eight bytes at a time, up to seven bytes behind their end.
 */
const BATCH: u32 = 1024;
/** In the batch behind the hashes: indexes, pointers to offsets of strings that may be equal, what keeps loads alive. */
const INDEXES: usize = 8 * 1024;
const CANDIDATES: usize = 12 * 1024;
const SUM: usize = 16 * 1024;

/** Strings `from` to `to` of a table that belong to the part; adds what is new. Returns how many it added. */
export function probe(
  tables: usize,
  tableCount: u32,
  table: u32,
  from: u32,
  to: u32,
  part: u32,
  parts: u32,
  seed: u32,
  slots: usize,
  mask: u32,
  firsts: usize,
  batch: usize,
): u32 {
  const entry = tables + ((<usize>table) << 4);
  const base = load<u32>(entry);
  const bytes: usize = load<u32>(entry, 4);
  const offsets: usize = load<u32>(entry, 8);
  let added: u32 = 0;
  let next = from;
  while (next < to) {
    let count: u32 = 0;
    while (next < to && count < BATCH) {
      const start = load<u32>(offsets + ((<usize>next) << 2));
      const hash = hashOf(bytes + start, load<u32>(offsets + ((<usize>next) << 2), 4) - start, seed);
      if ((((<u32>(hash >>> 16)) & 0xffff) * parts) >>> 16 == part) {
        store<u64>(batch + ((<usize>count) << 3), hash);
        store<u32>(batch + INDEXES + ((<usize>count) << 2), next);
        count++;
      }
      next++;
    }
    touch(tables, tableCount, batch, count, slots, mask);
    for (let k: u32 = 0; k < count; k++) {
      const index = load<u32>(batch + INDEXES + ((<usize>k) << 2));
      const start = load<u32>(offsets + ((<usize>index) << 2));
      const length = load<u32>(offsets + ((<usize>index) << 2), 4) - start;
      const hash = load<u64>(batch + ((<usize>k) << 3));
      const first = find(tables, tableCount, bytes + start, length, hash, slots, mask, base + index);
      store<u32>(firsts + ((<usize>(base + index)) << 2), first);
      if (first == base + index) added++;
    }
  }
  return added;
}

/**
 * Loads that do not depend on each other, so that their cache misses overlap: first the slots, then the offsets of the
 * strings that slots point at, then those strings. The sum keeps the loads from being left out.
 */
function touch(tables: usize, tableCount: u32, batch: usize, count: u32, slots: usize, mask: u32): void {
  let sum: u64 = 0;
  for (let k: u32 = 0; k < count; k++) sum += load<u64>(slotOf(load<u64>(batch + ((<usize>k) << 3)), slots, mask));
  for (let k: u32 = 0; k < count; k++) {
    const hash = load<u64>(batch + ((<usize>k) << 3));
    const value = load<u64>(slotOf(hash, slots, mask));
    const isCandidate = value != 0 && (value ^ (hash << 32)) >>> 32 == 0;
    const offset = isCandidate ? offsetOf(entryOf(tables, tableCount, <u32>value - 1), <u32>value - 1) : 0;
    store<u32>(batch + CANDIDATES + ((<usize>k) << 2), <u32>offset);
    if (offset != 0) sum += load<u32>(offset);
  }
  for (let k: u32 = 0; k < count; k++) {
    const offset: usize = load<u32>(batch + CANDIDATES + ((<usize>k) << 2));
    if (offset == 0) continue;
    const value = <u32>load<u64>(slotOf(load<u64>(batch + ((<usize>k) << 3)), slots, mask));
    sum += load<u8>((<usize>load<u32>(entryOf(tables, tableCount, value - 1), 4)) + load<u32>(offset));
  }
  store<u64>(batch + SUM, sum);
}

/** The table that a flat index belongs to. */
// @ts-ignore: decorator
@inline
function entryOf(tables: usize, tableCount: u32, flat: u32): usize {
  let entry = tables + ((<usize>(tableCount - 1)) << 4);
  while (load<u32>(entry) > flat) entry -= 16;
  return entry;
}

// @ts-ignore: decorator
@inline
function offsetOf(entry: usize, flat: u32): usize {
  return (<usize>load<u32>(entry, 8)) + ((<usize>(flat - load<u32>(entry))) << 2);
}

// @ts-ignore: decorator
@inline
function slotOf(hash: u64, slots: usize, mask: u32): usize {
  return slots + ((<usize>((<u32>(hash >>> 32)) & mask)) << 3);
}

/** Flat index of the first equal string; `flat` itself when there was none. */
function find(
  tables: usize,
  tableCount: u32,
  at: usize,
  length: u32,
  hash: u64,
  slots: usize,
  mask: u32,
  flat: u32,
): u32 {
  let slot = (<u32>(hash >>> 32)) & mask;
  const tag = hash << 32;
  while (true) {
    const value = load<u64>(slots + ((<usize>slot) << 3));
    if (value == 0) {
      store<u64>(slots + ((<usize>slot) << 3), tag | (<u64>flat + 1));
      return flat;
    }
    if ((value & 0xffffffff00000000) == tag) {
      const known = <u32>value - 1;
      if (isEqual(tables, tableCount, known, at, length)) return known;
    }
    slot = (slot + 1) & mask;
  }
}

function isEqual(tables: usize, tableCount: u32, flat: u32, at: usize, length: u32): bool {
  const entry = entryOf(tables, tableCount, flat);
  const offset = offsetOf(entry, flat);
  const start = load<u32>(offset);
  if (load<u32>(offset, 4) - start != length) return false;
  let other: usize = (<usize>load<u32>(entry, 4)) + start;
  const end = at + length;
  while (at + 8 <= end) {
    if (load<u64>(at) != load<u64>(other)) return false;
    at += 8;
    other += 8;
  }
  return at == end || lastBytes(at, end) == lastBytes(other, other + (end - at));
}

/** The one to seven bytes before `end`, zeroes above. */
// @ts-ignore: decorator
@inline
function lastBytes(at: usize, end: usize): u64 {
  return load<u64>(at) & ((<u64>-1) >>> (64 - (<u64>(end - at) << 3)));
}

function hashOf(at: usize, length: u32, seed: u32): u64 {
  const end = at + length;
  let hash: u64 = ((<u64>seed) << 32) ^ length;
  while (at + 8 <= end) {
    hash = mix(hash ^ load<u64>(at));
    at += 8;
  }
  if (at < end) hash = mix(hash ^ lastBytes(at, end));
  return mix(hash);
}

// @ts-ignore: decorator
@inline
function mix(value: u64): u64 {
  const product = value * 0x9e3779b97f4a7c15;
  return product ^ (product >>> 32);
}

/**
 * Strings `from` to `to` of a table: `firsts` becomes codes; a new string is appended to `outBytes`, its end to
 * `outOffsets[next + 1]`. Codes of all strings before must be there. Returns `next` after them.
 */
export function number(
  tables: usize,
  table: u32,
  from: u32,
  to: u32,
  firsts: usize,
  next: u32,
  outBytes: usize,
  outOffsets: usize,
): u32 {
  const entry = tables + ((<usize>table) << 4);
  const base = load<u32>(entry);
  const bytes: usize = load<u32>(entry, 4);
  const offsets: usize = load<u32>(entry, 8);
  let end = load<u32>(outOffsets + ((<usize>next) << 2));
  for (let i = from; i < to; i++) {
    const cell = firsts + ((<usize>(base + i)) << 2);
    const first = load<u32>(cell);
    if (first != base + i) {
      store<u32>(cell, load<u32>(firsts + ((<usize>first) << 2)));
      continue;
    }
    store<u32>(cell, next);
    const start = load<u32>(offsets + ((<usize>i) << 2));
    const length = load<u32>(offsets + ((<usize>i) << 2), 4) - start;
    copy(bytes + start, length, outBytes + end);
    end += length;
    next++;
    store<u32>(outOffsets + ((<usize>next) << 2), end);
  }
  return next;
}

/** Writes up to seven bytes behind the end. */
// @ts-ignore: decorator
@inline
function copy(from: usize, length: u32, to: usize): void {
  const end = from + length;
  while (from < end) {
    store<u64>(to, load<u64>(from));
    from += 8;
    to += 8;
  }
}
