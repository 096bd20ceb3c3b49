import { WASM } from '../kernels/generated/assemble-order.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { allocateU32, allocateU8, createColumnMemory, type ColumnMemory } from './column-memory.ts';
import { sharedU32 } from './event-rows.ts';
import { decodeStrings, type StringTable } from './string-table.ts';

interface OrderKernel extends Readonly<Record<string, (...args: number[]) => number>> {
  readonly sortRuns: (...args: number[]) => number;
}
const kernel = defineKernel<OrderKernel>(WASM);

const CHECK_EVERY = 1 << 12;
const RUNS_A_STEP = 1 << 12;
const BYTES_A_ROUND = 7;

/**
 * Indexes of a table's strings in the order of their code units, which is the order of ids in every list; equal ones by
 * index. The twin of `orderStringsByKernel`. `check` may throw.
 */
export function orderStrings(table: StringTable, check: () => void): Uint32Array {
  const texts = decodeStrings(table, check);
  const order = sharedU32(table.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  let compared = 0;
  return order.sort((a, b) => {
    // A million names take seconds to sort: throwing from here is the way to stop that.
    if (++compared % CHECK_EVERY === 0) check();
    const [left, right] = [texts[a] ?? '', texts[b] ?? ''];
    return left < right ? -1 : left > right ? 1 : a - b;
  });
}

/** In a memory of its own, gone afterwards: about 32 bytes a string and the strings. Throws ColumnMemoryFull. */
export function orderStringsByKernel(table: StringTable, check: () => void): Uint32Array {
  const memory = createColumnMemory();
  const work = prepare(memory, table);
  const { sortRuns } = kernel.on(memory);
  let [runs, nextRuns] = work.runs;
  let count = runs[1] === 0 ? 0 : 1;
  for (let depth = 0; count > 0; depth += BYTES_A_ROUND) {
    let next = 0;
    for (let from = 0; from < count; from += RUNS_A_STEP) {
      check();
      const to = Math.min(count, from + RUNS_A_STEP);
      next = sortRuns(...work.texts, runs.byteOffset, from, to, depth, ...work.spare, nextRuns.byteOffset, next);
    }
    [runs, nextRuns, count] = [nextRuns, runs, next];
  }
  const order = sharedU32(table.length);
  order.set(work.order);
  return order;
}

interface Work {
  readonly order: Uint32Array;
  /** Bytes, offsets, order. */
  readonly texts: readonly [number, number, number];
  /** Keys, other keys, other order, counts. */
  readonly spare: readonly [number, number, number, number];
  readonly runs: readonly [Uint32Array, Uint32Array];
}
function prepare(memory: ColumnMemory, table: StringTable): Work {
  const { length } = table;
  const bytes = allocateU8(memory, table.bytes.length);
  bytes.set(table.bytes);
  const offsets = allocateU32(memory, table.offsets.length);
  offsets.set(table.offsets);
  const order = allocateU32(memory, length);
  for (let i = 0; i < length; i++) order[i] = i;
  const room = (words: number): number => allocateU32(memory, words).byteOffset;
  const first = allocateU32(memory, Math.max(2, length));
  first[1] = length;
  return {
    order,
    texts: [bytes.byteOffset, offsets.byteOffset, order.byteOffset],
    spare: [room(2 * length), room(2 * length), room(length), room(256)],
    runs: [first, allocateU32(memory, Math.max(2, length))],
  };
}
