/**
 * Memory that threads share and kernels read: one `WebAssembly.Memory` a segment. A pointer is an offset in bytes into
 * it; a typed array over it knows its own (`byteOffset`), so columns are handed to kernels without another description.
 *
 *   0        64 KiB        128 KiB
 *   | kernels' constants | column | column ... | scratch of a thread | ...
 *
 * Growing is the only way to allocate: it is atomic, so every thread may do it, and views made before stay valid
 * (shared memory never moves). Nothing is given back before the whole memory is dropped; what is needed again and again
 * (scratch) is kept by who needs it.
 */
export type ColumnMemory = WebAssembly.Memory;
/** Offset in bytes into a ColumnMemory. Beyond 2 GiB kernels return it negative: `>>> 0`. */
export type Pointer = number;

export const PAGE_BYTES = 65_536;
/** 4 GiB: all that 32-bit pointers reach. */
const MAX_PAGES = 65_536;
/** SIMD loads may read this far behind the end of a column. */
const PADDING_BYTES = 16;

/** The memory is full (4 GiB) or the system has none left. */
export class ColumnMemoryFull extends Error {
  override readonly name = 'ColumnMemoryFull';
}

/** Elements to allocate for a column of a segment, which may grow where it lies: pages not touched cost no memory. */
export const withRoom = (length: number): number => length + Math.ceil(length / 16) + 4_096;

/** Page 0 belongs to the kernels' constants. */
export function createColumnMemory(): ColumnMemory {
  return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
}

/** Zeroed bytes, aligned to 64 KiB, with room behind them for SIMD loads. Throws ColumnMemoryFull. */
export function allocate(memory: ColumnMemory, bytes: number): Pointer {
  try {
    return memory.grow(Math.ceil((bytes + PADDING_BYTES) / PAGE_BYTES)) * PAGE_BYTES;
  } catch (cause) {
    throw new ColumnMemoryFull(`${bytes} bytes more do not fit`, { cause });
  }
}

export const allocateU8 = (memory: ColumnMemory, length: number): Uint8Array =>
  viewU8(memory, allocate(memory, length), length);
export const allocateU16 = (memory: ColumnMemory, length: number): Uint16Array =>
  viewU16(memory, allocate(memory, 2 * length), length);
export const allocateU32 = (memory: ColumnMemory, length: number): Uint32Array =>
  viewU32(memory, allocate(memory, 4 * length), length);
export const allocateF64 = (memory: ColumnMemory, length: number): Float64Array =>
  viewF64(memory, allocate(memory, 8 * length), length);

export const viewU8 = (memory: ColumnMemory, at: Pointer, length: number): Uint8Array =>
  new Uint8Array(memory.buffer, at, length);
export const viewU16 = (memory: ColumnMemory, at: Pointer, length: number): Uint16Array =>
  new Uint16Array(memory.buffer, at, length);
export const viewU32 = (memory: ColumnMemory, at: Pointer, length: number): Uint32Array =>
  new Uint32Array(memory.buffer, at, length);
export const viewF64 = (memory: ColumnMemory, at: Pointer, length: number): Float64Array =>
  new Float64Array(memory.buffer, at, length);
export const viewI64 = (memory: ColumnMemory, at: Pointer, length: number): BigInt64Array =>
  new BigInt64Array(memory.buffer, at, length);
