// How often each bit is set in many masks, without looking at bits one by one: counters stand upright, bit k of the counter
// of bit b is bit b of plane k, and a full adder adds to 128 counters at once.
//
//   masks        011 010 110      planes   4: 000   →   counts  3 (bit 1), 1 (bit 0), 1 (bit 2)
//                                          2: 010
//                                          1: 111
//
// Two masks of 64 bits are added at a time, so a bit has two counters; they are summed at the end.

/** Planes beyond the first three: enough for 2^20 masks. */
const PLANES: usize = 18;
/** Working space of `countBits`. */
export const COUNT_BITS_ROOM: usize = PLANES * 16;

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}
// @ts-ignore: decorator
@inline
function carry(a: v128, b: v128, c: v128): v128 {
  return v128.bitselect(c, a, v128.xor(a, b));
}

/** Adds to `counts` (u32 by bit) the bits of `length` masks (u64, up to 2^20); up to 15 behind them are overwritten. */
export function countBits(masks: usize, length: u32, room: usize, counts: usize): void {
  const end = masks + (<usize>length << 3);
  memory.fill(end, 0, 120);
  memory.fill(room, 0, COUNT_BITS_ROOM);
  let ones = i64x2.splat(0);
  let twos = ones;
  let fours = ones;
  for (let at = masks; at < end; at += 128) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const two1 = carry(ones, a, b);
    ones = add(ones, a, b);
    const two2 = carry(ones, c, d);
    ones = add(ones, c, d);
    const four1 = carry(twos, two1, two2);
    twos = add(twos, two1, two2);
    const e = v128.load(at, 64);
    const f = v128.load(at, 80);
    const g = v128.load(at, 96);
    const h = v128.load(at, 112);
    const two3 = carry(ones, e, f);
    ones = add(ones, e, f);
    const two4 = carry(ones, g, h);
    ones = add(ones, g, h);
    const four2 = carry(twos, two3, two4);
    twos = add(twos, two3, two4);
    let eights = carry(fours, four1, four2);
    fours = add(fours, four1, four2);
    for (let plane = room; v128.any_true(eights); plane += 16) {
      const old = v128.load(plane);
      v128.store(plane, v128.xor(old, eights));
      eights = v128.and(old, eights);
    }
  }
  addPlane(ones, 0, counts);
  addPlane(twos, 1, counts);
  addPlane(fours, 2, counts);
  for (let k: usize = 0; k < PLANES; k++) addPlane(v128.load(room + (k << 4)), <u32>k + 3, counts);
}

function addPlane(plane: v128, weight: u32, counts: usize): void {
  if (!v128.any_true(plane)) return;
  const low = v128.extract_lane<u64>(plane, 0);
  const high = v128.extract_lane<u64>(plane, 1);
  for (let bit: u64 = 0; bit < 64; bit++) {
    const counter = counts + (<usize>bit << 2);
    const n = <u32>((low >> bit) & 1) + <u32>((high >> bit) & 1);
    store<u32>(counter, load<u32>(counter) + (n << weight));
  }
}
