import { allocate, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';

interface Held {
  at: Pointer;
  bytes: number;
}
const held = new WeakMap<ColumnMemory, Held>();

/**
 * This thread's working space in a memory, at least `bytes` long and aligned to 64 KiB; not cleared. One caller at a
 * time: the next call hands out the same bytes. Throws ColumnMemoryFull.
 */
export function getScratch(memory: ColumnMemory, bytes: number): Pointer {
  const known = held.get(memory);
  if (known !== undefined && known.bytes >= bytes) return known.at;
  // Twice the last size: what was outgrown is lost until the memory goes.
  const size = Math.max(bytes, 2 * (known?.bytes ?? 0));
  const at = allocate(memory, size);
  held.set(memory, { at, bytes: size });
  return at;
}
/** Hands out working space piece by piece, each aligned to 16 bytes with 16 bytes of room behind it. */
export interface Layout {
  take(bytes: number): Pointer;
}
/** `bytes` must hold all pieces: `roomFor` each of them. */
export function layOutScratch(memory: ColumnMemory, bytes: number): Layout {
  let next = getScratch(memory, bytes);
  return {
    take(wanted) {
      const at = next;
      next += roomFor(wanted);
      return at;
    },
  };
}
export const roomFor = (bytes: number): number => Math.ceil(bytes / 16) * 16 + 16;
