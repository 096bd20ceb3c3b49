// The leaves named by one page above them, as worker/source/pages/leaf-pages.ts takes them, which is the twin.
//
//   page     05, cells (2 bytes at 3), last child (4 bytes at 8) | 2 bytes a cell: where it lies | free | cells
//   cell     child | key (varint): the largest rowid that the child may hold
//   search   u32 count, u32 ended, f64 lower, u32 seen, u32 pages, u32 uppers
//
// Invariants. What is asked of a page lies within its usable bytes. A page of the file is taken once: `seen` has a byte for
// each, so `pages` (u32) and `uppers` (f64) have room when they have it for all pages of the file.

const TAKEN: i32 = 0;
/** A key beyond 2^53. */
const LARGE_KEY: i32 = 1;
const BROKEN: i32 = 2;

const MOST: i64 = 0x1fffffffffffff;
const NO_KEY: i64 = i64.MIN_VALUE;

const COUNT: usize = 0;
const ENDED: usize = 4;
const LOWER: usize = 8;
const SEEN: usize = 16;
const PAGES: usize = 20;
const UPPERS: usize = 24;

/** Two bytes of a page. */
// @ts-expect-error: decorator of AssemblyScript
@inline
export function word(at: usize): u32 {
  return <u32>bswap<u16>(load<u16>(at));
}

/** A varint before `end`, or NO_KEY. */
function readKey(from: usize, end: usize): i64 {
  let key: i64 = 0;
  for (let at = from; at < end; at++) {
    const byte = <i64>load<u8>(at);
    if (at == from + 8) return (key << 8) | byte;
    key = (key << 7) | (byte & 0x7f);
    if (byte < 0x80) return key;
  }
  return NO_KEY;
}

function checkCells(page: usize, usable: u32, cells: u32): i32 {
  const first: u32 = 12 + cells + cells;
  if (load<u8>(page) != 5 || cells == 0 || first > usable) return BROKEN;
  for (let cell: u32 = 0; cell < cells; cell++) {
    const at = word(page + 12 + 2 * cell);
    if (at < first || at + 5 > usable) return BROKEN;
    const key = readKey(page + at + 4, page + usable);
    if (key == NO_KEY) return BROKEN;
    if (key > MOST || key < -MOST) return LARGE_KEY;
  }
  return TAKEN;
}

/** Those that can hold rowids `from` to `to`, and one more; all rowids are larger than `lower` and at most `upper`. */
export function takeLeaves(
  page: usize,
  usable: u32,
  lastPage: u32,
  lower: f64,
  upper: f64,
  from: f64,
  to: f64,
  search: usize,
): i32 {
  const cells = word(page + 3);
  const checked = checkCells(page, usable, cells);
  if (checked != TAKEN) return checked;
  let last = lower;
  for (let cell: u32 = 0; cell <= cells; cell++) {
    const at: u32 = cell == cells ? 8 : word(page + 12 + 2 * cell);
    const key = cell == cells ? upper : <f64>readKey(page + at + 4, page + usable);
    if (key < last || key > upper) return BROKEN;
    if (key >= from && (last < to || load<u32>(search, ENDED) == 0)) {
      const child = bswap<u32>(load<u32>(page + at));
      if (child - 1 >= lastPage) return BROKEN;
      const seen = <usize>load<u32>(search, SEEN) + <usize>child;
      if (load<u8>(seen) != 0) return BROKEN;
      store<u8>(seen, 1);
      take(search, child, last, key, to);
    }
    last = key;
  }
  return TAKEN;
}

function take(search: usize, child: u32, lower: f64, upper: f64, to: f64): void {
  const count = <usize>load<u32>(search, COUNT);
  if (count == 0) store<f64>(search, lower, LOWER);
  store<u32>(<usize>load<u32>(search, PAGES) + 4 * count, child);
  store<f64>(<usize>load<u32>(search, UPPERS) + 8 * count, upper);
  store<u32>(search, <u32>count + 1, COUNT);
  store<u32>(search, lower >= to ? 1 : 0, ENDED);
}
