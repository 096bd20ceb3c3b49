import { layOutScratch, roomFor, type Layout } from '../kernels/scratch.ts';
import { viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import { lowerBound, type Milliseconds, type Segment } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { maskKernel, type EventBytes, type EventSlice } from './event-bytes.ts';

/**
 * How kernels walk a range of actors: in slices of some ten thousand events, so that a cancel comes through, the bytes of a
 * slice stay in the cache, and no call is so long that it stays in unoptimized code.
 */
export interface KernelPass extends Layout {
  /** Zeroed working space, `roomFor` each piece of what was asked. */
  take(bytes: number): Pointer;
  /** The same without zeros. */
  readonly borrow: (bytes: number) => Pointer;
  /** 256 bytes: what an event's byte stands for. */
  readonly table: Pointer;
  /** The most events and the most actors of a slice. */
  readonly events: number;
  readonly actors: number;
  forEachSlice(visit: (slice: KernelSlice) => void): void;
}
/** Pointers are those of actor 0 and event 0. */
export interface KernelSlice extends EventSlice {
  /** By actor: the first event inside the bounds, and one past the last. */
  readonly starts: Pointer;
  readonly ends: Pointer;
  readonly bytes: Pointer;
}
export interface Bounds {
  readonly fromMs: Milliseconds;
  readonly toMs: Milliseconds;
}
const EVENTS_A_SLICE = 65_536;

/** `roomBytes` is what the caller will `take`, given the most events and the most actors of a slice. */
export function openPass(
  context: ComputeContext,
  memory: ColumnMemory,
  bounds: Bounds,
  bytes: EventBytes,
  roomBytes: (events: number, actors: number) => number,
): KernelPass {
  const { segment } = context;
  const slices = cutSlices(context);
  const events = Math.max(0, ...slices.map(({ from, to }) => to - from));
  const actors = Math.max(0, ...slices.map(({ first, last }) => last - first));
  const boundBytes = roomFor(4 * actors);
  const markBytes = events / 8 + 16;
  const layout = layOutScratch(
    memory,
    bytes.scratchBytes(events) + 2 * boundBytes + roomFor(markBytes) + roomBytes(events, actors),
  );
  const placed = bytes.place(layout, events);
  const starts = layout.take(4 * actors);
  const ends = layout.take(4 * actors);
  const marks = layout.take(markBytes);
  const boundAt = (ms: Milliseconds, out: Pointer) => compileBound(segment, memory, ms, { marks, out });
  const startsOf = bounds.fromMs <= segment.baseSeconds * 1000 ? null : boundAt(bounds.fromMs, starts);
  const endsOf = bounds.toMs >= context.lastEventMs ? null : boundAt(bounds.toMs + 1, ends);
  const { offsets } = segment;
  return {
    take(wanted) {
      const at = layout.take(wanted);
      viewU8(memory, at, wanted).fill(0);
      return at;
    },
    borrow: (wanted) => layout.take(wanted),
    table: placed.table,
    events,
    actors,
    forEachSlice(visit) {
      for (const slice of slices) {
        context.checkpoint(slice.first - context.range.from);
        visit({
          ...slice,
          bytes: placed.fill(slice),
          starts: startsOf === null ? offsets.byteOffset : startsOf(slice),
          ends: endsOf === null ? offsets.byteOffset + 4 : endsOf(slice),
        });
      }
      context.checkpoint(context.range.to - context.range.from);
    },
  };
}

function cutSlices({ segment: { offsets }, range }: ComputeContext): readonly EventSlice[] {
  const slices: EventSlice[] = [];
  for (let first = range.from; first < range.to;) {
    const from = offsets[first] ?? 0;
    const last = Math.min(Math.max(first + 1, lowerBound(offsets, from + EVENTS_A_SLICE)), range.to);
    slices.push({ first, last, from, to: offsets[last] ?? 0 });
    first = last;
  }
  return slices;
}

/** Finds each actor's first event at or after `ms`, its end where there is none. */
function compileBound(
  segment: Segment,
  memory: ColumnMemory,
  ms: Milliseconds,
  at: { readonly marks: Pointer; readonly out: Pointer },
): (slice: EventSlice) => Pointer {
  const { offsets, seconds, millis, baseSeconds } = segment;
  const [second, millisecond] = splitTime(ms, baseSeconds);
  const { findBounds } = maskKernel.on(memory);
  const columns = [offsets.byteOffset, seconds.byteOffset, millis.byteOffset] as const;
  return ({ first, last }) => {
    const out = at.out - 4 * first;
    findBounds(...columns, first, last, second, millisecond, at.marks, out);
    return out;
  };
}

const LAST_SECOND = 0xffff_ffff;
/** A moment as second and millisecond since the segment's base; before it (0, 0), too late for any event (last, 1000). */
export function splitTime(ms: Milliseconds, baseSeconds: number): readonly [second: number, millisecond: number] {
  const since = ms - baseSeconds * 1000;
  if (since <= 0) return [0, 0];
  const second = Math.floor(since / 1000);
  return second > LAST_SECOND ? [LAST_SECOND, 1000] : [second, since - second * 1000];
}
