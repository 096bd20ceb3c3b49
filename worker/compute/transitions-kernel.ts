import type { TransitionsQuery } from '../../protocol/index.ts';
import { WASM } from '../kernels/generated/transitions.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewI64, viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import { openPass } from './kernel-pass.ts';
import { compileNodeBytes } from './path-nodes.ts';
import type { SampleGroups } from './sample-groups.ts';

/** Edges are keyed by `from * N + to`; the boundary nodes are the last two codes. */
export interface TransitionsPartial {
  readonly edges: {
    readonly keys: Float64Array;
    readonly count: Float64Array;
    readonly actors: Float64Array;
    readonly totalMs: Float64Array;
  };
  /** By row of `edges`; only for medians. */
  readonly samples: SampleGroups | null;
  readonly actorCount: number;
}

type TransitionsKernel = Readonly<Record<'tally' | 'addTimes', (...args: number[]) => number>>;
const kernel = defineKernel<TransitionsKernel>(WASM);
/** | count u32 | actors u32 | last actor u32 | - | total ms i64 | */
const CELL_BYTES = 24;

/** The partial by kernel; null = the twin must do it (medians need every time). */
export function tallyTransitions(context: ComputeContext, query: TransitionsQuery): TransitionsPartial | null {
  const { segment } = context;
  const { memory, seconds, millis } = segment;
  if (memory === null || query.measure === 'medianSeconds') return null;
  const nodes = compileNodeBytes(context, memory, query);
  if (nodes === null) return null;
  const width = nodes.names.length + 2;
  const pass = openPass(context, memory, context, nodes.bytes, () => roomFor(width * width * CELL_BYTES));
  const cells = pass.take(width * width * CELL_BYTES);
  const { tally, addTimes } = kernel.on(memory);
  const withTimes = query.measure === 'averageSeconds';
  const collapse = query.collapseRepeats ? 1 : 0;
  const boundary = query.boundaryNodes ? 1 : 0;
  let actorCount = 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes }) => {
    const where = [starts, ends, first, last, bytes, pass.table, width, cells, collapse];
    actorCount += tally(...where, boundary);
    if (withTimes) addTimes(...where, seconds.byteOffset, millis.byteOffset);
  });
  return { edges: readCells(memory, cells, width * width), samples: null, actorCount };
}

/** The cells that were counted, by key. */
function readCells(memory: ColumnMemory, at: Pointer, cells: number): TransitionsPartial['edges'] {
  const words = viewU32(memory, at, cells * 6);
  const times = viewI64(memory, at, cells * 3);
  const keys = Float64Array.from(Array(cells).keys()).filter((cell) => (words[6 * cell] ?? 0) > 0);
  return {
    keys,
    count: keys.map((cell) => words[6 * cell] ?? 0),
    actors: keys.map((cell) => words[6 * cell + 1] ?? 0),
    totalMs: keys.map((cell) => Number(times[3 * cell + 2] ?? 0n)),
  };
}
