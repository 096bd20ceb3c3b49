import type { Pool, TaskOptions } from '../pool.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './held-segment.ts';
import type { ColumnsNeeded } from './windows/windowed-segment.ts';

/** Some actors with all their events: `actors` are their indexes in `segment`, `firstEvents` where theirs begin in the whole. */
export interface ActorsInHand {
  readonly segment: NonNullable<TaskOptions['segment']>;
  readonly actors: Uint32Array;
  readonly firstEvents: Uint32Array;
}
let gathered = 0;

/** What lists and timelines read of some actors: the segment itself, or a small one of just these when it is larger than memory. */
export async function withActorIds<T>(
  pool: Pool,
  held: HeldSegment,
  actors: Uint32Array,
  needed: ColumnsNeeded,
  scope: RequestScope,
  work: (inHand: ActorsInHand) => Promise<T>,
): Promise<T> {
  if (held.windows === null) {
    const firstEvents = actors.map((actor) => held.segment.offsets[actor] ?? 0);
    return work({ segment: { key: held.key, value: held.segment }, actors, firstEvents });
  }
  const { segment, firstEvents } = await held.windows.gather(actors, needed, scope);
  const key = `${held.key}actors${gathered++}/`;
  try {
    return await work({ segment: { key, value: segment }, actors: actors.map((_, i) => i), firstEvents });
  } finally {
    pool.forgetSegments(key);
  }
}
