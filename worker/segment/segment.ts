import type { ActorSets } from './actor-set.ts';
import type { ColumnMemory } from './column-memory.ts';
import type { StringTable } from './string-table.ts';

/**
 * A segment: the frozen events of a source as columns, sorted by (actor, event time, seq). All arrays lie in shared
 * memory, so that worker threads read them in place. Nothing of it ever leaves `worker/`.
 *
 *            actor 0        actor 1      actor 2
 *   offsets  0              3            5          7
 *   seconds  10  20  20  |  5   90    |  7   8          since baseSeconds, u32
 *   millis   0   0   500 |  0   250   |  0   0          u16
 *   types    0   1   1   |  0   2     |  1   0          code into eventNames
 *
 * Events of one actor with equal time keep arrival order (seq).
 */
export interface Segment {
  /**
   * Where offsets, seconds, millis, types and the codes of properties lie, for kernels to read. null = they lie anywhere
   * and only the TypeScript twins of the kernels read them (engine option `kernels: false`, segments made by hand).
   */
  readonly memory: ColumnMemory | null;
  readonly actorCount: number;
  readonly eventCount: number;
  /** Of the first event, where the segment in hand has the events of a part of its actors only; absent = of all. */
  readonly firstMs?: Milliseconds;
  /** Those it has the events of, where these are a part; absent = all. */
  readonly held?: ActorRange;
  /** actorCount + 1 */
  readonly offsets: Uint32Array;
  /** Seconds since the epoch (UTC) of value 0 in `seconds`. */
  readonly baseSeconds: number;
  readonly seconds: Uint32Array;
  readonly millis: Uint16Array;
  readonly types: TypeColumn;
  /** By type code, most frequent first. */
  readonly eventNames: readonly string[];
  /** By actor index. Not sorted. */
  readonly actorIds: StringTable;
  /** Loaded on demand. */
  readonly properties: ReadonlyMap<string, PropertyColumn>;
  /** Second clock, ms since the epoch, where the source has it and it was asked for. */
  readonly recordedAt: Float64Array | null;
  /** Those a question asks about, by name. */
  readonly actorSets?: ActorSets | undefined;
}
export type TypeColumn = Uint8Array | Uint16Array | Uint32Array;

/** One property by event position. Code 0 = not set (missing or JSON null); code c > 0 is `values[c - 1]`. */
export interface PropertyColumn {
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  readonly values: StringTable;
}

/** Index of an actor in a segment, 0-based. */
export type ActorIndex = number;
/** Index of an event in a segment's columns, 0-based. */
export type EventIndex = number;
/** Since the epoch, UTC. */
export type Milliseconds = number;

/** Actors `from` (inclusive) to `to` (exclusive). */
export interface ActorRange {
  readonly from: ActorIndex;
  readonly to: ActorIndex;
}

export function getTime(segment: Segment, event: EventIndex): Milliseconds {
  return (segment.baseSeconds + (segment.seconds[event] ?? 0)) * 1000 + (segment.millis[event] ?? 0);
}

/** Whose event it is: the last actor whose first event is at or before it. */
export const getActorOf = ({ offsets, held }: Pick<Segment, 'offsets' | 'held'>, event: EventIndex): ActorIndex =>
  lowerBound(offsets, event + 1, held?.from, held === undefined ? undefined : held.to + 1) - 1;

/** Cuts all actors into at most `parts` ranges with about equal numbers of events. */
export function splitActors(segment: Segment, parts: number): readonly ActorRange[] {
  const ranges: ActorRange[] = [];
  let from = 0;
  for (let part = 1; part <= parts && from < segment.actorCount; part++) {
    const target = (segment.eventCount * part) / parts;
    let to = part === parts ? segment.actorCount : lowerBound(segment.offsets, target);
    if (to <= from) to = Math.min(from + 1, segment.actorCount);
    ranges.push({ from, to });
    from = to;
  }
  return ranges;
}

/** First index whose value is >= target in an ascending array, or in a part of it. */
export function lowerBound(sorted: Uint32Array, target: number, from = 0, to = sorted.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((sorted[mid] ?? 0) < target) low = mid + 1;
    else high = mid;
  }
  return low;
}
