import { allocate, viewF64, viewU32, viewU8, type ColumnMemory, type Pointer } from '../../segment/column-memory.ts';

/** Offsets in bytes; the kernel's `_pages-state.ts` has the same. */
export const AT = {
  usable: 0,
  buffer: 4,
  leafAt: 8,
  leafUpper: 12,
  leaves: 16,
  leaf: 20,
  cell: 24,
  roles: 28,
  roleCount: 32,
  keys: 36,
  keyCount: 40,
  keyLengths: 44,
  values: 48,
  valueCount: 52,
  columns: 56,
  columnCount: 60,
  rows: 64,
  capacity: 68,
  groupStart: 72,
  times: 76,
  recordedAt: 80,
  landmarks: 84,
  timeKind: 88,
  hourKeyed: 92,
  hasJson: 96,
  skipsActorless: 100,
  hours: 104,
  hoursMask: 108,
  hoursCount: 112,
  tags: 116,
  rowsRead: 120,
  nonAscii: 124,
  nullKeys: 128,
  late: 132,
  actorless: 136,
  fromRow: 144,
  toRow: 152,
  lastRow: 160,
  oddRow: 168,
  hourStart: 192,
  recordedKind: 200,
  oddRecord: 204,
  oddLength: 208,
  shapes: 224,
  layouts: 228,
} as const;
export const STATE_BYTES = 256;
export const GROUP_ROWS = 512;
export const NO_VALUE = 0xffff_ffff;

/** What `parse` stops for. */
export const STOP = { done: 0, chunkFull: 1, dictionaryFull: 2, oddRow: 3, hoursFull: 4, broken: 5 } as const;

/** Words, 64-bit integers and floats of a place in memory, by offset in bytes. */
export class Words {
  readonly at: Pointer;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  readonly #i64: BigInt64Array;

  constructor(memory: ColumnMemory, at: Pointer, bytes: number) {
    this.at = at;
    this.#u32 = viewU32(memory, at, bytes / 4);
    this.#f64 = viewF64(memory, at, bytes / 8);
    this.#i64 = new BigInt64Array(memory.buffer, at, bytes / 8);
  }

  get(offset: number): number {
    return this.#u32[offset / 4] ?? 0;
  }

  set(offset: number, value: number): void {
    this.#u32[offset / 4] = value;
  }

  getLong(offset: number): number {
    return Number(this.#i64[offset / 8] ?? 0n);
  }

  setLong(offset: number, value: number): void {
    this.#i64[offset / 8] = BigInt(value);
  }

  getFloat(offset: number): number {
    return this.#f64[offset / 8] ?? 0;
  }

  setFloat(offset: number, value: number): void {
    this.#f64[offset / 8] = value;
  }
}

/** Hands out parts of larger allocations: small areas side by side instead of 64 KiB each. */
export class Parts {
  readonly #memory: ColumnMemory;
  #at = 0;
  #end = 0;

  constructor(memory: ColumnMemory) {
    this.#memory = memory;
  }

  /** Zeroed, aligned to 16 bytes. */
  take(bytes: number): Pointer {
    const size = Math.ceil(bytes / 16) * 16;
    if (this.#at + size > this.#end) {
      const block = Math.max(size, BLOCK_BYTES);
      this.#at = allocate(this.#memory, block);
      this.#end = this.#at + block;
    }
    const at = this.#at;
    this.#at += size;
    return at;
  }

  bytes(values: Uint8Array): Pointer {
    const at = this.take(values.length);
    viewU8(this.#memory, at, values.length).set(values);
    return at;
  }
}
/** With the padding of `allocate` still one page of memory. */
const BLOCK_BYTES = 65_520;
