import { WASM } from '../kernels/generated/grow.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { layOutScratch, roomFor, type Layout } from '../kernels/scratch.ts';
import { viewU32, type ColumnMemory, type Pointer } from './column-memory.ts';
import type { ColumnGrowth } from './grow-segment.ts';
import type { Segment } from './segment.ts';

const kernel = defineKernel<Readonly<Record<'growColumn' | 'growOffsets', (...args: number[]) => number>>>(WASM);

/** `growColumn` for columns that grow where they lie in `memory`. Throws ColumnMemoryFull before anything has changed. */
export function growColumnsByKernel(memory: ColumnMemory, steps: readonly ColumnGrowth[], places: Uint32Array): void {
  const { length } = places;
  const layout = layOutScratch(memory, 2 * roomFor(4 * length));
  const at = putWords(memory, layout, places);
  const values = viewU32(memory, layout.take(4 * length), length);
  const { growColumn } = kernel.on(memory);
  for (const step of steps) {
    values.set(step.values);
    const { byteOffset, BYTES_PER_ELEMENT: width } = step.column;
    growColumn(byteOffset, width, step.column.length, at, values.byteOffset, length);
  }
}

/** `growOffsets`, likewise. */
export function growOffsetsByKernel(
  memory: ColumnMemory,
  { offsets, actorCount, eventCount }: Pick<Segment, 'offsets' | 'actorCount' | 'eventCount'>,
  grown: Uint32Array,
  actors: Uint32Array,
): void {
  const at = putWords(memory, layOutScratch(memory, roomFor(4 * actors.length)), actors);
  kernel.on(memory).growOffsets(offsets.byteOffset, actorCount, eventCount, grown.length - 1, at, actors.length);
}

function putWords(memory: ColumnMemory, layout: Layout, words: Uint32Array): Pointer {
  const at = layout.take(4 * words.length);
  viewU32(memory, at, words.length).set(words);
  return at;
}
