import { withRoom } from './column-memory.ts';

/**
 * For how many actors and events all columns in a segment's memory have room: rows that a source gets later are put in
 * where the columns lie. Room that nobody has touched costs addresses, not memory.
 */
export interface SegmentRoom {
  readonly actors: number;
  readonly events: number;
}

/** Of columns allocated for that many. */
export const getRoom = (actors: number, events: number): SegmentRoom => ({
  actors: withRoom(actors + 1) - 1,
  events: withRoom(events),
});
