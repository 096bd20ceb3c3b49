import type { DerivedColumn } from '../segment/derived-column.ts';
import type { Growth } from '../segment/plan-growth.ts';
import type { Segment } from '../segment/segment.ts';

/**
 * Actors, ascending, of whom derived columns may say something else with the new events: all that have one which does not
 * come behind all others of the actor and at least two of its type. `repeated`: by actor a bit for each type that it has
 * several events of (`TYPES_REPEATED`); null = not known.
 *
 *   segment   actor 0: a a b     actor 1: a     actor 2: a a        repeated  0b01 0 0b01
 *   new       actor 0: a         actor 1: a     actor 2: a b        changed   1 2
 */
export function findChanged(
  { actors, types, places }: Pick<Growth, 'actors' | 'types' | 'places'>,
  { offsets, actorCount }: Pick<Segment, 'offsets' | 'actorCount'>,
  repeated: DerivedColumn | null,
): Uint32Array {
  const changed = new Uint32Array(actors.length);
  let count = 0;
  for (let i = 0; i < actors.length; i++) {
    const actor = actors[i] ?? 0;
    if (count > 0 && changed[count - 1] === actor) continue;
    const isLast = actor < actorCount && places[i] === offsets[actor + 1];
    const isRepeated = (((repeated?.[actor] ?? 0) >>> (types[i] ?? 0)) & 1) === 1;
    if (!isLast || !isRepeated) changed[count++] = actor;
  }
  return changed.slice(0, count);
}
