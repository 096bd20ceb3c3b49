import type { TransitionsQuery } from '../../protocol/index.ts';
import { WASM } from '../kernels/generated/transitions.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewI64, viewU32, type ColumnMemory } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import type { EventBytes } from './event-bytes.ts';
import { openPass } from './kernel-pass.ts';
import { compileNodeBytes } from './path-nodes.ts';
import type { SampleGroups } from './sample-groups.ts';
import { findFewNodes, placeFew, readFew, type FewNodes } from './transitions-few.ts';

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

type Exports = 'tally' | 'tallyFew' | 'tallyEnds' | 'addTimes';
const kernel = defineKernel<Readonly<Record<Exports, (...args: number[]) => number>>>(WASM);
/** | count u32 | actors u32 | last actor u32 | - | */
const CELL_BYTES = 16;

/** By `from * width + to`. */
interface EdgeCounts {
  readonly actorCount: number;
  readonly count: Float64Array;
  readonly actors: Float64Array;
}

/** The partial by kernel; null = the twin must do it (medians need every time). */
export function tallyTransitions(context: ComputeContext, query: TransitionsQuery): TransitionsPartial | null {
  const { memory } = context.segment;
  if (memory === null || query.measure === 'medianSeconds') return null;
  const nodes = compileNodeBytes(context, memory, query);
  if (nodes === null) return null;
  const { names, bytes } = nodes;
  const width = names.length + 2;
  const few = findFewNodes(bytes, names.length);
  const { actorCount, count, actors } =
    few === null
      ? countEdges(context, memory, query, bytes, width)
      : countFew(context, memory, query, bytes, width, few);
  const totalMs =
    query.measure === 'averageSeconds'
      ? addTimes(context, memory, query, bytes, width)
      : new Float64Array(width * width);
  const keys = Float64Array.from(count.keys()).filter((key) => (count[key] ?? 0) > 0);
  const pick = (column: Float64Array): Float64Array => keys.map((key) => column[key] ?? 0);
  return {
    edges: { keys, count: pick(count), actors: pick(actors), totalMs: pick(totalMs) },
    samples: null,
    actorCount,
  };
}

function countFew(
  context: ComputeContext,
  memory: ColumnMemory,
  query: TransitionsQuery,
  bytes: EventBytes,
  width: number,
  few: FewNodes,
): EdgeCounts {
  const pass = openPass(
    context,
    memory,
    context,
    bytes,
    (_events, most) => few.scratchBytes + roomFor(8 * most + MASKS_ROOM) + roomFor(4 * most + COUNT_ROOM),
  );
  const tables = placeFew(memory, few, pass);
  const masks = pass.borrow(8 * pass.actors + MASKS_ROOM);
  const long = pass.borrow(4 * pass.actors + COUNT_ROOM);
  const { tallyFew, tallyEnds } = kernel.on(memory);
  let actorCount = 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes: at }) => {
    actorCount += tallyFew(starts, ends, first, last, at, tables.windows, masks, long, tables.actors);
    if (query.boundaryNodes) tallyEnds(starts, ends, first, last, at, tables.ends);
  });
  return { actorCount, ...readFew(memory, tables, few, width, query.collapseRepeats) };
}
/** What counting bits writes behind the masks, and its own working space (kernels/assembly/_count-bits.ts). */
const MASKS_ROOM = 128;
const COUNT_ROOM = 512;

function countEdges(
  context: ComputeContext,
  memory: ColumnMemory,
  query: TransitionsQuery,
  bytes: EventBytes,
  width: number,
): EdgeCounts {
  const cellBytes = CELL_BYTES * width * width;
  const pass = openPass(context, memory, context, bytes, () => roomFor(cellBytes));
  const cells = pass.take(cellBytes);
  const { tally } = kernel.on(memory);
  const [collapse, boundary] = [query.collapseRepeats ? 1 : 0, query.boundaryNodes ? 1 : 0];
  let actorCount = 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes: at }) => {
    actorCount += tally(starts, ends, first, last, at, pass.table, width, cells, collapse, boundary);
  });
  const words = viewU32(memory, cells, cellBytes / 4);
  const column = (word: number): Float64Array =>
    Float64Array.from({ length: width * width }, (_, key) => words[4 * key + word] ?? 0);
  return { actorCount, count: column(0), actors: column(1) };
}

/** Milliseconds of all steps, by `from * width + to`. */
function addTimes(
  context: ComputeContext,
  memory: ColumnMemory,
  query: TransitionsQuery,
  bytes: EventBytes,
  width: number,
): Float64Array {
  const { seconds, millis } = context.segment;
  const pass = openPass(context, memory, context, bytes, () => roomFor(8 * width * width));
  const totals = pass.take(8 * width * width);
  const run = kernel.on(memory).addTimes;
  const collapse = query.collapseRepeats ? 1 : 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes: at }) => {
    run(starts, ends, first, last, at, pass.table, width, totals, collapse, seconds.byteOffset, millis.byteOffset);
  });
  return Float64Array.from(viewI64(memory, totals, width * width), Number);
}
