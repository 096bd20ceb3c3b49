import { findStrings, NOT_FOUND } from './find-strings.ts';
import type { Segment } from './segment.ts';
import type { StringTable } from './string-table.ts';

/**
 * A segment of actors as users know it (`protocol/actor-segments.ts`). In here it is called a set, because a segment is the
 * columns of a source.
 */
export interface ActorSet {
  /** Of its name and content: another content has another key. */
  readonly key: string;
  readonly ids: StringTable;
}
export type ActorSets = ReadonlyMap<string, ActorSet>;

/** By ids of the actors of a segment, then by key of the set. */
const known = new WeakMap<StringTable, Map<string, Uint8Array>>();
/** A byte for each actor and set. */
const KEPT = 8;

/** By actor index: 1 = is in the set. Looked up once for each table of ids, in each thread. */
export function getMembers(actorIds: StringTable, { key, ids }: ActorSet): Uint8Array {
  const kept = known.get(actorIds) ?? new Map<string, Uint8Array>();
  known.set(actorIds, kept);
  const found = kept.get(key);
  if (found !== undefined) return found;
  const members = new Uint8Array(actorIds.length);
  for (const actor of findStrings(actorIds, ids, () => undefined)) if (actor !== NOT_FOUND) members[actor] = 1;
  const [oldest] = kept.keys();
  if (kept.size === KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, members);
  return members;
}

export const countMembers = ({ actorIds }: Pick<Segment, 'actorIds'>, set: ActorSet): number =>
  getMembers(actorIds, set).reduce((sum, isMember) => sum + isMember, 0);
