import { WASM } from '../kernels/generated/place-rows.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { layOutScratch, roomFor } from '../kernels/scratch.ts';
import { viewU32, type ColumnMemory } from './column-memory.ts';
import { sharedU32 } from './event-rows.ts';
import { sortGroups, type FlatRows, type PlacedRows, type RowCodes } from './place-rows.ts';
import type { Segment } from './segment.ts';

const kernel =
  defineKernel<Readonly<Record<'orderCodes' | 'orderRows' | 'placeRows', (...args: number[]) => number>>>(WASM);

/** Working space is never given back: 40 bytes a row, 16 an actor. More rows are for the twin. */
const MOST_ROWS = 1 << 18;
/** Values of a digit by which the kernel puts actors in order. */
const DIGITS = 1 << 11;
/** Columns that `placeRows` writes one behind the other. */
const COLUMNS = 5;

/** `placeRows` of the same name as the twin; null = too many rows. Throws ColumnMemoryFull. */
export function placeByKernel(
  memory: ColumnMemory,
  segment: Segment,
  rows: FlatRows,
  codes: RowCodes,
): PlacedRows | null {
  const { length } = rows.actors;
  const { actorOf } = codes;
  if (length > MOST_ROWS || actorOf.length > MOST_ROWS) return null;
  const column = roomFor(4 * length);
  const perCode = roomFor(4 * actorOf.length);
  const small = roomFor(4 * codes.typeOf.length) + roomFor(4 * codes.types) + roomFor(4 * DIGITS);
  const layout = layOutScratch(memory, 5 * column + roomFor(4 * COLUMNS * length) + 4 * perCode + small);
  const take = (words: number): Uint32Array => viewU32(memory, layout.take(4 * words), words);
  const put = (words: Uint32Array): Uint32Array => {
    const view = take(words.length);
    view.set(words);
    return view;
  };
  const times = new Float64Array(memory.buffer, layout.take(8 * length), length);
  times.set(rows.times);
  const [own, types, actors, typeOf] = [put(rows.actors), put(rows.types), put(actorOf), put(codes.typeOf)];
  const [byActor, next, order] = [take(actorOf.length), take(actorOf.length), take(length)];
  const [spare, digits] = [take(actorOf.length), take(DIGITS)];
  const counts = take(codes.types).fill(0);
  const out = take(COLUMNS * length);
  const at = (view: Uint32Array | Float64Array): number => view.byteOffset;
  const { orderCodes, orderRows, placeRows } = kernel.on(memory);
  orderCodes(at(actors), actorOf.length, at(byActor), at(spare), at(digits));
  const unordered = orderRows(at(own), at(times), length, at(byActor), actorOf.length, at(next), at(order));
  if (unordered > 0) sortGroups(order, times, byActor, next);
  const { offsets, seconds, millis, actorCount, eventCount, baseSeconds } = segment;
  const events = [offsets.byteOffset, seconds.byteOffset, millis.byteOffset, actorCount, eventCount, at(out)] as const;
  const given = [at(own), at(times), at(types), at(actors), at(typeOf), at(counts), baseSeconds] as const;
  const equalTimes = placeRows(at(order), length, ...given, ...events);
  const keep = (i: number): Uint32Array => copy(out.subarray(i * length, (i + 1) * length));
  return {
    actors: keep(0),
    seconds: keep(1),
    millis: keep(2),
    types: keep(3),
    places: keep(4),
    rows: copy(order),
    equalTimes,
    typeCounts: counts.slice(),
  };
}

/** In shared memory, for they go from thread to thread. */
function copy(words: Uint32Array): Uint32Array {
  const copied = sharedU32(words.length);
  copied.set(words);
  return copied;
}
