// Sets of codes and the heap of deadlines, of one actor at a time (see journey.ts for cells and heap).

// @ts-ignore: decorator
@inline
export function cellMask(keys: u32): u32 {
  return keys < 4 ? 7 : (<u32>0xffff_ffff) >> clz<u32>(keys * 2 - 1);
}

/** Cell of a code: its own, or a fresh one that then is its own and holds it as out. */
export function cellOf(cells: usize, mask: u32, mark: u32, index: u32, code: u32): usize {
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

export function isIn(cells: usize, mask: u32, mark: u32, index: u32, code: u32): bool {
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
export function isBefore(a: usize, at: f64, order: u32): bool {
  const other = load<f64>(a);
  return other < at || (other == at && load<u32>(a, 8) < order);
}

// @ts-ignore: decorator
@inline
export function copyEntry(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, 8), 8);
  store<u64>(to, load<u64>(from, 16), 16);
}

export function addToHeap(heap: usize, size: u32, at: f64, order: u32, index: u32, code: u32): void {
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
export function removeFirst(heap: usize, size: u32): u32 {
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
