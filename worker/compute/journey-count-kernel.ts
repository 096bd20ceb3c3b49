import type { JourneyQuery } from '../../protocol/index.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { WASM } from '../kernels/generated/journey-count.ts';
import { getScratch, roomFor } from '../kernels/scratch.ts';
import { viewF64, viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import { getEndOfData } from './event-stream.ts';
import { CHECK_ACTORS, forEachLogPart, type LogInput } from './journey-log-build.ts';
import type { JourneyLog } from './journey-log.ts';
import { createColumns, type JourneyPartial } from './journey-partial.ts';
import type { IntervalGrid } from './time-bucket.ts';

const kernel = defineKernel<Readonly<Record<'countChanges', (...args: number[]) => number>>>(WASM);
const BOUNDS = 5;

/** Where changes lie in memory, and how many actors they are of. */
interface Changes {
  readonly times: Pointer;
  readonly states: Pointer;
  readonly ends: Pointer;
  readonly actors: number;
}

/** The kernel's tables in scratch: the twin is `countLog` without times and comparison. */
class ChangeCounter {
  readonly bytes: number;
  readonly #memory: ColumnMemory;
  readonly #bounds: Float64Array;
  readonly #grid: IntervalGrid;
  readonly #width: number;
  readonly #maxSteps: number;
  readonly #cells: number;
  #at: Pointer | null = null;
  #actors = 0;
  #counted = 0;

  constructor(memory: ColumnMemory, context: ComputeContext, query: JourneyQuery, grid: IntervalGrid) {
    const width = query.model.states.length + 1;
    this.#memory = memory;
    this.#bounds = Float64Array.of(context.fromMs, context.toMs, getEndOfData(context), grid.end, grid.density);
    this.#grid = grid;
    this.#width = width;
    this.#maxSteps = query.maxSteps;
    const pairs = width * width;
    this.#cells = width + 2 * pairs + query.maxSteps * (3 * width + pairs) + grid.starts.length * width;
    this.bytes = roomFor(8 * BOUNDS) + roomFor(8 * grid.starts.length) + roomFor(4 * pairs) + roomFor(4 * this.#cells);
  }

  /** `at` = `bytes` of scratch, the same each time. */
  add({ times, states, ends, actors }: Changes, at: Pointer): void {
    const starts = at + roomFor(8 * BOUNDS);
    const made = starts + roomFor(8 * this.#grid.starts.length);
    const cells = made + roomFor(4 * this.#width ** 2);
    if (this.#at === null) this.#begin(at, starts);
    this.#at = cells;
    const where = [times, states, ends, actors, this.#actors + 1, at, starts, this.#grid.starts.length];
    const { countChanges } = kernel.on(this.#memory);
    this.#counted += countChanges(...where, this.#width, this.#maxSteps, cells, made);
    this.#actors += actors;
  }

  #begin(at: Pointer, starts: Pointer): void {
    viewU8(this.#memory, at, this.bytes).fill(0);
    viewF64(this.#memory, at, BOUNDS).set(this.#bounds);
    viewF64(this.#memory, starts, this.#grid.starts.length).set(this.#grid.starts);
  }

  read(): JourneyPartial {
    const { sizes, moveCount, nodes, edges, growth, compared } = createColumns(
      this.#width,
      this.#maxSteps,
      this.#grid.starts.length,
    );
    const moveActors = new Float64Array(this.#width ** 2);
    let at = this.#at;
    for (const column of [
      sizes,
      moveCount,
      moveActors,
      nodes.count,
      nodes.stays,
      nodes.continues,
      edges.count,
      growth,
    ]) {
      if (at === null) break;
      column.set(new Int32Array(this.#memory.buffer, at, column.length));
      at += 4 * column.length;
    }
    return { sizes, moveCount, moveActors, nodes, edges, growth, compared, actorCount: this.#counted, stays: null };
  }
}

/** Counts as the log is made, which is kept nowhere. Throws TooManySymbols. */
export function countWithoutLog(
  input: LogInput,
  memory: ColumnMemory,
  context: ComputeContext,
  query: JourneyQuery,
  grid: IntervalGrid,
): JourneyPartial {
  const counter = new ChangeCounter(memory, context, query, grid);
  forEachLogPart(input, memory, counter.bytes, ({ times, states, ends }, at) =>
    counter.add({ times: times.byteOffset, states: states.byteOffset, ends: ends.byteOffset, actors: ends.length }, at),
  );
  return counter.read();
}

/** Counts a log that was made before. */
export function countLogByKernel(
  { offsets, times, states }: JourneyLog,
  memory: ColumnMemory,
  context: ComputeContext,
  query: JourneyQuery,
  grid: IntervalGrid,
): JourneyPartial {
  const counter = new ChangeCounter(memory, context, query, grid);
  const slices = cutLog(offsets);
  const most = Math.max(0, ...slices.map(([from, to]) => (offsets[to] ?? 0) - (offsets[from] ?? 0)));
  const start = getScratch(memory, counter.bytes + roomFor(8 * most) + roomFor(most) + roomFor(4 * CHECK_ACTORS));
  const at = { times: start + counter.bytes, states: 0, ends: 0 };
  at.states = at.times + roomFor(8 * most);
  at.ends = at.states + roomFor(most);
  for (const [from, to] of slices) {
    context.checkpoint(from);
    const [first, last] = [offsets[from] ?? 0, offsets[to] ?? 0];
    viewF64(memory, at.times, last - first).set(times.subarray(first, last));
    viewU8(memory, at.states, last - first).set(states.subarray(first, last));
    const ends = viewU32(memory, at.ends, to - from);
    for (let actor = from; actor < to; actor++) ends[actor - from] = (offsets[actor + 1] ?? 0) - first;
    counter.add({ ...at, actors: to - from }, start);
  }
  context.checkpoint(offsets.length - 1);
  return counter.read();
}

function cutLog(offsets: Uint32Array): readonly (readonly [from: number, to: number])[] {
  const slices: (readonly [number, number])[] = [];
  for (let from = 0; from + 1 < offsets.length; from += CHECK_ACTORS)
    slices.push([from, Math.min(from + CHECK_ACTORS, offsets.length - 1)]);
  return slices;
}
