import { allocateU16, allocateU32, allocateU8, withRoom, type ColumnMemory } from './column-memory.ts';
import { sharedU32, type ScannedSlice, type SliceLandmarks } from './event-rows.ts';
import { mergeInOrder } from './merge-dictionaries.ts';
import { renumberActors } from './renumber-actors.ts';
import type { ScanOrder } from './scan-order.ts';
import type { Milliseconds, Segment, TypeColumn } from './segment.ts';
import { orderByFrequency, type MergedTypes } from './type-order.ts';

/**
 * A segment with what later scans need to add columns to it.
 *
 * Slices arrive in arrival order, so the place of a row in the scan (its *scan row*) orders it as `seq` does, and
 * `seq` itself need not be kept. Worked example, rows scanned: (b,20) (a,10) (b,5) (a,10):
 *
 *   actors as they come b → 0, a → 1
 *   counting sort       scanRows = 0 2 | 1 3       by actor, arrival order inside
 *   in-actor sort       scanRows = 2 0 | 1 3       by time; equal times keep scan order
 *   columns             seconds[p] = time of scanRows[p]
 *
 * A column scanned later is written in scan order and gathered: column[p] = scanned[scanRows[p]].
 */
export interface BuiltSegment {
  readonly segment: Segment;
  readonly scanOrder: ScanOrder;
  /** By slice: where scan rows lie in the source. */
  readonly landmarks: readonly SliceLandmarks[];
  /** Of all events; null when there are none. */
  readonly firstMs: Milliseconds | null;
  readonly lastMs: Milliseconds | null;
  /** Events at exactly the time of the event before them of the same actor. */
  readonly equalTimes: number;
}

/** Called every few thousand rows with the rows done in all steps together, 0..`BUILD_PASSES` × rows; may throw. */
export type BuildCheckpoint = (rows: number) => void;
export const BUILD_PASSES = 4;
const CHECK_EVERY = 1 << 16;

/** Seconds are kept as u32 from the first event on: 136 years. */
export class TimeSpanTooWide extends Error {
  override readonly name = 'TimeSpanTooWide';
  readonly firstMs: Milliseconds;
  readonly lastMs: Milliseconds;
  constructor(firstMs: Milliseconds, lastMs: Milliseconds) {
    super('Event times span more than 136 years.');
    this.firstMs = firstMs;
    this.lastMs = lastMs;
  }
}

/**
 * The same events give the same segment, however the scan was sliced. The reference of `assembleSlices`, and what builds
 * where kernels do not.
 */
export function assembleSegment(
  scanned: readonly ScannedSlice[],
  memory: ColumnMemory | null,
  checkpoint: BuildCheckpoint,
): BuiltSegment {
  const slices = scanned.map((slice) => renumberActors(slice, () => checkpoint(0)));
  const eventCount = slices.reduce((sum, slice) => sum + slice.rows, 0);
  const actors = mergeInOrder(
    slices.map((slice) => slice.actorIds),
    () => checkpoint(0),
  );
  const types = mergeByFrequency(slices, () => checkpoint(0));
  const rows = flatten(slices, eventCount, actors.codes, types.codes, checkpoint);
  checkpoint(eventCount);
  const offsets = countActors(rows.actors, newU32(memory, actors.values.length + 1));
  const scanRows = sortByActor(rows.actors, offsets, (done) => checkpoint(eventCount + done));
  sortByTime(scanRows, offsets, rows.times, (done) => checkpoint(2 * eventCount + done));
  const span = getSpan(rows.times);
  const times = fillTimes(scanRows, rows.times, span.baseSeconds, memory, (done) => checkpoint(3 * eventCount + done));
  const segment: Segment = {
    memory,
    actorCount: actors.values.length,
    eventCount,
    offsets,
    baseSeconds: span.baseSeconds,
    ...times,
    types: fillTypes(scanRows, rows.types, narrowestColumn(memory, types.names.length, eventCount), () =>
      checkpoint(4 * eventCount),
    ),
    eventNames: types.names,
    actorIds: actors.values,
    properties: new Map(),
    recordedAt: null,
  };
  const landmarks = slices.map(({ rows, landmarks: seqs, dropped }) => ({ rows, seqs, dropped }));
  return {
    segment,
    scanOrder: { kind: 'memory', rows: scanRows },
    landmarks,
    firstMs: span.firstMs,
    lastMs: span.lastMs,
    equalTimes: countEqualTimes(segment),
  };
}

interface FlatRows {
  readonly actors: Uint32Array;
  readonly times: Float64Array;
  readonly types: Uint32Array;
}

/** All slices end to end, with merged codes. */
function flatten(
  slices: readonly ScannedSlice[],
  rows: number,
  actorCodes: readonly Uint32Array[],
  typeCodes: readonly Uint32Array[],
  checkpoint: BuildCheckpoint,
): FlatRows {
  const flat = { actors: new Uint32Array(rows), times: new Float64Array(rows), types: new Uint32Array(rows) };
  let at = 0;
  slices.forEach((slice, s) => {
    const actorCode = actorCodes[s] ?? new Uint32Array();
    const typeCode = typeCodes[s] ?? new Uint32Array();
    for (const chunk of slice.chunks) {
      translate(chunk.actors, chunk.rows, actorCode, flat.actors, at);
      translate(chunk.types, chunk.rows, typeCode, flat.types, at);
      flat.times.set(chunk.times.subarray(0, chunk.rows), at);
      at += chunk.rows;
      checkpoint(at);
    }
  });
  return flat;
}

function translate(local: Uint32Array, count: number, codes: Uint32Array, out: Uint32Array, at: number): void {
  for (let i = 0; i < count; i++) out[at + i] = codes[local[i] ?? 0] ?? 0;
}

function mergeByFrequency(slices: readonly ScannedSlice[], check: () => void): MergedTypes {
  return orderByFrequency(
    slices.map((slice) => {
      const counts = new Float64Array(slice.eventNames.length);
      for (const chunk of slice.chunks) {
        check();
        for (let i = 0; i < chunk.rows; i++) {
          const type = chunk.types[i] ?? 0;
          counts[type] = (counts[type] ?? 0) + 1;
        }
      }
      return { names: slice.eventNames, counts };
    }),
  );
}

function countActors(actors: Uint32Array, offsets: Uint32Array): Uint32Array {
  for (let i = 0; i < actors.length; i++) {
    const next = (actors[i] ?? 0) + 1;
    offsets[next] = (offsets[next] ?? 0) + 1;
  }
  for (let a = 0; a + 1 < offsets.length; a++) offsets[a + 1] = (offsets[a + 1] ?? 0) + (offsets[a] ?? 0);
  return offsets;
}

function sortByActor(actors: Uint32Array, offsets: Uint32Array, checkpoint: BuildCheckpoint): Uint32Array {
  const cursor = new Uint32Array(offsets);
  const scanRows = sharedU32(actors.length);
  for (let row = 0; row < actors.length; row++) {
    if (row % CHECK_EVERY === 0) checkpoint(row);
    const actor = actors[row] ?? 0;
    const at = cursor[actor] ?? 0;
    scanRows[at] = row;
    cursor[actor] = at + 1;
  }
  return scanRows;
}

/** Most actors arrive in time order already: only the others are sorted. */
function sortByTime(
  scanRows: Uint32Array,
  offsets: Uint32Array,
  times: Float64Array,
  checkpoint: BuildCheckpoint,
): void {
  let nextCheck = 0;
  for (let actor = 0; actor + 1 < offsets.length; actor++) {
    const from = offsets[actor] ?? 0;
    const to = offsets[actor + 1] ?? 0;
    if (to >= nextCheck) {
      checkpoint(from);
      nextCheck = to + CHECK_EVERY;
    }
    if (isInTimeOrder(scanRows, from, to, times)) continue;
    scanRows.subarray(from, to).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
  }
}

function isInTimeOrder(scanRows: Uint32Array, from: number, to: number, times: Float64Array): boolean {
  let previous = -Infinity;
  for (let p = from; p < to; p++) {
    const time = times[scanRows[p] ?? 0] ?? 0;
    if (time < previous) return false;
    previous = time;
  }
  return true;
}

export interface TimeSpan {
  /** null without events. */
  readonly firstMs: Milliseconds | null;
  readonly lastMs: Milliseconds | null;
  readonly baseSeconds: number;
}

/** Throws TimeSpanTooWide. */
export function getSpan(times: ArrayLike<Milliseconds>): TimeSpan {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time < firstMs) firstMs = time;
    if (time > lastMs) lastMs = time;
  }
  if (times.length === 0) return { firstMs: null, lastMs: null, baseSeconds: 0 };
  const baseSeconds = Math.floor(firstMs / 1000);
  if (Math.floor(lastMs / 1000) - baseSeconds > 0xffff_ffff) throw new TimeSpanTooWide(firstMs, lastMs);
  return { firstMs, lastMs, baseSeconds };
}

function fillTimes(
  scanRows: Uint32Array,
  times: Float64Array,
  baseSeconds: number,
  memory: ColumnMemory | null,
  checkpoint: BuildCheckpoint,
): Pick<Segment, 'seconds' | 'millis'> {
  const seconds = newU32(memory, scanRows.length);
  const millis = newU16(memory, scanRows.length);
  for (let p = 0; p < scanRows.length; p++) {
    if (p % CHECK_EVERY === 0) checkpoint(p);
    const time = times[scanRows[p] ?? 0] ?? 0;
    let second = Math.floor(time / 1000);
    // Thousands of centuries away, the quotient is rounded up.
    if (second * 1000 > time) second--;
    seconds[p] = second - baseSeconds;
    millis[p] = time - second * 1000;
  }
  return { seconds, millis };
}

function countEqualTimes({ offsets, seconds, millis, actorCount }: Segment): number {
  let equal = 0;
  for (let actor = 0; actor < actorCount; actor++)
    for (let e = (offsets[actor] ?? 0) + 1; e < (offsets[actor + 1] ?? 0); e++)
      if (seconds[e] === seconds[e - 1] && millis[e] === millis[e - 1]) equal++;
  return equal;
}

function fillTypes(scanRows: Uint32Array, types: Uint32Array, out: TypeColumn, check: () => void): TypeColumn {
  for (let p = 0; p < scanRows.length; p++) {
    if (p % CHECK_EVERY === 0) check();
    out[p] = types[scanRows[p] ?? 0] ?? 0;
  }
  return out;
}

/** As narrow as codes 0..`codes - 1` allow. */
export function narrowestColumn(memory: ColumnMemory | null, codes: number, length: number): TypeColumn {
  if (codes <= 0x100) return newU8(memory, length);
  return codes <= 0x1_0000 ? newU16(memory, length) : newU32(memory, length);
}

/** Zeroed, for that many actors, events and event types. */
export function newColumns(
  memory: ColumnMemory | null,
  actors: number,
  events: number,
  types: number,
): Pick<Segment, 'offsets' | 'seconds' | 'millis' | 'types'> {
  return {
    offsets: newU32(memory, actors + 1),
    seconds: newU32(memory, events),
    millis: newU16(memory, events),
    types: narrowestColumn(memory, types, events),
  };
}

const newU8 = (memory: ColumnMemory | null, length: number): Uint8Array =>
  memory === null
    ? new Uint8Array(new SharedArrayBuffer(length))
    : allocateU8(memory, withRoom(length)).subarray(0, length);
const newU16 = (memory: ColumnMemory | null, length: number): Uint16Array =>
  memory === null
    ? new Uint16Array(new SharedArrayBuffer(2 * length))
    : allocateU16(memory, withRoom(length)).subarray(0, length);
const newU32 = (memory: ColumnMemory | null, length: number): Uint32Array =>
  memory === null ? sharedU32(length) : allocateU32(memory, withRoom(length)).subarray(0, length);
