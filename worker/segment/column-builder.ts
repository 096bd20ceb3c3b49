import type { ColumnMemory } from './column-memory.ts';
import { sharedF64, type ScannedSlice } from './event-rows.ts';
import { mergeInOrder } from './merge-dictionaries.ts';
import { narrowestColumn, type BuildCheckpoint } from './segment-builder.ts';
import type { PropertyColumn } from './segment.ts';
import { EMPTY_TABLE } from './string-table.ts';

const CHECK_EVERY = 1 << 16;

/** Property number `p` of a later scan, aligned with a segment whose rows were scanned in the same order. */
export function assembleProperty(
  slices: readonly ScannedSlice[],
  p: number,
  scanRows: Uint32Array,
  memory: ColumnMemory | null,
  checkpoint: BuildCheckpoint,
): PropertyColumn {
  const merged = mergeInOrder(
    slices.map((slice) => slice.propertyValues[p] ?? EMPTY_TABLE),
    () => checkpoint(0),
  );
  const scanned = new Uint32Array(scanRows.length);
  let at = 0;
  slices.forEach((slice, s) => {
    const codes = merged.codes[s] ?? new Uint32Array();
    for (const chunk of slice.chunks) {
      const local = chunk.properties[p] ?? new Uint32Array();
      for (let i = 0; i < chunk.rows; i++) {
        const code = local[i] ?? 0;
        if (code !== 0) scanned[at + i] = (codes[code - 1] ?? 0) + 1;
      }
      at += chunk.rows;
      checkpoint(at / 2);
    }
  });
  const codes = narrowestColumn(memory, merged.values.length + 1, scanRows.length);
  for (let q = 0; q < scanRows.length; q++) {
    if (q % CHECK_EVERY === 0) checkpoint((scanRows.length + q) / 2);
    codes[q] = scanned[scanRows[q] ?? 0] ?? 0;
  }
  return { codes, values: merged.values };
}

/** The second clock of a later scan, aligned likewise. */
export function assembleRecordedAt(
  slices: readonly ScannedSlice[],
  scanRows: Uint32Array,
  check: () => void,
): Float64Array {
  const scanned = new Float64Array(scanRows.length);
  let at = 0;
  for (const slice of slices)
    for (const chunk of slice.chunks) {
      scanned.set(chunk.recordedAt.subarray(0, chunk.rows), at);
      at += chunk.rows;
      check();
    }
  const column = sharedF64(scanRows.length);
  for (let p = 0; p < scanRows.length; p++) {
    if (p % CHECK_EVERY === 0) check();
    column[p] = scanned[scanRows[p] ?? 0] ?? Number.NaN;
  }
  return column;
}
