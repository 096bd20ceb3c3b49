import { sharedU32, type ScannedSlice } from './event-rows.ts';
import { findStrings, NOT_FOUND } from './find-strings.ts';
import { createLike, growStrings } from './grow-column.ts';
import type { ActorIndex, EventIndex, PropertyColumn, Segment } from './segment.ts';
import { decodeStrings, EMPTY_TABLE, type StringTable } from './string-table.ts';
import { orderByFrequency } from './type-order.ts';

/**
 * Rows that a source got after its segment was built, in the order of the segment: by actor, time, arrival.
 *
 *   segment       actor 0: 10 20      actor 1: 5 90
 *   new rows      (1, 7) (2, 8) (0, 20)
 *   growth        actors 0 1 2        times 20 7 8        places 2 3 4        rows 2 0 1
 *
 * An actor that is new gets the next index, and an event at a known time stands behind those that came before it, as they
 * would in a segment of all rows.
 */
export interface Growth {
  readonly actors: Uint32Array;
  /** Since `baseSeconds`, as in the segment. */
  readonly seconds: Uint32Array;
  readonly millis: Uint16Array;
  /** In the codes of the segment, with those of new event names behind them: before `recode`. */
  readonly types: Uint32Array;
  /** By new event: which row of the slice. */
  readonly rows: Uint32Array;
  /** By new event: before which event of the segment it goes. */
  readonly places: Uint32Array;
  /** New events at exactly the time of the event before them of the same actor. */
  readonly equalTimes: number;
  readonly newActors: readonly string[];
  /** By type code, most frequent first, as in a segment of all rows. */
  readonly eventNames: readonly string[];
  readonly typeCounts: Float64Array;
  /** By code before: the code now; null = all codes stay. */
  readonly recode: Uint32Array | null;
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * `found`: where the slice's actors stand in the segment, when that is known. null = a segment of all rows would not have
 * this one's columns: an event earlier than all before, too many event types.
 */
export function planGrowth(
  segment: Segment,
  typeCounts: Float64Array,
  slice: ScannedSlice,
  found: Uint32Array | null,
  check: () => void,
): Growth | null {
  const rows = flatten(slice);
  const { times } = rows;
  const { firstMs, lastMs } = spanOf(times);
  const since = (ms: number): number => Math.floor(ms / 1000) - segment.baseSeconds;
  if (rows.times.length > 0 && (since(firstMs) < 0 || since(lastMs) > 0xffff_ffff)) return null;
  const { codes: actorOf, added } = codeActors(
    segment,
    slice,
    found ?? findStrings(segment.actorIds, slice.actorIds, check),
    check,
  );
  const names = [...new Set([...segment.eventNames, ...slice.eventNames])];
  if (names.length > 2 ** (8 * segment.types.BYTES_PER_ELEMENT)) return null;
  const typeOf = slice.eventNames.map((name) => names.indexOf(name));
  const order = orderRows(rows.actors, actorOf, times);
  const length = order.length;
  // In shared memory, for they go from thread to thread.
  const [actors, seconds, types] = [sharedU32(length), sharedU32(length), sharedU32(length)];
  const millis = createLike(segment.millis, length);
  for (let i = 0; i < length; i++) {
    const row = order[i] ?? 0;
    const time = times[row] ?? 0;
    const second = Math.floor(time / 1000);
    actors[i] = actorOf[rows.actors[row] ?? 0] ?? 0;
    seconds[i] = second - segment.baseSeconds;
    millis[i] = time - second * 1000;
    types[i] = typeOf[rows.types[row] ?? 0] ?? 0;
  }
  const placed = placeEvents(segment, { actors, seconds, millis });
  const ordered = { actors, seconds, millis, types, rows: order, ...placed };
  return { ...ordered, ...orderTypes(names, typeCounts, types), newActors: added, firstMs, lastMs };
}

/** Each behind all events of its actor at its time or before; `equalTimes` = how many stand behind one at exactly theirs. */
function placeEvents(
  segment: Segment,
  { actors, seconds, millis }: Pick<Growth, 'actors' | 'seconds' | 'millis'>,
): Pick<Growth, 'places' | 'equalTimes'> {
  const places = sharedU32(actors.length);
  let equalTimes = 0;
  for (let i = 0; i < places.length; i++) {
    const [actor, second, milli] = [actors[i] ?? 0, seconds[i] ?? 0, millis[i] ?? 0];
    const place = findPlace(segment, actor, second, milli);
    places[i] = place;
    const isBehindNew = i > 0 && actors[i - 1] === actor && places[i - 1] === place;
    const isBehindOld = !isBehindNew && actor < segment.actorCount && place > (segment.offsets[actor] ?? 0);
    if (isBehindNew && seconds[i - 1] === second && millis[i - 1] === milli) equalTimes++;
    if (isBehindOld && segment.seconds[place - 1] === second && segment.millis[place - 1] === milli) equalTimes++;
  }
  return { places, equalTimes };
}

/** By actor, time, arrival; `codes` are those of the slice, each of an actor of its own. Rows mostly come in order of time. */
function orderRows(codes: Uint32Array, actorOf: Uint32Array, times: Float64Array): Uint32Array {
  const next = new Uint32Array(actorOf.length);
  for (const code of codes) next[code] = (next[code] ?? 0) + 1;
  const byActor = Uint32Array.from(actorOf.keys()).sort((a, b) => (actorOf[a] ?? 0) - (actorOf[b] ?? 0));
  let end = 0;
  for (const code of byActor) {
    const rows = next[code] ?? 0;
    next[code] = end;
    end += rows;
  }
  const order = sharedU32(codes.length);
  codes.forEach((code, row) => {
    order[next[code] ?? 0] = row;
    next[code] = (next[code] ?? 0) + 1;
  });
  let start = 0;
  for (const code of byActor) {
    const behind = next[code] ?? 0;
    if (!isAscending(times, order, start, behind))
      order.subarray(start, behind).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
    start = behind;
  }
  return order;
}

function isAscending(times: Float64Array, order: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if ((times[order[i] ?? 0] ?? 0) < (times[order[i - 1] ?? 0] ?? 0)) return false;
  return true;
}

/** Events of each type. */
export function countTypes({ types, eventNames }: Segment): Float64Array {
  const counts = new Float64Array(eventNames.length);
  for (let i = 0; i < types.length; i++) {
    const type = types[i] ?? 0;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** New events may change which types are the most frequent. */
function orderTypes(
  names: readonly string[],
  before: Float64Array,
  types: Uint32Array,
): Pick<Growth, 'eventNames' | 'typeCounts' | 'recode'> {
  const counts = new Float64Array(names.length);
  counts.set(before);
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  const { names: eventNames, codes } = orderByFrequency([{ names, counts }]);
  const recode = codes[0] ?? new Uint32Array();
  const typeCounts = new Float64Array(eventNames.length);
  recode.forEach((code, i) => (typeCounts[code] = counts[i] ?? 0));
  return { eventNames, typeCounts, recode: recode.every((code, i) => code === i) ? null : recode };
}

function flatten({ chunks, rows }: ScannedSlice): {
  readonly actors: Uint32Array;
  readonly times: Float64Array;
  readonly types: Uint32Array;
} {
  const flat = { actors: new Uint32Array(rows), times: new Float64Array(rows), types: new Uint32Array(rows) };
  let at = 0;
  for (const chunk of chunks) {
    flat.actors.set(chunk.actors.subarray(0, chunk.rows), at);
    flat.times.set(chunk.times.subarray(0, chunk.rows), at);
    flat.types.set(chunk.types.subarray(0, chunk.rows), at);
    at += chunk.rows;
  }
  return flat;
}

function spanOf(times: Float64Array): { readonly firstMs: number; readonly lastMs: number } {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const time of times) {
    firstMs = Math.min(firstMs, time);
    lastMs = Math.max(lastMs, time);
  }
  return { firstMs, lastMs };
}

/** Known actors keep their index, new ones follow in order of first appearance. */
function codeActors(
  { actorIds }: Segment,
  slice: ScannedSlice,
  codes: Uint32Array,
  check: () => void,
): { readonly codes: Uint32Array; readonly added: readonly string[] } {
  const added: string[] = [];
  decodeStrings(slice.actorIds, check).forEach((id, i) => {
    if (codes[i] === NOT_FOUND) codes[i] = actorIds.length + added.push(id) - 1;
  });
  return { codes, added };
}

/** Behind all events of the actor at that time or before. */
function findPlace(
  { offsets, seconds, millis, actorCount, eventCount }: Segment,
  actor: ActorIndex,
  second: number,
  milli: number,
): EventIndex {
  if (actor >= actorCount) return eventCount;
  let low = offsets[actor] ?? 0;
  let high = offsets[actor + 1] ?? 0;
  while (low < high) {
    const mid = (low + high) >>> 1;
    const later = (seconds[mid] ?? 0) - second || (millis[mid] ?? 0) - milli;
    if (later > 0) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** Codes of the new events, and what the column's values are then. */
export interface PropertyGrowth {
  readonly codes: Uint32Array;
  readonly values: StringTable;
}

/** null = codes that the column is too narrow for: it has to be made anew. */
export function planProperty(
  { codes, values }: PropertyColumn,
  slice: ScannedSlice,
  p: number,
  order: Uint32Array,
  check: () => void,
): PropertyGrowth | null {
  const own = slice.propertyValues[p] ?? EMPTY_TABLE;
  const codeOf = findStrings(values, own, check);
  const added: string[] = [];
  decodeStrings(own, check).forEach((text, i) => {
    if (codeOf[i] === NOT_FOUND) codeOf[i] = values.length + added.push(text) - 1;
  });
  if (values.length + added.length >= 2 ** (8 * codes.BYTES_PER_ELEMENT)) return null;
  const local = slice.chunks.flatMap((chunk) => Array.from(chunk.properties[p]?.subarray(0, chunk.rows) ?? []));
  const inOrder = Uint32Array.from(order, (row) => {
    const code = local[row] ?? 0;
    return code === 0 ? 0 : (codeOf[code - 1] ?? 0) + 1;
  });
  return { codes: inOrder, values: growStrings(values, added) };
}
