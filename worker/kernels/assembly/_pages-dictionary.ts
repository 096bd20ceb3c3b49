import {
  ARENA,
  ARENA_CAPACITY,
  ARENA_LENGTH,
  BYTES,
  CODES,
  COUNT,
  ENTRIES,
  ENTRY_CAPACITY,
  FIRST_CODE,
  GROUP_KEYS,
  NO_VALUE,
  PENDING,
  SLOTS,
  SLOT_MASK,
} from './_pages-state';

// A dictionary: open addressing over strings of any length.
//
//   slots    8 bytes   0 = free, else tag (upper half of the hash) | id + 1
//   entries 16 bytes   up to 15 bytes long:  the bytes, zeros, length in the last byte
//                      longer:               hash | pointer into the arena | length (24 bits) | 0xff
//   arena              bytes of the longer ones
//
// A key of a group looks like an entry; its pointer goes into the page it was read from. Two short strings are equal when
// their 16 bytes are. At most half the slots are taken, so every probe ends.

const SHORT: u32 = 15;
const LONG: u64 = 0xff << 56;
const NULL_KEY: u64 = 0xfe << 56;

// @ts-expect-error: decorator of AssemblyScript
@inline
function mix(h: u64, v: u64): u64 {
  const x = (h ^ v) * 0xff51afd7ed558ccd;
  return x ^ (x >> 32);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function hashOf(a: u64, b: u64): u64 {
  // Of a long one the pointer is no part of its identity.
  const tail = b >= LONG ? b & 0xffffffff00000000 : b;
  return mix(mix(0x9e3779b97f4a7c15, a), tail);
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function low(bytes: u32): u64 {
  return bytes == 0 ? 0 : 0xffffffffffffffff >> (<u64>(64 - 8 * bytes));
}

/** Writes the key of the string at `at` (null: NO_VALUE) into the group; up to 7 bytes behind it are read. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function putKey(column: usize, row: u32, at: usize, length: u32): void {
  const key = <usize>load<u32>(column, GROUP_KEYS) + 16 * row;
  if (length <= 8) {
    store<u64>(key, load<u64>(at) & low(length));
    store<u64>(key, (<u64>length) << 56, 8);
  } else if (length <= SHORT) {
    store<u64>(key, load<u64>(at));
    store<u64>(key, (load<u64>(at, 8) & low(length - 8)) | ((<u64>length) << 56), 8);
  } else putOther(column, key, at, length);
}

function putOther(column: usize, key: usize, at: usize, length: u32): void {
  if (length == NO_VALUE) {
    store<u64>(key, 0);
    store<u64>(key, NULL_KEY, 8);
    return;
  }
  let hash: u64 = length;
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) hash = mix(hash, load<u64>(at + i));
  store<u64>(key, mix(hash, load<u64>(at + length - 8)));
  store<u64>(key, LONG | ((<u64>length) << 32) | (<u64>at), 8);
  store<u32>(column, load<u32>(column, PENDING) + length, PENDING);
}

function equals(entry: usize, a: u64, b: u64): bool {
  if (load<u64>(entry) != a) return false;
  const other = load<u64>(entry, 8);
  if (b < LONG) return other == b;
  if (other >> 32 != b >> 32) return false;
  return memory.compare(<usize>(<u32>other), <usize>(<u32>b), <usize>((b >> 32) & 0xffffff)) == 0;
}

/** Codes of the first `rows` keys of the group, from code `at` of the chunk on. False = the dictionary has no room. */
export function internGroup(column: usize, at: u32, rows: u32, tags: usize, touched: usize): bool {
  const pending = load<u32>(column, PENDING);
  if (load<u32>(column, COUNT) + rows > load<u32>(column, ENTRY_CAPACITY)) return false;
  if (load<u32>(column, ARENA_LENGTH) + pending > load<u32>(column, ARENA_CAPACITY)) return false;
  const slots = <usize>load<u32>(column, SLOTS);
  const mask = load<u32>(column, SLOT_MASK);
  const entries = <usize>load<u32>(column, ENTRIES);
  const keys = <usize>load<u32>(column, GROUP_KEYS);
  const codes = <usize>load<u32>(column, CODES) + 4 * at;
  const first = load<u32>(column, FIRST_CODE);
  for (let i: u32 = 0; i < rows; i++) {
    const hash = hashOf(load<u64>(keys + 16 * i), load<u64>(keys + 16 * i, 8));
    store<u32>(codes + 4 * i, <u32>hash & mask);
    store<u32>(tags + 4 * i, <u32>(hash >> 32));
  }
  // Independent loads: their misses overlap. First the slots, then the entries they name.
  let seen: u64 = 0;
  for (let i: u32 = 0; i < rows; i++) seen ^= load<u64>(slots + 8 * load<u32>(codes + 4 * i));
  for (let i: u32 = 0; i < rows; i++) {
    let slot = load<u32>(codes + 4 * i);
    const tag = load<u32>(tags + 4 * i);
    let held = load<u64>(slots + 8 * slot);
    while (held != 0 && <u32>(held >> 32) != tag) {
      slot = (slot + 1) & mask;
      held = load<u64>(slots + 8 * slot);
    }
    seen ^= load<u64>(entries + 16 * <usize>(<u32>held));
    store<u32>(codes + 4 * i, <u32>held);
  }
  store<u32>(touched, <u32>seen);
  for (let i: u32 = 0; i < rows; i++) {
    const a = load<u64>(keys + 16 * i);
    const b = load<u64>(keys + 16 * i, 8);
    const found = load<u32>(codes + 4 * i);
    // Entry 0 is never used: id + 1 counts from 1.
    if (found != 0 && b < LONG && load<u64>(entries + 16 * found) == a && load<u64>(entries + 16 * found, 8) == b)
      store<u32>(codes + 4 * i, found - 1 + first);
    else if (b == NULL_KEY) store<u32>(codes + 4 * i, 0);
    else store<u32>(codes + 4 * i, findOrAdd(column, slots, mask, entries, a, b) - 1 + first);
  }
  store<u32>(column, 0, PENDING);
  return true;
}

function findOrAdd(column: usize, slots: usize, mask: u32, entries: usize, a: u64, b: u64): u32 {
  const hash = hashOf(a, b);
  const tag = <u32>(hash >> 32);
  let slot = <u32>hash & mask;
  for (;;) {
    const held = load<u64>(slots + 8 * slot);
    if (held == 0) break;
    if (<u32>(held >> 32) == tag && equals(entries + 16 * <usize>(<u32>held), a, b)) return <u32>held;
    slot = (slot + 1) & mask;
  }
  const id = load<u32>(column, COUNT) + 1;
  store<u32>(column, id, COUNT);
  store<u64>(slots + 8 * slot, ((<u64>tag) << 32) | (<u64>id));
  const entry = entries + 16 * <usize>id;
  const length = b >= LONG ? <u32>(b >> 32) & 0xffffff : <u32>(b >> 56);
  store<u32>(column, load<u32>(column, BYTES) + length, BYTES);
  store<u64>(entry, a);
  store<u64>(entry, b >= LONG ? (b & 0xffffffff00000000) | (<u64>keep(column, <usize>(<u32>b), length)) : b, 8);
  return id;
}

/** Copies a long string into the arena, where it stays. */
function keep(column: usize, from: usize, length: u32): u32 {
  const used = load<u32>(column, ARENA_LENGTH);
  const to = load<u32>(column, ARENA) + used;
  memory.copy(<usize>to, from, length);
  store<u32>(column, used + length, ARENA_LENGTH);
  return to;
}

/** Moves to larger (zeroed) slots and entries. Arenas are only ever replaced: what lies in the old one stays. */
export function moveDictionary(column: usize, slots: usize, mask: u32, entries: usize, capacity: u32): void {
  const count = load<u32>(column, COUNT);
  memory.copy(entries, <usize>load<u32>(column, ENTRIES), 16 * (<usize>count + 1));
  for (let id: u32 = 1; id <= count; id++) {
    const hash = hashOf(load<u64>(entries + 16 * id), load<u64>(entries + 16 * id, 8));
    let slot = <u32>hash & mask;
    while (load<u64>(slots + 8 * slot) != 0) slot = (slot + 1) & mask;
    store<u64>(slots + 8 * slot, ((hash >> 32) << 32) | (<u64>id));
  }
  store<u32>(column, <u32>slots, SLOTS);
  store<u32>(column, mask, SLOT_MASK);
  store<u32>(column, <u32>entries, ENTRIES);
  store<u32>(column, capacity, ENTRY_CAPACITY);
}

/** All strings end to end with their offsets: a StringTable. 1 = some byte lies beyond ASCII. */
export function exportDictionary(column: usize, bytes: usize, offsets: usize): u32 {
  const entries = <usize>load<u32>(column, ENTRIES);
  const count = load<u32>(column, COUNT);
  let at: u32 = 0;
  let high: u64 = 0;
  for (let id: u32 = 1; id <= count; id++) {
    const entry = entries + 16 * id;
    const b = load<u64>(entry, 8);
    const long = b >= LONG;
    const length = long ? <u32>(b >> 32) & 0xffffff : <u32>(b >> 56);
    const from = long ? <usize>(<u32>b) : entry;
    memory.copy(bytes + at, from, length);
    if (!long) high |= load<u64>(entry) | (b & 0xffffffffffffff);
    at += length;
    store<u32>(offsets + 4 * id, at);
  }
  if ((high & 0x8080808080808080) != 0) return 1;
  for (let i: u32 = 0; i < at; i++) if (load<u8>(bytes + i) >= 0x80) return 1;
  return 0;
}
