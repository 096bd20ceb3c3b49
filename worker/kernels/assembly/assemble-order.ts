/**
 * Indexes of strings in the order of their UTF-16 code units, from their UTF-8: seven bytes a round.
 *
 *   round 0   user-00|  user-00|  ürs  z       the first seven bytes and how many are left decide between most;
 *   round 1   17        3                      *runs* of equal ones that go on are sorted by their next seven, and so on
 *
 * A key is those seven bytes as a number, first byte highest, zeroes behind the end, and in its lowest byte how many bytes
 * are left, 8 at most: a text comes before a longer one that begins with it. UTF-8 sorts as code points do, UTF-16 has
 * U+10000 and above (first byte F0 to F4) before U+E000 to U+FFFF (EE, EF): these two become FE and FF, which no text has.
 * Where two texts first differ, both are at a first byte or both inside a letter, so bytes may be compared one by one.
 */
const GOES_ON: u64 = 8;
const SMALL: u32 = 24;

/**
 * Sorts the runs `fromRun` to `toRun` (u32 pairs: first place, end) of `order` by the bytes from `depth` on. Appends the
 * runs that need another round to `nextRuns` from number `next` on; returns their number then. `keys`, `spareKeys` (u64 a
 * string), `spareOrder` (u32 a string) and `counts` (1 KiB) are working space.
 */
export function sortRuns(
  bytes: usize,
  offsets: usize,
  order: usize,
  runs: usize,
  fromRun: u32,
  toRun: u32,
  depth: u32,
  keys: usize,
  spareKeys: usize,
  spareOrder: usize,
  counts: usize,
  nextRuns: usize,
  next: u32,
): u32 {
  for (let run = fromRun; run < toRun; run++) {
    const from = load<u32>(runs + ((<usize>run) << 3));
    const to = load<u32>(runs + ((<usize>run) << 3), 4);
    const varying = readKeys(bytes, offsets, order, from, to, depth, keys);
    if (to - from <= SMALL) insertionSort(keys, order, from, to);
    else radixSort(keys, order, spareKeys, spareOrder, counts, from, to, varying);
    for (let i = from; i < to;) {
      const key = load<u64>(keys + ((<usize>i) << 3));
      let end = i + 1;
      while (end < to && load<u64>(keys + ((<usize>end) << 3)) == key) end++;
      if (end - i > 1 && (key & 0xff) == GOES_ON) {
        store<u32>(nextRuns + ((<usize>next) << 3), i);
        store<u32>(nextRuns + ((<usize>next) << 3), end, 4);
        next++;
      }
      i = end;
    }
  }
  return next;
}

/** Returns the bits in which keys differ. */
function readKeys(bytes: usize, offsets: usize, order: usize, from: u32, to: u32, depth: u32, keys: usize): u64 {
  let varying: u64 = 0;
  let first: u64 = 0;
  for (let i = from; i < to; i++) {
    const string: usize = load<u32>(order + ((<usize>i) << 2));
    const start = load<u32>(offsets + (string << 2));
    const length = load<u32>(offsets + (string << 2), 4) - start;
    const key = length > depth ? keyOf(bytes + start + depth, length - depth) : 0;
    store<u64>(keys + ((<usize>i) << 3), key);
    if (i == from) first = key;
    varying |= key ^ first;
  }
  return varying;
}

function keyOf(at: usize, left: u32): u64 {
  const shown = <u64>min<u32>(left, 7);
  // Bytes behind the end are cut off: there are at least 16 in the memory.
  let text = (bswap<u64>(load<u64>(at)) >>> 8) & ((<u64>-1) << ((7 - shown) << 3));
  if ((text & 0x80808080808080) != 0) text = liftPrivate(text);
  return (text << 8) | <u64>min<u32>(left, 8);
}

function liftPrivate(text: u64): u64 {
  let lifted: u64 = 0;
  for (let shift: u64 = 0; shift < 56; shift += 8) {
    const byte = (text >>> shift) & 0xff;
    lifted |= (byte == 0xee || byte == 0xef ? byte + 0x10 : byte) << shift;
  }
  return lifted;
}

function insertionSort(keys: usize, order: usize, from: u32, to: u32): void {
  for (let i = from + 1; i < to; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    const string = load<u32>(order + ((<usize>i) << 2));
    let at = i;
    while (at > from) {
      const before = load<u64>(keys + ((<usize>(at - 1)) << 3));
      if (before <= key) break;
      store<u64>(keys + ((<usize>at) << 3), before);
      store<u32>(order + ((<usize>at) << 2), load<u32>(order + ((<usize>(at - 1)) << 2)));
      at--;
    }
    store<u64>(keys + ((<usize>at) << 3), key);
    store<u32>(order + ((<usize>at) << 2), string);
  }
}

/** By the bytes that vary, lowest first; each pass is stable. */
function radixSort(
  keys: usize,
  order: usize,
  spareKeys: usize,
  spareOrder: usize,
  counts: usize,
  from: u32,
  to: u32,
  varying: u64,
): void {
  let inKeys = keys;
  let inOrder = order;
  let outKeys = spareKeys;
  let outOrder = spareOrder;
  for (let shift: u64 = 0; shift < 64; shift += 8) {
    if (((varying >>> shift) & 0xff) == 0) continue;
    countBytes(inKeys, from, to, shift, counts);
    for (let i = from; i < to; i++) {
      const key = load<u64>(inKeys + ((<usize>i) << 3));
      const count = counts + ((<usize>((key >>> shift) & 0xff)) << 2);
      const place: usize = load<u32>(count);
      store<u32>(count, <u32>place + 1);
      store<u64>(outKeys + (place << 3), key);
      store<u32>(outOrder + (place << 2), load<u32>(inOrder + ((<usize>i) << 2)));
    }
    const keysThen = inKeys;
    const orderThen = inOrder;
    inKeys = outKeys;
    inOrder = outOrder;
    outKeys = keysThen;
    outOrder = orderThen;
  }
  if (inKeys == keys) return;
  memory.copy(keys + ((<usize>from) << 3), inKeys + ((<usize>from) << 3), (<usize>(to - from)) << 3);
  memory.copy(order + ((<usize>from) << 2), inOrder + ((<usize>from) << 2), (<usize>(to - from)) << 2);
}

/** `counts` becomes the first place of each byte. */
function countBytes(keys: usize, from: u32, to: u32, shift: u64, counts: usize): void {
  memory.fill(counts, 0, 1024);
  for (let i = from; i < to; i++) {
    const count = counts + ((<usize>((load<u64>(keys + ((<usize>i) << 3)) >>> shift) & 0xff)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let place = from;
  for (let byte: usize = 0; byte < 256; byte++) {
    const count = load<u32>(counts + (byte << 2));
    store<u32>(counts + (byte << 2), place);
    place += count;
  }
}
