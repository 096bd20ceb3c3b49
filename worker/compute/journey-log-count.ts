import type { JourneyQuery } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { createDurationCollector } from './durations.ts';
import { getEndOfData } from './event-stream.ts';
import { CHECK_ACTORS } from './journey-log-build.ts';
import type { JourneyLog } from './journey-log.ts';
import { createColumns, type JourneyColumns, type JourneyPartial } from './journey-partial.ts';
import { getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/**
 * What `JourneyTally` counts of the moves that a log reader hands out, straight from the log: millions of changes while a
 * hand moves a range. `thenEndMs` = the moment to compare with, or null.
 */
export function countLog(
  log: JourneyLog,
  context: ComputeContext,
  query: JourneyQuery,
  grid: IntervalGrid,
  thenEndMs: Milliseconds | null,
): JourneyPartial {
  const { offsets, times, states } = log;
  const width = query.model.states.length + 1;
  const endMs = getEndOfData(context);
  const columns = createColumns(width, query.maxSteps, grid.starts.length);
  const stays = context.detail === 'full' ? createDurationCollector() : null;
  const countMove = createMoveCounter(log, context, columns, width, stays);
  const countGrowth = createGrowthCounter(columns.growth, width, grid);
  const countPath = createPathCounter(log, context, query.maxSteps, columns, width);
  const { sizes, compared } = columns;
  let actorCount = 0;
  for (let actor = 0; actor + 1 < offsets.length; actor++) {
    if (actor % CHECK_ACTORS === 0) context.checkpoint(actor);
    const start = offsets[actor] ?? 0;
    let end = offsets[actor + 1] ?? 0;
    if (thenEndMs !== null) addCompared(compared, width, log, start, end, endMs, thenEndMs);
    while (end > start && (times[end - 1] ?? 0) > endMs) end--;
    if (end === start) continue;
    actorCount++;
    const last = states[end - 1] ?? 0;
    sizes[last] = (sizes[last] ?? 0) + 1;
    // A first change into no state is none to a count.
    const first = states[start] === 0 ? start + 1 : start;
    for (let i = first, from = 0; i < end; i++) {
      const to = states[i] ?? 0;
      countMove(actor, i, from, to, i > first);
      countGrowth(times[i] ?? 0, from, to);
      from = to;
    }
    countPath(first, end);
  }
  context.checkpoint(offsets.length - 1);
  const pairs = width * width;
  return { ...columns, actorCount, moveActors: countMove.actors, stays: stays?.freeze(pairs) ?? null };
}

/** Counts moves inside the range; `actors` by pair. */
function createMoveCounter(
  { times }: JourneyLog,
  { fromMs, toMs }: ComputeContext,
  { moveCount }: JourneyColumns,
  width: number,
  stays: ReturnType<typeof createDurationCollector> | null,
) {
  const actors = new Float64Array(width * width);
  // By pair: the actor (+ 1) who made it last.
  const made = new Uint32Array(width * width);
  const count = (actor: number, i: number, from: number, to: number, hasStayed: boolean): void => {
    const time = times[i] ?? 0;
    if (time < fromMs || time > toMs) return;
    const pair = from * width + to;
    moveCount[pair] = (moveCount[pair] ?? 0) + 1;
    if (made[pair] !== actor + 1) {
      made[pair] = actor + 1;
      actors[pair] = (actors[pair] ?? 0) + 1;
    }
    if (stays !== null && hasStayed) stays.add(pair, time - (times[i - 1] ?? 0));
  };
  return Object.assign(count, { actors });
}

/** Changes of size by interval; everything before the grid is in interval 0. */
function createGrowthCounter(growth: Float64Array, width: number, grid: IntervalGrid) {
  const first = grid.starts[0] ?? 0;
  return (time: Milliseconds, from: number, to: number): void => {
    const interval = time < first ? 0 : getIntervalIndex(grid, time);
    if (interval < 0 || growth.length === 0) return;
    const at = interval * width;
    if (from !== 0) growth[at + from] = (growth[at + from] ?? 0) - 1;
    growth[at + to] = (growth[at + to] ?? 0) + 1;
  };
}

/** Counts an actor's path through the range: from the state at its start, else the first one in it. */
function createPathCounter(
  { times, states }: JourneyLog,
  { fromMs, toMs, detail }: ComputeContext,
  maxSteps: number,
  { nodes, edges }: JourneyColumns,
  width: number,
) {
  const isFull = detail === 'full';
  return (start: number, limit: number): void => {
    if (fromMs > toMs) return;
    let first = start;
    while (first + 1 < limit && (times[first + 1] ?? 0) < fromMs) first++;
    let end = limit;
    while (end > first && (times[end - 1] ?? 0) > toMs) end--;
    for (let i = first; i < end && i - first < maxSteps; i++) {
      const node = (i - first) * width + (states[i] ?? 0);
      nodes.count[node] = (nodes.count[node] ?? 0) + 1;
      if (i + 1 === end) nodes.stays[node] = (nodes.stays[node] ?? 0) + 1;
      else if (i - first + 1 === maxSteps) nodes.continues[node] = (nodes.continues[node] ?? 0) + 1;
      else {
        const edge = node * width + (states[i + 1] ?? 0);
        edges.count[edge] = (edges.count[edge] ?? 0) + 1;
        if (isFull) edges.totalMs[edge] = (edges.totalMs[edge] ?? 0) + (times[i + 1] ?? 0) - (times[i] ?? 0);
      }
    }
  };
}

/** Where an actor was then and is now; nothing for who is seen at neither moment. */
function addCompared(
  compared: Float64Array,
  width: number,
  { times, states }: JourneyLog,
  start: number,
  end: number,
  nowMs: Milliseconds,
  thenMs: Milliseconds,
): void {
  if (start === end || (times[start] ?? 0) > Math.max(nowMs, thenMs)) return;
  let [then, now] = [0, 0];
  for (let i = start; i < end; i++) {
    const time = times[i] ?? 0;
    if (time <= thenMs) then = states[i] ?? 0;
    if (time <= nowMs) now = states[i] ?? 0;
  }
  const pair = then * width + now;
  compared[pair] = (compared[pair] ?? 0) + 1;
}
