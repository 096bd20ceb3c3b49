import * as S from './_pages-state';
import { HOUR } from './_pages-time';

// Events by hour: open addressing, 24 bytes an hour: hour + 1 (0 = free), rows, first and last time as f64.

/** The counter of the hour of `time`: hour + 1, rows, first, last (24 bytes); 0 = the table must grow first. */
export function hourEntry(s: usize, time: f64): usize {
  const hour = <u32>(time / HOUR) + 1;
  const table = <usize>load<u32>(s, S.HOURS);
  const mask = load<u32>(s, S.HOURS_MASK);
  let slot = (hour * 0x9e3779b1) & mask;
  while (true) {
    const entry = table + 24 * <usize>slot;
    const held = load<u32>(entry);
    if (held == hour) return entry;
    if (held == 0) {
      const count = load<u32>(s, S.HOURS_COUNT);
      if (count + count > mask) return 0;
      store<u32>(s, count + 1, S.HOURS_COUNT);
      store<u32>(entry, hour);
      store<f64>(entry, Infinity, 8);
      store<f64>(entry, -Infinity, 16);
      return entry;
    }
    slot = (slot + 1) & mask;
  }
  return 0;
}

/** Copies the counters of a smaller table into this (zeroed) one. */
export function moveHours(s: usize, table: usize, mask: u32): void {
  const old = <usize>load<u32>(s, S.HOURS);
  const slots = load<u32>(s, S.HOURS_MASK) + 1;
  for (let i: u32 = 0; i < slots; i++) {
    const from = old + 24 * <usize>i;
    const hour = load<u32>(from);
    if (hour == 0) continue;
    let slot = (hour * 0x9e3779b1) & mask;
    while (load<u32>(table + 24 * <usize>slot) != 0) slot = (slot + 1) & mask;
    memory.copy(table + 24 * <usize>slot, from, 24);
  }
  store<u32>(s, <u32>table, S.HOURS);
  store<u32>(s, mask, S.HOURS_MASK);
  store<u32>(s, 0, S.HOUR_ENTRY);
}
