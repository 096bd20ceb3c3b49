import { sharedU32 } from './event-rows.ts';
import type { ActorIndex, EventIndex, Segment } from './segment.ts';

/** Rows of a slice as they came, in the slice's codes. */
export interface FlatRows {
  readonly actors: Uint32Array;
  /** Milliseconds since the epoch; none before `baseSeconds` of the segment. */
  readonly times: Float64Array;
  readonly types: Uint32Array;
}
/** Of each code of the slice: which actor of the segment, those from `actorCount` on new; which type. */
export interface RowCodes {
  readonly actorOf: Uint32Array;
  readonly typeOf: Uint32Array;
  /** How many types there are. */
  readonly types: number;
}
/** The rows in the order of the segment, by actor, time, arrival: see `Growth`. */
export interface PlacedRows {
  readonly actors: Uint32Array;
  /** Since `baseSeconds`, as in the segment. */
  readonly seconds: Uint32Array;
  readonly millis: Uint32Array;
  /** In the codes of the segment, with those of new event names behind them: before `recode`. */
  readonly types: Uint32Array;
  /** By new event: which row of the slice. */
  readonly rows: Uint32Array;
  /** By new event: before which event of the segment it goes. */
  readonly places: Uint32Array;
  /** New events at exactly the time of the event before them of the same actor. */
  readonly equalTimes: number;
  /** New events by type. */
  readonly typeCounts: Uint32Array;
}

/** What the kernel does (`place-by-kernel.ts`), for segments without a memory and for very many rows. */
export function placeRows(segment: Segment, rows: FlatRows, codes: RowCodes): PlacedRows {
  const { times } = rows;
  const { actorOf, typeOf } = codes;
  const order = orderRows(rows, codes);
  const { length } = order;
  // In shared memory, for they go from thread to thread.
  const make = (): Uint32Array => sharedU32(length);
  const [actors, seconds, millis, types] = [make(), make(), make(), make()];
  const typeCounts = new Uint32Array(codes.types);
  for (let i = 0; i < length; i++) {
    const row = order[i] ?? 0;
    const time = times[row] ?? 0;
    const second = Math.floor(time / 1000);
    const type = typeOf[rows.types[row] ?? 0] ?? 0;
    actors[i] = actorOf[rows.actors[row] ?? 0] ?? 0;
    seconds[i] = second - segment.baseSeconds;
    millis[i] = time - second * 1000;
    types[i] = type;
    typeCounts[type] = (typeCounts[type] ?? 0) + 1;
  }
  const columns = { actors, seconds, millis };
  return { ...columns, types, rows: order, typeCounts, ...placeEvents(segment, columns) };
}

/** Codes of the slice, each of an actor of its own, by actor. Numbers are sorted without a call for each pair. */
export function orderCodes(actorOf: Uint32Array): Uint32Array {
  const { length } = actorOf;
  // Below 2^53: the actors of a segment and those of a slice are in memory at the same time.
  const keys = new Float64Array(length);
  for (let code = 0; code < length; code++) keys[code] = (actorOf[code] ?? 0) * length + code;
  keys.sort();
  const codes = new Uint32Array(length);
  for (let i = 0; i < length; i++) codes[i] = (keys[i] ?? 0) % length;
  return codes;
}

/** By actor, time, arrival. Rows mostly come in order of time. */
function orderRows({ actors: codes, times }: FlatRows, { actorOf }: RowCodes): Uint32Array {
  const next = new Uint32Array(actorOf.length);
  for (const code of codes) next[code] = (next[code] ?? 0) + 1;
  const byActor = orderCodes(actorOf);
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
  sortGroups(order, times, byActor, next);
  return order;
}

/** The rows of each actor by time, arrival. `next`: by code, where its rows end. */
export function sortGroups(order: Uint32Array, times: Float64Array, byActor: Uint32Array, next: Uint32Array): void {
  let start = 0;
  for (const code of byActor) {
    const behind = next[code] ?? 0;
    if (!isAscending(times, order, start, behind))
      order.subarray(start, behind).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
    start = behind;
  }
}

function isAscending(times: Float64Array, order: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if ((times[order[i] ?? 0] ?? 0) < (times[order[i - 1] ?? 0] ?? 0)) return false;
  return true;
}

/** Each behind all events of its actor at its time or before; `equalTimes` = how many stand behind one at exactly theirs. */
function placeEvents(
  segment: Segment,
  { actors, seconds, millis }: Pick<PlacedRows, 'actors' | 'seconds' | 'millis'>,
): Pick<PlacedRows, 'places' | 'equalTimes'> {
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
