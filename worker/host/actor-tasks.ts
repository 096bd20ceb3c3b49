import type { ActorDifference, ActorRow } from '../../protocol/index.ts';
import type { ActorFacts } from '../compute/compute-module.ts';
import { formatActorCsv } from '../export/csv.ts';
import { getTime, type Segment } from '../segment/segment.ts';
import { forEachString, getString, type StringTable } from '../segment/string-table.ts';
import { getComputeModule } from '../compute/registry.ts';
import { makeContext } from './compute-tasks.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { ActorRowsInput, DifferenceInput, ResolvedMoments, TaskMap } from './tasks.ts';

const LISTED = 1000;
const CHECK_EVERY = 4096;

/** Actors whose id contains `text`. */
export function searchActors(
  segment: Segment,
  actors: Uint32Array,
  text: string,
  checkpoint: (done: number) => void,
): Uint32Array {
  const found = new Uint8Array(segment.actorCount);
  forEachString(
    segment.actorIds,
    (id, actor) => (found[actor] = id.includes(text) ? 1 : 0),
    () => checkpoint(0),
  );
  return actors.filter((actor) => found[actor] === 1);
}

export function getActorRows(payload: TaskMap['actorRows']['payload'], context: TaskContext): readonly ActorRow[] {
  const segment = getTaskSegment(context);
  const { analysis, actors } = payload;
  const checkpoint = getCheckpoint(context);
  const compute = makeContext(segment, { from: 0, to: segment.actorCount }, payload.moments, checkpoint);
  const facts: readonly ActorFacts[] =
    getComputeModule(analysis.type).describeActors?.(compute, analysis, actors) ?? [];
  return Array.from(actors, (actor, i) => {
    if (i % CHECK_EVERY === 0) checkpoint(i);
    return { actor: getString(segment.actorIds, actor), ...summarize(segment, actor, payload), ...facts[i] };
  });
}

/** First, last and number of an actor's events that exist between the bounds. Without any, the times of its first event. */
function summarize(
  segment: Segment,
  actor: number,
  bounds: ActorRowsInput & { readonly moments: ResolvedMoments },
): Pick<ActorRow, 'firstTime' | 'lastTime' | 'events'> {
  const { fromMs, toMs, moments } = bounds;
  let firstTime: number | null = null;
  let lastTime: number | null = null;
  let events = 0;
  for (let e = segment.offsets[actor] ?? 0; e < (segment.offsets[actor + 1] ?? 0); e++) {
    const time = getTime(segment, e);
    const known = segment.recordedAt === null || !((segment.recordedAt[e] ?? Number.NaN) > moments.knownAtMs);
    if (time < fromMs || time > toMs || !known) continue;
    firstTime ??= time;
    lastTime = time;
    events++;
  }
  const fallback = getTime(segment, segment.offsets[actor] ?? 0);
  return { firstTime: firstTime ?? fallback, lastTime: lastTime ?? fallback, events };
}

export function getActorCsv(payload: TaskMap['actorCsv']['payload'], context: TaskContext): string {
  const stepNames = payload.analysis.type === 'funnel' ? payload.analysis.steps.length : 0;
  return formatActorCsv(getActorRows(payload, context), {
    steps: stepNames,
    header: payload.header,
    spreadsheetSafe: payload.spreadsheetSafe,
  });
}

/** Two lists in id order: one pass over both is enough. */
export function getDifference({ aIds, a, bIds, b }: DifferenceInput, context: TaskContext): ActorDifference {
  const checkpoint = getCheckpoint(context);
  const only: { a: string[]; b: string[] } = { a: [], b: [] };
  const counts = { onlyA: 0, onlyB: 0, both: 0 };
  const at = (ids: StringTable, list: Uint32Array, i: number): string | null =>
    i < list.length ? getString(ids, list[i] ?? 0) : null;
  let i = 0;
  let j = 0;
  let left = at(aIds, a, i);
  let right = at(bIds, b, j);
  while (left !== null || right !== null) {
    if ((i + j) % CHECK_EVERY === 0) checkpoint(i + j);
    const order = left === null ? 1 : right === null ? -1 : left < right ? -1 : left > right ? 1 : 0;
    if (order < 0 && left !== null && counts.onlyA++ < LISTED) only.a.push(left);
    if (order > 0 && right !== null && counts.onlyB++ < LISTED) only.b.push(right);
    if (order === 0) counts.both++;
    if (order <= 0) left = at(aIds, a, ++i);
    if (order >= 0) right = at(bIds, b, ++j);
  }
  return { ...counts, onlyAActors: only.a, onlyBActors: only.b };
}
