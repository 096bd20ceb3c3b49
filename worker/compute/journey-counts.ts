import type { JourneyQuery } from '../../protocol/index.ts';
import { ChangeCursor } from './changes-by-time.ts';
import type { ComputeContext } from './compute-module.ts';
import { getEndOfData } from './event-stream.ts';
import type { ChangeKind, JourneyByTime } from './journey-by-time.ts';
import { createColumns, type JourneyPartial } from './journey-partial.ts';
import { getIntervalEnd, type IntervalGrid } from './time-bucket.ts';

/** Counts alone, over a range that begins before all changes: then an actor's position is that of its whole history. */
export function isCountedByTime(
  { fromMs, detail, knownAtMs }: ComputeContext,
  query: JourneyQuery,
  index: JourneyByTime,
): boolean {
  return detail === 'counts' && !query.compareTo && knownAtMs === Number.POSITIVE_INFINITY && fromMs <= index.firstMs;
}

/** A partial of counts as of the end of the data, by look-up. */
export function countByTime(
  index: JourneyByTime,
  context: ComputeContext,
  query: JourneyQuery,
  grid: IntervalGrid,
): JourneyPartial {
  const width = query.model.states.length + 1;
  const cursor = new ChangeCursor(index);
  const endMs = getEndOfData(context);
  const columns = createColumns(width, query.maxSteps, grid.starts.length);
  countGrowth(columns.growth, cursor, index.kinds, width, grid, endMs);
  const moveActors = new Float64Array(width * width);
  const inRange = cursor.countUpTo(Math.min(context.toMs, endMs));
  index.kinds.forEach((kind, k) => addMoves(kind, inRange[k] ?? 0, width, query.maxSteps, columns, moveActors));
  countStays(columns, width);
  const atEnd = cursor.countUpTo(endMs);
  let actorCount = 0;
  index.kinds.forEach(({ appears }, k) => (actorCount += appears ? (atEnd[k] ?? 0) : 0));
  columns.sizes.set(getSizes(index.kinds, atEnd, width));
  columns.sizes[0] = actorCount - columns.sizes.reduce((a, b) => a + b, 0);
  return { ...columns, actorCount, moveActors, stays: null };
}

function addMoves(
  { position, from, to, isFirst }: ChangeKind,
  n: number,
  width: number,
  maxSteps: number,
  { moveCount, nodes, edges }: Pick<JourneyPartial, 'moveCount' | 'nodes' | 'edges'>,
  moveActors: Float64Array,
): void {
  if (position === 0) return;
  const pair = from * width + to;
  bump(moveCount, pair, n);
  if (isFirst) bump(moveActors, pair, n);
  if (position <= maxSteps) bump(nodes.count, (position - 1) * width + to, n);
  if (position > 1 && position <= maxSteps) bump(edges.count, ((position - 2) * width + from) * width + to, n);
  if (position === maxSteps + 1) bump(nodes.continues, (maxSteps - 1) * width + from, n);
}

/** Who came to a node and did not leave it. */
function countStays({ nodes, edges }: Pick<JourneyPartial, 'nodes' | 'edges'>, width: number): void {
  nodes.count.forEach((count, node) => {
    const out = edges.count.subarray(node * width, (node + 1) * width).reduce((a, b) => a + b, 0);
    nodes.stays[node] = count - out - (nodes.continues[node] ?? 0);
  });
}

/** Actors in each state; [0] stays 0. */
function getSizes(kinds: readonly ChangeKind[], counts: Uint32Array, width: number): Float64Array {
  const sizes = new Float64Array(width);
  kinds.forEach(({ position, from, to }, k) => {
    const n = counts[k] ?? 0;
    if (position === 0) return;
    bump(sizes, to, n);
    if (from !== 0) bump(sizes, from, -n);
  });
  return sizes;
}

function countGrowth(
  growth: Float64Array,
  cursor: ChangeCursor,
  kinds: readonly ChangeKind[],
  width: number,
  grid: IntervalGrid,
  endMs: number,
): void {
  let before: Float64Array = new Float64Array(width);
  for (let interval = 0; interval < grid.starts.length; interval++) {
    const last = Math.min(getIntervalEnd(grid, interval) - 1, endMs);
    const sizes = getSizes(kinds, cursor.countUpTo(last), width);
    for (let state = 0; state < width; state++)
      growth[interval * width + state] = (sizes[state] ?? 0) - (before[state] ?? 0);
    before = sizes;
  }
}

function bump(column: Float64Array, at: number, by: number): void {
  column[at] = (column[at] ?? 0) + by;
}
