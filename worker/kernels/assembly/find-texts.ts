/**
 * Which of some texts may be among those looked for (see `segment/find-strings.ts`, the twin of the hash):
 *
 *   bytes    u s r _ 7 | u s r _ 1 2 |          offsets  0 5 11    from `bytes` on
 *   some     a bit for each hash: 1 = a text of this hash is looked for
 *   out      numbers of texts whose bit is 1, and room for one more
 */
export function hashEnds(bytes: usize, offsets: usize, count: u32, bits: u32, some: usize, out: usize): u32 {
  let found: u32 = 0, start = load<u32>(offsets);
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u32>(offsets + (<usize>(i + 1) << 2));
    const hash = hashEnd(bytes, start, end) >>> (32 - bits);
    start = end;
    store<u32>(out + (<usize>found << 2), i);
    found += (load<u32>(some + (<usize>(hash >>> 5) << 2)) >>> (hash & 31)) & 1;
  }
  return found;
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
