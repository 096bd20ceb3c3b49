import { WASM } from '../kernels/generated/activity.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewU32 } from '../segment/column-memory.ts';
import { mapBuckets } from './bucket-map.ts';
import type { ComputeContext } from './compute-module.ts';
import { compileBits } from './event-bytes.ts';
import type { EventTest } from './event-test.ts';
import { openPass, type Bounds } from './kernel-pass.ts';
import type { IntervalGrid } from './time-bucket.ts';

type Scan = 'firstEver' | 'everyInterval' | 'lifecycle' | 'stickiness';
type ActivityKernel = Readonly<Record<`${Scan}${16 | 32}`, (...args: number[]) => number>>;
const kernel = defineKernel<ActivityKernel>(WASM);

/** The `cells` counts of one of the kernel's scans (kernels/assembly/activity.ts); null = the twin must do it. */
export function scanActivity(
  context: ComputeContext,
  scan: Scan,
  { bounds, grid, tests, cells }: ActivityScan,
): Float64Array | null {
  const { segment } = context;
  const { memory, seconds, offsets } = segment;
  const buckets = mapBuckets(grid, segment.baseSeconds);
  if (memory === null || buckets === null) return null;
  const intervals = grid.starts.length;
  const bytes = compileBits(segment, memory, tests);
  const room = roomFor(4 * cells) + roomFor(4 * intervals) + buckets.scratchBytes;
  const pass = openPass(context, memory, bounds, bytes, () => room);
  const out = pass.take(4 * cells);
  const list = pass.take(4 * intervals);
  const at = buckets.place(memory, pass);
  const run = kernel.on(memory)[`${scan}${buckets.narrow ? 16 : 32}`];
  const [all, times] = [offsets.byteOffset, seconds.byteOffset];
  pass.forEachSlice((slice) => {
    const { starts, ends, first, last } = slice;
    run(all, starts, ends, first, last, slice.bytes, pass.table, times, at, intervals, out, list);
  });
  return Float64Array.from(viewU32(memory, out, cells));
}

export interface ActivityScan {
  /** Inside `grid`. */
  readonly bounds: Bounds;
  readonly grid: IntervalGrid;
  /** Bit k of an event's byte. */
  readonly tests: readonly EventTest[];
  readonly cells: number;
}
