import { allocate, viewF64, viewU16, viewU32, viewU8, type ColumnMemory } from './column-memory.ts';

/**
 * A column that can be computed from a segment's other columns at any time: an index, a counter. Kept apart from the
 * segment, for it comes and goes.
 */
export type DerivedColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array;
/** By name: `family` or `family:argument`. */
export type DerivedColumns = ReadonlyMap<string, DerivedColumn>;
export const NO_DERIVED: DerivedColumns = new Map();

export type DerivedType = 'u8' | 'u16' | 'u32' | 'f64';
export const DERIVED_BYTES: { readonly [T in DerivedType]: number } = { u8: 1, u16: 2, u32: 4, f64: 8 };

const VIEWS = { u8: viewU8, u16: viewU16, u32: viewU32, f64: viewF64 } as const;
const CREATE: { readonly [T in DerivedType]: (buffer: ArrayBufferLike) => DerivedColumn } = {
  u8: (buffer) => new Uint8Array(buffer),
  u16: (buffer) => new Uint16Array(buffer),
  u32: (buffer) => new Uint32Array(buffer),
  f64: (buffer) => new Float64Array(buffer),
};

/** Zeroed, shared between threads; in `memory` where there is one, for kernels to read. Throws ColumnMemoryFull. */
export function allocateDerived(memory: ColumnMemory | null, type: DerivedType, length: number): DerivedColumn {
  const bytes = DERIVED_BYTES[type] * length;
  if (memory === null) return CREATE[type](new SharedArrayBuffer(bytes));
  return viewDerived(memory, type, allocate(memory, bytes), length);
}

export function viewDerived(memory: ColumnMemory, type: DerivedType, at: number, length: number): DerivedColumn {
  return VIEWS[type](memory, at, length);
}

/** Zeroed and private to the caller. */
export function createDerived(type: DerivedType, length: number): DerivedColumn {
  return CREATE[type](new ArrayBuffer(DERIVED_BYTES[type] * length));
}
