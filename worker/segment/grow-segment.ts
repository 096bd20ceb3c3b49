import { allocate, createColumnMemory, withRoom, type ColumnMemory } from './column-memory.ts';
import type { DerivedColumn } from './derived-column.ts';
import { createLike, growStrings } from './grow-column.ts';
import type { Growth, PropertyGrowth } from './plan-growth.ts';
import { getRoom, type SegmentRoom } from './segment-room.ts';
import type { PropertyColumn, Segment, TypeColumn } from './segment.ts';

/** A column, its place with more values, and the values. */
export interface ColumnGrowth {
  readonly column: DerivedColumn;
  readonly grown: DerivedColumn;
  readonly values: ArrayLike<number>;
  /** By code before: the code now. */
  readonly recode?: Uint32Array | null;
}
/** A segment whose columns have their places and get their values from `steps`, any of them in any thread. */
export interface PlacedGrowth {
  readonly segment: Segment;
  readonly room: SegmentRoom | null;
  readonly steps: readonly ColumnGrowth[];
}
export interface LaterGrowth {
  readonly properties: ReadonlyMap<string, PropertyGrowth>;
  readonly recordedAt: Float64Array | null;
}
/**
 * Where `room` suffices columns begin where they did: nobody may read the old ones from the first step on. Else they get
 * places of their own and the old ones stay as they are.
 */
export function placeGrowth(
  segment: Segment,
  growth: Growth,
  later: LaterGrowth,
  room: SegmentRoom | null,
): PlacedGrowth {
  const eventCount = segment.eventCount + growth.rows.length;
  const actorCount = segment.actorCount + growth.newActors.length;
  const fits = room !== null && eventCount <= room.events && actorCount <= room.actors;
  const memory = fits || segment.memory === null ? segment.memory : createColumnMemory();
  const steps: ColumnGrowth[] = [];
  const place = <T extends Column>(column: T, length: number): T =>
    fits ? viewLonger(column, length) : allocateLike(memory, column, length);
  const grow = <T extends Column>(column: T, values: ArrayLike<number>, recode: Uint32Array | null = null): T => {
    const grown = place(column, eventCount);
    steps.push({ column, grown, values, recode });
    return grown;
  };
  const properties = [...later.properties].flatMap(([name, { codes, values }]): [string, PropertyColumn][] => {
    const column = segment.properties.get(name);
    return column === undefined ? [] : [[name, { codes: grow(column.codes, codes), values }]];
  });
  const grown: Segment = {
    ...segment,
    memory,
    actorCount,
    eventCount,
    seconds: grow(segment.seconds, growth.seconds),
    millis: grow(segment.millis, growth.millis),
    types: grow(segment.types, growth.types, growth.recode),
    offsets: place(segment.offsets, actorCount + 1),
    eventNames: growth.eventNames,
    actorIds: growStrings(segment.actorIds, growth.newActors),
    properties: new Map(properties),
    recordedAt: null,
  };
  return { segment: grown, room: fits ? room : memory === null ? null : getRoom(actorCount, eventCount), steps };
}

/** Where the events of each actor begin, with the new ones. `grown` may begin where the old offsets do. */
export function growOffsets(
  { offsets, actorCount, eventCount }: Pick<Segment, 'offsets' | 'actorCount' | 'eventCount'>,
  grown: Uint32Array,
  actors: Uint32Array,
): void {
  let before = actors.length;
  for (let actor = grown.length - 1; actor >= 0; actor--) {
    while (before > 0 && (actors[before - 1] ?? 0) >= actor) before--;
    grown[actor] = (actor <= actorCount ? (offsets[actor] ?? 0) : eventCount) + before;
  }
}

type Column = TypeColumn;

const viewLonger = <T extends Column>(column: T, length: number): T =>
  new (column.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T)(
    column.buffer,
    column.byteOffset,
    length,
  );

/** In `memory` with room for more, else in shared memory of its own. */
function allocateLike<T extends Column>(memory: ColumnMemory | null, column: T, length: number): T {
  if (memory === null) return createLike(column, length);
  const at = allocate(memory, column.BYTES_PER_ELEMENT * withRoom(length));
  return new (column.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T)(
    memory.buffer,
    at,
    length,
  );
}
