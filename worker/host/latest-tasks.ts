import type { JourneyMove, LatestEvent } from '../../protocol/actors.ts';
import { getTime } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';
import { getComputeModule } from '../compute/registry.ts';
import { makeContext } from './compute-tasks.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { TaskMap } from './tasks.ts';

const CHECK_EVERY = 4_096;

/** Newest first: parallel arrays of at most the asked number. `actors` are indexes in the whole source. */
export interface NewestEvents {
  readonly actors: Uint32Array;
  readonly types: Uint32Array;
  /** ms since the epoch, UTC. */
  readonly times: Float64Array;
}

interface Newest {
  readonly actor: number;
  readonly type: number;
  readonly time: number;
}

/**
 * The newest events of a range of actors. Events of an actor lie in order of time, so each actor is read backwards from the
 * last one, until one is older than all that are kept: of 10 M events some hundred thousand are looked at.
 */
export function findNewest(
  { range, limit }: TaskMap['findNewest']['payload'],
  context: TaskContext,
): TaskMap['findNewest']['result'] {
  const segment = getTaskSegment(context);
  const checkpoint = getCheckpoint(context);
  let kept: Newest[] = [];
  let oldest = Number.NEGATIVE_INFINITY;
  for (let actor = range.from; actor < range.to; actor++) {
    if ((actor - range.from) % CHECK_EVERY === 0) checkpoint(actor - range.from);
    const first = segment.offsets[actor] ?? 0;
    for (let e = (segment.offsets[actor + 1] ?? 0) - 1; e >= first; e--) {
      const time = getTime(segment, e);
      if (time <= oldest) break;
      kept.push({ actor, type: segment.types[e] ?? 0, time });
    }
    // Cut now and then, so that the bar rises early and sorting stays rare.
    if (kept.length < 8 * limit) continue;
    kept = keepNewest(kept, limit);
    oldest = kept.at(-1)?.time ?? oldest;
  }
  kept = keepNewest(kept, limit);
  return {
    actors: Uint32Array.from(kept, ({ actor }) => actor),
    types: Uint32Array.from(kept, ({ type }) => type),
    times: Float64Array.from(kept, ({ time }) => time),
  };
}

/** Equal times: by actor, then as they arrived, the later one first; sorting is stable and events come last first. */
const keepNewest = (events: Newest[], limit: number): Newest[] =>
  events.sort((a, b) => b.time - a.time || a.actor - b.actor).slice(0, limit);

/** Ids of actors in hand, and their moves in the journey. */
export function describeActors(
  { actors, query }: TaskMap['describeActors']['payload'],
  context: TaskContext,
): TaskMap['describeActors']['result'] {
  const segment = getTaskSegment(context);
  const checkpoint = getCheckpoint(context);
  return Array.from(actors, (actor, i) => {
    checkpoint(i);
    const id = getString(segment.actorIds, actor);
    if (query === null) return { id, moves: [] };
    const compute = makeContext(segment, { from: actor, to: actor + 1 }, query.moments, checkpoint);
    const explained = getComputeModule(query.analysis.type).explain?.(compute, query.analysis, actor);
    return { id, moves: explained?.journey?.moves ?? [] };
  });
}

/** The move that an event of this time made: moves by a deadline are made by none. */
export function findMove(moves: readonly JourneyMove[], time: number): LatestEvent['move'] {
  const move = moves.find((m) => m.cause === 'event' && m.time === time);
  return move === undefined ? undefined : { from: move.from, to: move.to };
}
