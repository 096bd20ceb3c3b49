import type { RollupQuery } from '../../protocol/index.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewU32, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { Segment } from '../segment/segment.ts';
import { mapBuckets, type BucketMap } from './bucket-map.ts';
import type { ComputeContext } from './compute-module.ts';
import { compileCodes, LEFT_OUT } from './event-bytes.ts';
import { testCounted } from './event-stream.ts';
import { toPredicate, type EventTest } from './event-test.ts';
import { openPass } from './kernel-pass.ts';
import { buildRangeGrid, isOpen } from './range-grid.ts';
import { isFlat, tallyFlat } from './rollup-flat.ts';
import { rollupKernel } from './rollup-kernel-exports.ts';
import { compileSums } from './rollup-kernel-sums.ts';
import { chooseSeries, countEvents, getSeriesCodes, type SeriesCodes, type SeriesSlots } from './rollup-series.ts';
import { createRollupPartial, type RollupPartial } from './rollup-tally.ts';
import { getNumberColumn, type NumberColumn } from './sums.ts';

/** The partial by kernel; null = the twin must do it (odd calendars, too many series for a byte). */
export function tallyRollup(context: ComputeContext, query: RollupQuery): RollupPartial | null {
  const { segment } = context;
  const { memory } = segment;
  if (memory === null) return null;
  const grid = buildRangeGrid(context, query, query.interval);
  const buckets = mapBuckets(grid, segment.baseSeconds);
  if (buckets === null) return null;
  const counted = testCounted(context, query.where, query.event);
  const codes = getSeriesCodes(segment, query);
  const slots = chooseSeries(codes, query.limit, () => context.survey ?? countCodes(context, memory, codes, counted));
  if (slots.shown.length + 1 >= LEFT_OUT) return null;
  const sum = isOpen(query.sum) ? null : { numbers: getNumberColumn(segment, query.sum ?? '') };
  return tally(context, memory, { codes, slots, counted, buckets, bucketCount: grid.starts.length, sum });
}

interface RollupPlan {
  readonly codes: SeriesCodes;
  readonly slots: SeriesSlots;
  readonly counted: EventTest;
  readonly buckets: BucketMap;
  readonly bucketCount: number;
  /** null = nothing is summed; `numbers` null = all are 0. */
  readonly sum: { readonly numbers: NumberColumn | null } | null;
}

function tally(context: ComputeContext, memory: ColumnMemory, plan: RollupPlan): RollupPartial {
  const { segment } = context;
  const { buckets, bucketCount, slots } = plan;
  const { shown, valueCount } = slots;
  const partial = createRollupPartial(shown, valueCount, bucketCount, plan.sum === null);
  if (bucketCount === 0) return partial;
  // The shown series and Other; one series is its own total.
  const series = shown.length === 1 && valueCount === null ? 1 : shown.length + 1;
  const cellBytes = 4 * bucketCount * series;
  const seenBytes = 16 * (series + 1);
  const bytes = compileCodes(segment, memory, plan.codes.column ?? segment.types, tableOf(segment, plan), plan.counted);
  const room = [series === 1 ? 2 * cellBytes : 0, cellBytes, cellBytes, 4 * bucketCount, seenBytes].reduce(
    (sum, n) => sum + roomFor(n),
    0,
  );
  const flat = { ...plan, bytes };
  if (plan.sum === null && isFlat(context, flat)) {
    tallyFlat(context, memory, flat, partial);
    return partial;
  }
  const sums = compileSums(memory, plan.sum?.numbers ?? null, bucketCount, series);
  const pass = openPass(context, memory, context, bytes, () => room + buckets.scratchBytes + sums.scratchBytes);
  // Cells of one series are pairs: the room of both tables.
  const cells = pass.take(series === 1 ? 2 * cellBytes : 0);
  const events = pass.take(cellBytes);
  const repeats = pass.take(cellBytes);
  const totals = pass.take(4 * bucketCount);
  const seen = pass.take(seenBytes);
  const bucketsAt = buckets.place(memory, pass);
  const addSums = sums.place(pass);
  const exports = rollupKernel.on(memory);
  const [all, one] = buckets.narrow ? [exports.tally16, exports.tallyOne16] : [exports.tally32, exports.tallyOne32];
  const { seconds } = segment;
  let actors = 0;
  pass.forEachSlice(({ starts, ends, first, last, bytes: at }) => {
    const where = [starts, ends, first, last, at, pass.table, seconds.byteOffset, bucketsAt];
    if (series === 1) actors += one(...where, cells);
    else all(...where, series, events, repeats, totals, seen);
    addSums.add(where);
  });
  const view = (at: Pointer, length: number): Uint32Array => viewU32(memory, at, length);
  if (series === 1) readOne(view(cells, 2 * bucketCount), actors, bucketCount, partial);
  else
    readAll(
      {
        events: view(events, bucketCount * series),
        repeats: view(repeats, bucketCount * series),
        totals: view(totals, bucketCount),
        seen: view(seen, 4 * series + 4),
      },
      bucketCount,
      partial,
    );
  addSums.read(partial);
  return partial;
}

/** Slot by code. */
function tableOf({ eventNames }: Segment, { codes, slots }: RollupPlan): Uint8Array {
  if (codes.column === null) return new Uint8Array(eventNames.length);
  const table = Uint8Array.from(slots.slotOf);
  if (codes.blank !== 0) table[codes.blank] = table[0] ?? 0;
  return table;
}

/** By bucket and series, see the kernel (kernels/assembly/rollup.ts). */
interface Cells {
  readonly events: Uint32Array;
  readonly repeats: Uint32Array;
  readonly totals: Uint32Array;
  readonly seen: Uint32Array;
}

/** A series that is alone is the first and the last slot, and Other between them is empty. */
function readOne(cells: Uint32Array, actors: number, buckets: number, partial: RollupPartial): void {
  for (const slot of [0, 2]) {
    for (let bucket = 0; bucket < buckets; bucket++) {
      const events = cells[2 * bucket] ?? 0;
      partial.events[slot * buckets + bucket] = events;
      partial.actors[slot * buckets + bucket] = events - (cells[2 * bucket + 1] ?? 0);
    }
    partial.totalActors[slot] = actors;
  }
}

function readAll(cells: Cells, buckets: number, { events, actors, totalActors }: RollupPartial): void {
  const series = totalActors.length - 1;
  for (let slot = 0; slot <= series; slot++) totalActors[slot] = cells.seen[4 * slot + 2] ?? 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    let total = 0;
    for (let slot = 0; slot < series; slot++) {
      const count = cells.events[bucket * series + slot] ?? 0;
      events[slot * buckets + bucket] = count;
      actors[slot * buckets + bucket] = count - (cells.repeats[bucket * series + slot] ?? 0);
      total += count;
    }
    events[series * buckets + bucket] = total;
    actors[series * buckets + bucket] = total - (cells.totals[bucket] ?? 0);
  }
}

/** Events by code over all actors, not only those of the range. */
function countCodes(
  context: ComputeContext,
  memory: ColumnMemory,
  codes: SeriesCodes,
  counted: EventTest,
): Uint32Array | Float64Array {
  const { segment } = context;
  const whole = {
    ...context,
    range: { from: 0, to: segment.actorCount },
    checkpoint: () => context.checkpoint(0),
  };
  const { column } = codes;
  if (column === 'actors' || column === null) return countEvents(context, codes, toPredicate(segment, counted));
  const none = new Uint8Array(segment.eventNames.length);
  const bytes = compileCodes(segment, memory, segment.types, none, counted);
  const countBytes = 4 * codes.count;
  const pass = openPass(whole, memory, context, bytes, () => roomFor(countBytes));
  const counts = pass.take(countBytes);
  const { countCodes8, countCodes16, countCodes32 } = rollupKernel.on(memory);
  const count =
    column.BYTES_PER_ELEMENT === 1 ? countCodes8 : column.BYTES_PER_ELEMENT === 2 ? countCodes16 : countCodes32;
  pass.forEachSlice(({ starts, ends, first, last, bytes: at }) => {
    count(starts, ends, first, last, at, pass.table, column.byteOffset, counts);
  });
  const found = viewU32(memory, counts, codes.count).slice();
  if (codes.blank !== 0) {
    found[0] = (found[0] ?? 0) + (found[codes.blank] ?? 0);
    found[codes.blank] = 0;
  }
  return found;
}
