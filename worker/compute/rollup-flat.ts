import { WASM } from '../kernels/generated/rollup-flat.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { BucketMap } from './bucket-map.ts';
import type { ComputeContext } from './compute-module.ts';
import type { EventBytes } from './event-bytes.ts';
import { openPass, type KernelPass, type KernelSlice } from './kernel-pass.ts';
import type { SeriesCodes, SeriesSlots } from './rollup-series.ts';
import type { RollupPartial } from './rollup-tally.ts';

type Exports = 'markBorders' | 'tallyFlat' | 'countPresent' | 'countActors';
const kernel = defineKernel<Readonly<Record<Exports, (...args: number[]) => number>>>(WASM);

/** In fewer intervals most events follow one of the same interval, and the walk by actors is faster. */
const FEWEST_INTERVALS = 256;
const STRIDE = 8;
const SETS = 256;
const BORDER_ROOM = 32;

export interface FlatPlan {
  readonly codes: SeriesCodes;
  readonly slots: SeriesSlots;
  readonly bytes: EventBytes;
  readonly buckets: BucketMap;
  readonly bucketCount: number;
}

/** Whether the kernel for whole histories serves: all events count, and series are the codes of a column. */
export function isFlat({ segment, fromMs, toMs, lastEventMs }: ComputeContext, plan: FlatPlan): boolean {
  const { codes, slots, bytes, buckets, bucketCount } = plan;
  const isWhole = fromMs <= segment.baseSeconds * 1000 && toMs >= lastEventMs;
  const isCodes =
    codes.column === null ||
    (codes.column instanceof Uint8Array && codes.count <= STRIDE && codes.blank === 0 && slots.valueCount === null);
  return isWhole && isCodes && bytes.table !== null && buckets.narrow === 1 && bucketCount >= FEWEST_INTERVALS;
}

/** Fills a partial without sums. */
export function tallyFlat(context: ComputeContext, memory: ColumnMemory, plan: FlatPlan, partial: RollupPartial): void {
  const { codes, bytes, buckets, bucketCount } = plan;
  const cellBytes = 4 * bucketCount * (codes.column === null ? 1 : STRIDE);
  const pass = openPass(context, memory, context, bytes, (events, actors) =>
    [
      2 * cellBytes,
      cellBytes,
      4 * bucketCount,
      4 * SETS,
      16,
      events + BORDER_ROOM,
      events,
      actors,
      4 * actors + 4,
    ].reduce((sum, room) => sum + roomFor(room), buckets.scratchBytes),
  );
  const cells = { events: pass.take(cellBytes), repeats: pass.take(cellBytes), totals: pass.take(4 * bucketCount) };
  const column = codes.column === null || codes.column === 'actors' ? 0 : codes.column.byteOffset;
  const countActors = column === 0 ? null : placePresent(context, memory, pass, column);
  const bucketsAt = buckets.place(memory, pass);
  const run = pass.take(16);
  // No event has been a repeat yet: not event 0 either, which the zero there would say.
  viewU32(memory, run, 1)[0] = 0xffff_ffff;
  const borders = pass.borrow(pass.events + BORDER_ROOM);
  const again = pass.borrow(pass.events);
  const exports = kernel.on(memory);
  const { offsets, seconds } = context.segment;
  let actors = 0;
  pass.forEachSlice((slice) => {
    const { first, last, from, to } = slice;
    exports.markBorders(offsets.byteOffset, first, last, borders - from);
    const { events, repeats, totals } = cells;
    const at = [column, seconds.byteOffset, bucketsAt, events, repeats, totals, borders - from, again, run];
    exports.tallyFlat(from, to, ...at);
    if (countActors === null) actors += exports.countActors(offsets.byteOffset, first, last);
    else countActors.add(slice);
  });
  const view = (pointer: Pointer, length: number): Uint32Array => viewU32(memory, pointer, length);
  const totals = view(cells.totals, bucketCount);
  if (countActors === null) readOne(view(cells.events, bucketCount), totals, actors, partial);
  else {
    const [events, repeats] = [cells.events, cells.repeats].map((at) => view(at, bucketCount * STRIDE));
    if (events !== undefined && repeats !== undefined) readAll({ events, repeats, totals }, codes.count, partial);
    countActors.read(partial.totalActors);
  }
}

interface PresentCounter {
  readonly add: (slice: KernelSlice) => void;
  /** By slot: codes are slots, Other is empty, the total comes last. */
  readonly read: (totalActors: Uint32Array) => void;
}

/** Actors by the set of codes they have. */
function placePresent(
  { segment: { offsets } }: ComputeContext,
  memory: ColumnMemory,
  pass: KernelPass,
  column: Pointer,
): PresentCounter {
  const present = pass.take(4 * SETS);
  const sets = pass.borrow(pass.actors);
  const long = pass.borrow(4 * pass.actors + 4);
  const { countPresent } = kernel.on(memory);
  return {
    add({ first, last }) {
      countPresent(offsets.byteOffset, first, last, column, sets, long, present);
    },
    read(totalActors) {
      const total = totalActors.length - 1;
      viewU32(memory, present, SETS).forEach((n, set) => {
        for (let code = 0; code < STRIDE; code++)
          if ((set >> code) & 1 && n > 0) totalActors[code] = (totalActors[code] ?? 0) + n;
        if (set > 0) totalActors[total] = (totalActors[total] ?? 0) + n;
      });
    },
  };
}

/** A series that is alone is the first and the last slot, and Other between them is empty. */
function readOne(cells: Uint32Array, totals: Uint32Array, actors: number, partial: RollupPartial): void {
  const buckets = cells.length;
  for (const slot of [0, 2]) {
    partial.events.set(cells, slot * buckets);
    for (let bucket = 0; bucket < buckets; bucket++)
      partial.actors[slot * buckets + bucket] = (cells[bucket] ?? 0) - (totals[bucket] ?? 0);
    partial.totalActors[slot] = actors;
  }
}

interface Cells {
  readonly events: Uint32Array;
  readonly repeats: Uint32Array;
  readonly totals: Uint32Array;
}

function readAll(cells: Cells, codes: number, { events, actors, totalActors }: RollupPartial): void {
  const buckets = cells.totals.length;
  const all = (totalActors.length - 1) * buckets;
  for (let bucket = 0; bucket < buckets; bucket++) {
    let total = 0;
    for (let code = 0; code < codes; code++) {
      const count = cells.events[bucket * STRIDE + code] ?? 0;
      events[code * buckets + bucket] = count;
      actors[code * buckets + bucket] = count - (cells.repeats[bucket * STRIDE + code] ?? 0);
      total += count;
    }
    events[all + bucket] = total;
    actors[all + bucket] = total - (cells.totals[bucket] ?? 0);
  }
}
