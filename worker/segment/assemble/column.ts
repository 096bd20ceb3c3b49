import { WASM } from '../../kernels/generated/assemble-column.ts';
import { defineKernel } from '../../kernels/load-kernel.ts';
import { allocate, viewU16, viewU32, viewU8, type ColumnMemory } from '../column-memory.ts';
import type { ScannedSlice } from '../event-rows.ts';
import { narrowestColumn } from '../segment-builder.ts';
import type { PropertyColumn } from '../segment.ts';
import { EMPTY_TABLE } from '../string-table.ts';
import { numberStrings, planDictionary, probeStrings } from './dictionary.ts';

interface ColumnKernel extends Readonly<Record<string, (...args: number[]) => number>> {
  readonly translate: (...args: number[]) => number;
  readonly gather: (...args: number[]) => number;
}
const kernel = defineKernel<ColumnKernel>(WASM);
const STEP = 1 << 15;

/**
 * What `assembleProperty` makes, by kernels. The slices and `scanRows` lie in `build`, the column goes to `memory`. `check`
 * is called every few thousand rows with those done of `scanRows.length` and may throw.
 */
export function assembleColumn(
  slices: readonly ScannedSlice[],
  p: number,
  scanRows: Uint32Array,
  build: ColumnMemory,
  memory: ColumnMemory,
  check: (rows: number) => void,
): PropertyColumn {
  const tables = slices.map((slice) => slice.propertyValues[p] ?? EMPTY_TABLE);
  const plan = planDictionary(build, tables, 1);
  probeStrings(build, plan, 0, () => check(0));
  const { values, codes } = numberStrings(build, plan, () => check(0));
  const scanned = translateChunks(slices, p, codes, build, (rows) => check(rows / 2));
  const column = narrowestColumn(memory, values.length + 1, scanRows.length);
  const bytes = column.BYTES_PER_ELEMENT;
  const at = allocate(build, bytes * STEP);
  const piece = (bytes === 1 ? viewU8 : bytes === 2 ? viewU16 : viewU32)(build, at, STEP);
  const { gather } = kernel.on(build);
  for (let from = 0; from < scanRows.length; from += STEP) {
    check((scanRows.length + from) / 2);
    const rows = Math.min(STEP, scanRows.length - from);
    gather(scanned, scanRows.byteOffset + 4 * from, rows, at, bytes);
    column.set(piece.subarray(0, rows), from);
  }
  return { codes: column, values };
}

/** Merged codes of all rows in the order of the scan: a pointer to u32. */
function translateChunks(
  slices: readonly ScannedSlice[],
  p: number,
  codes: readonly Uint32Array[],
  build: ColumnMemory,
  check: (rows: number) => void,
): number {
  const { translate } = kernel.on(build);
  const scanned = allocate(build, 4 * slices.reduce((sum, slice) => sum + slice.rows, 0));
  let done = 0;
  slices.forEach((slice, s) => {
    for (const chunk of slice.chunks)
      for (let from = 0; from < chunk.rows; from += STEP) {
        check(done);
        const rows = Math.min(STEP, chunk.rows - from);
        const local = chunk.properties[p]?.byteOffset ?? 0;
        translate(local + 4 * from, rows, codes[s]?.byteOffset ?? 0, scanned + 4 * done);
        done += rows;
      }
  });
  return scanned;
}
