import {
  allocate,
  allocateU32,
  allocateU8,
  viewU32,
  type ColumnMemory,
  type Pointer,
} from '../../segment/column-memory.ts';
import type { StringTable } from '../../segment/string-table.ts';
import type { PagesKernel } from './pages-kernel.ts';
import { PagesUnusable } from './pages-unusable.ts';
import { GROUP_ROWS, Words, type Parts } from './reader-state.ts';

/** Offsets of a dictionary column; the kernel's `_pages-state.ts` has the same. */
const AT = {
  slots: 0,
  slotMask: 4,
  count: 8,
  entries: 12,
  entryCapacity: 16,
  arena: 20,
  arenaLength: 24,
  arenaCapacity: 28,
  bytes: 32,
  pending: 36,
  groupKeys: 40,
  codes: 44,
  source: 48,
  firstCode: 52,
  recent: 60,
} as const;
export const COLUMN_BYTES = 64;

/** A kernel with dictionaries. */
type StringsKernel = Pick<PagesKernel, 'moveStrings' | 'exportStrings'>;

/** The dictionary of one column of a slice, in memory, filled by the kernel. It only ever grows. */
export class DictionaryColumn {
  readonly #memory: ColumnMemory;
  readonly #words: Words;
  /** A word that nobody reads: what was only loaded to have it near goes there. */
  readonly #touched: Pointer;

  /** `source` = the value slot of its strings; `firstCode` 1 = code 0 means not set. `slots` is a power of two. */
  constructor(
    memory: ColumnMemory,
    parts: Parts,
    at: Pointer,
    { source, firstCode, slots }: { readonly source: number; readonly firstCode: 0 | 1; readonly slots: number },
  ) {
    this.#memory = memory;
    this.#words = new Words(memory, at, COLUMN_BYTES);
    this.#touched = parts.take(4);
    const words = this.#words;
    words.set(AT.slots, allocate(memory, SLOT_BYTES * slots));
    words.set(AT.slotMask, slots - 1);
    words.set(AT.entries, allocate(memory, 16 * (capacityOf(slots) + 1)));
    words.set(AT.entryCapacity, capacityOf(slots));
    words.set(AT.groupKeys, parts.take(20 * GROUP_ROWS));
    words.set(AT.recent, newRecent(memory, parts));
    words.set(AT.source, source);
    words.set(AT.firstCode, firstCode);
  }

  /** Where the codes of the present chunk go. */
  writeTo(codes: Uint32Array): void {
    this.#words.set(AT.codes, codes.byteOffset);
  }

  /** Room for one more group. `read` = how much of the slice was read, above 0 to 1: what is still to come is guessed from it. */
  makeRoom(kernel: StringsKernel, read: number): void {
    const words = this.#words;
    const capacity = words.get(AT.entryCapacity);
    if (words.get(AT.count) + GROUP_ROWS > capacity) this.#grow(kernel, read);
    const pending = words.get(AT.pending);
    if (words.get(AT.arenaLength) + pending <= words.get(AT.arenaCapacity)) return;
    const size = Math.max(FIRST_ARENA, 2 * words.get(AT.arenaCapacity), pending);
    words.set(AT.arena, allocate(this.#memory, size));
    words.set(AT.arenaLength, 0);
    words.set(AT.arenaCapacity, size);
  }

  #grow(kernel: StringsKernel, read: number): void {
    const words = this.#words;
    const count = guessSlots(words.get(AT.slotMask) + 1, words.get(AT.count) / read ** NEWNESS);
    const capacity = capacityOf(count);
    const slots = allocate(this.#memory, SLOT_BYTES * count);
    // Memory that is read before it is written has to be found twice by the system.
    viewU32(this.#memory, slots, (SLOT_BYTES / 4) * count).fill(0);
    const entries = allocate(this.#memory, 16 * (capacity + 1));
    this.#inSteps((from, to) => kernel.moveStrings(words.at, slots, count - 1, entries, from, to, this.#touched));
    words.set(AT.slots, slots);
    words.set(AT.slotMask, count - 1);
    words.set(AT.entries, entries);
    words.set(AT.entryCapacity, capacity);
  }

  /** A kernel called often becomes fast code, one called once never does. */
  #inSteps(run: (from: number, to: number) => void): void {
    const end = this.#words.get(AT.count) + 1;
    for (let from = 1; from < end; from += STEP) run(from, Math.min(end, from + STEP));
  }

  /** In order of first appearance. Throws PagesUnusable for text that is no UTF-8: SQLite's reader repairs it. */
  finish(kernel: StringsKernel): StringTable {
    const length = this.#words.get(AT.count);
    const bytes = allocateU8(this.#memory, this.#words.get(AT.bytes));
    const offsets = allocateU32(this.#memory, length + 1);
    const table = { length, bytes, offsets };
    let high = 0;
    this.#inSteps((from, to) => {
      high |= kernel.exportStrings(this.#words.at, bytes.byteOffset, offsets.byteOffset, from, to);
    });
    if (high !== 0) checkUtf8(table);
    return table;
  }
}

const SLOT_BYTES = 16;
const STEP = 4_096;
/** Strings grow with the rows to this power: the more there are, the fewer are new. */
const NEWNESS = 0.8;
/** Growth at once: each table that was too small is memory for nothing, and each string in it is moved. */
const MOST_GROWTH = 16;

/** More than there are now, and as many as `strings` may need. */
function guessSlots(now: number, strings: number): number {
  let slots = 2 * now;
  while (capacityOf(slots) < strings && slots < MOST_GROWTH * now) slots *= 2;
  return slots;
}
/** Strings for so many slots: enough stay free that a search soon ends. */
const capacityOf = (slots: number): number => slots - slots / 4;
const FIRST_ARENA = 65_520;
const RECENT_STRINGS = 256;
const RECENT_BYTES = 32;
/** In place of the kind and length of a string: no string has it. */
const NO_STRING = 0xfd00_0000;

function newRecent(memory: ColumnMemory, parts: Parts): Pointer {
  const at = parts.take(RECENT_BYTES * RECENT_STRINGS);
  const words = viewU32(memory, at, (RECENT_BYTES / 4) * RECENT_STRINGS);
  for (let i = 3; i < words.length; i += RECENT_BYTES / 4) words[i] = NO_STRING;
  return at;
}
const CHECKED_AT_ONCE = 4_096;

function checkUtf8({ bytes, offsets, length }: StringTable): void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let from = 0; from < length; from += CHECKED_AT_ONCE)
      decoder.decode(bytes.slice(offsets[from], offsets[Math.min(length, from + CHECKED_AT_ONCE)]));
  } catch {
    throw new PagesUnusable('some text is no UTF-8');
  }
  // Whole by itself only when no string begins within a character.
  for (let i = 0; i < length; i++) {
    const at = offsets[i] ?? 0;
    if (at < (offsets[i + 1] ?? 0) && ((bytes[at] ?? 0) & 0xc0) === 0x80)
      throw new PagesUnusable('some text is no UTF-8');
  }
}
