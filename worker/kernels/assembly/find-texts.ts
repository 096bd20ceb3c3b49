/**
 * Where the texts of a small table stand in a large one (see `segment/find-strings.ts`, the twin):
 *
 *   bytes    u s r _ 7 | u s r _ 1 2 |          offsets  0 5 11    from `bytes` on
 *   heads    by hash, `headBits` of it: a wanted text + 1, 0 = none
 *   some     by hash, `someBits` of it: a bit, 1 = there is one
 *   next     by wanted text: another one of the same hash + 1
 */

/** `heads` and `some` are cleared. */
export function chainTexts(
  bytes: usize, offsets: usize, count: u32, headBits: u32, someBits: u32, heads: usize, some: usize, next: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const hash = hashEnd(bytes, offsetAt(offsets, i), offsetAt(offsets, i + 1));
    const head = heads + (<usize>(hash >>> (32 - headBits)) << 2), bit = hash >>> (32 - someBits);
    const word = some + (<usize>(bit >>> 5) << 2);
    store<u32>(next + (<usize>i << 2), load<u32>(head));
    store<u32>(head, i + 1);
    store<u32>(word, load<u32>(word) | (1 << (bit & 31)));
  }
}

/** Numbers of the texts whose bit is set, into `out`, which has room for one more than `count`. */
export function hashEnds(bytes: usize, offsets: usize, count: u32, someBits: u32, some: usize, out: usize): u32 {
  let found: u32 = 0, start = load<u32>(offsets);
  for (let i: u32 = 0; i < count; i++) {
    const end = offsetAt(offsets, i + 1), bit = hashEnd(bytes, start, end) >>> (32 - someBits);
    start = end;
    store<u32>(out + (<usize>found << 2), i);
    found += (load<u32>(some + (<usize>(bit >>> 5) << 2)) >>> (bit & 31)) & 1;
  }
  return found;
}

/** Those of `picked` that are wanted: `found`, by wanted text, gets their number from `first` on. */
export function matchTexts(
  bytes: usize, offsets: usize, picked: usize, count: u32, first: u32,
  wantedBytes: usize, wantedOffsets: usize, headBits: u32, heads: usize, next: usize, found: usize,
): void {
  for (let p: usize = 0; p < <usize>count; p++) {
    const i = load<u32>(picked + (p << 2)), start = offsetAt(offsets, i), end = offsetAt(offsets, i + 1);
    const hash = hashEnd(bytes, start, end);
    let w = load<u32>(heads + (<usize>(hash >>> (32 - headBits)) << 2));
    for (; w != 0; w = load<u32>(next + (<usize>(w - 1) << 2))) {
      const own = offsetAt(wantedOffsets, w - 1);
      if (offsetAt(wantedOffsets, w) - own == end - start && isSame(wantedBytes + <usize>own, bytes + <usize>start, end - start))
        store<u32>(found + (<usize>(w - 1) << 2), first + i);
    }
  }
}

// @ts-ignore: decorator
@inline
function offsetAt(offsets: usize, i: u32): u32 {
  return load<u32>(offsets + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, length: u32): bool {
  let left = <usize>length;
  while (left >= 8) {
    left -= 8;
    if (load<u64>(a + left) != load<u64>(b + left)) return false;
  }
  while (left > 0) {
    left--;
    if (load<u8>(a + left) != load<u8>(b + left)) return false;
  }
  return true;
}

/** Ids mostly differ at their end. */
// @ts-ignore: decorator
@inline
function hashEnd(bytes: usize, start: u32, end: u32): u32 {
  let key = end - start;
  if (key < 8) {
    for (let at = start; at < end; at++) key = key * 31 + <u32>load<u8>(bytes + <usize>at);
  } else {
    key += (load<u32>(bytes + <usize>end - 4) * 0x85ebca6b) ^ (load<u32>(bytes + <usize>end - 8) * 0xc2b2ae35);
  }
  return (key ^ (key >>> 15)) * 0x9e3779b1;
}
