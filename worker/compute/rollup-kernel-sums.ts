import { roomFor, type Layout } from '../kernels/scratch.ts';
import { viewF64, type ColumnMemory } from '../segment/column-memory.ts';
import { rollupKernel } from './rollup-kernel-exports.ts';
import type { RollupPartial } from './rollup-tally.ts';
import type { NumberColumn } from './sums.ts';

export interface PlacedSums {
  /** `where` = the arguments that all of the kernel's scans begin with. */
  readonly add: (where: readonly number[]) => void;
  readonly read: (partial: RollupPartial) => void;
}

/** Sums in the cells of a rollup; `column` null = nothing is summed, or all numbers are 0. */
export function compileSums(
  memory: ColumnMemory,
  column: NumberColumn | null,
  bucketCount: number,
  series: number,
): { readonly scratchBytes: number; readonly place: (layout: Layout) => PlacedSums } {
  if (column === null) return { scratchBytes: 0, place: () => ({ add: () => {}, read: () => {} }) };
  const { codes, numbers } = column;
  const stride = series === 1 ? 1 : series + 1;
  const cells = 2 * bucketCount * stride;
  return {
    scratchBytes: roomFor(8 * cells) + roomFor(numbers.byteLength),
    place(layout) {
      const out = layout.take(8 * cells);
      const table = layout.take(numbers.byteLength);
      viewF64(memory, table, numbers.length).set(numbers);
      const { addSums8, addSums16, addSums32 } = rollupKernel.on(memory);
      const run = codes instanceof Uint8Array ? addSums8 : codes instanceof Uint16Array ? addSums16 : addSums32;
      return {
        add: (where) => run(...where, stride, stride - 1, codes.byteOffset, table, out),
        read: (partial) => readSums(viewF64(memory, out, cells), stride, bucketCount, partial),
      };
    },
  };
}

function readSums(cells: Float64Array, stride: number, buckets: number, { sums, lost }: RollupPartial): void {
  // A series that is alone is the total, too.
  const slots = stride === 1 ? [0, 2] : Array.from({ length: stride }, (_, slot) => slot);
  for (const slot of slots) {
    for (let bucket = 0; bucket < buckets; bucket++) {
      const cell = 2 * (bucket * stride + (stride === 1 ? 0 : slot));
      if (sums !== null) sums[slot * buckets + bucket] = cells[cell] ?? 0;
      if (lost !== null) lost[slot * buckets + bucket] = cells[cell + 1] ?? 0;
    }
  }
}
