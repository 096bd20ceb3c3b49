import type { FlowQuery } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { forEachActor } from './event-stream.ts';
import { markAnchors, type PathNodes } from './path-nodes.ts';

/** One path, reused from call to call: read it during the visit only. */
export interface Path {
  length: number;
  nodes: Int32Array;
  times: Float64Array;
  /** There are nodes beyond the last. */
  continues: boolean;
}
type PathQuery = Pick<FlowQuery, 'maxSteps' | 'sessionGapSeconds' | 'collapseRepeats' | 'startAt' | 'endAt'>;
type PathVisitor = (actor: ActorIndex, path: Path) => void;

/** Name of the node that stands for the folded middle of a path between two anchors. */
export const FOLDED = '...';

/** Names by node code, with that of the folded middle last. */
export const getPathNames = (nodes: PathNodes): readonly string[] => [...nodes.names, FOLDED];

/**
 * All paths of the range's actors in order (SEMANTICS "Paths"): cut where the pause is longer than the session gap,
 * repeats collapsed to one node with the last time, then trimmed.
 *
 *   a@0 a@5 b@9 | c@9000        sessionGapSeconds 1800
 *   → [a@5 b@9]  [c@9000]
 */
export function forEachPath(context: ComputeContext, query: PathQuery, nodes: PathNodes, visit: PathVisitor): void {
  const { segment } = context;
  const path: Path = { length: 0, nodes: new Int32Array(256), times: new Float64Array(256), continues: false };
  const trim = compileTrim(query, nodes);
  const gap = query.sessionGapSeconds === null ? Number.POSITIVE_INFINITY : query.sessionGapSeconds * 1000;
  // Without anchors nothing beyond the first node after the last step matters.
  const enough = isAnchored(query) ? Number.POSITIVE_INFINITY : query.maxSteps + 1;
  const finish = (actor: ActorIndex): void => {
    if (path.length > 0 && trim(path)) visit(actor, path);
    path.length = 0;
  };
  forEachActor(context, context.fromMs, context.toMs, (actor, from, to) => {
    let last = Number.NEGATIVE_INFINITY;
    for (let event = from; event < to; event++) {
      const node = nodes.codeOf(event);
      if (node < 0) continue;
      const time = getTime(segment, event);
      if (time - last > gap) finish(actor);
      last = time;
      if (path.length < enough) push(path, node, time, query.collapseRepeats);
      else if (gap === Number.POSITIVE_INFINITY) break;
    }
    finish(actor);
  });
}

/** Every actor's whole sequence as one path: no cut, no anchors (SEMANTICS "Transitions"). */
export function forEachSequence(
  context: ComputeContext,
  query: Pick<FlowQuery, 'collapseRepeats'>,
  nodes: PathNodes,
  visit: PathVisitor,
): void {
  const whole = { maxSteps: Number.POSITIVE_INFINITY, sessionGapSeconds: null, collapseRepeats: query.collapseRepeats };
  forEachPath(context, whole, nodes, visit);
}

export const isAnchored = ({ startAt, endAt }: PathQuery): boolean => hasAnchor(startAt) || hasAnchor(endAt);
export const hasAnchor = (anchor: string | null | undefined): anchor is string =>
  anchor !== null && anchor !== undefined && anchor !== '';

function push(path: Path, node: number, time: Milliseconds, collapse: boolean): void {
  const { length } = path;
  if (collapse && length > 0 && path.nodes[length - 1] === node) {
    path.times[length - 1] = time;
    return;
  }
  if (length === path.nodes.length) grow(path);
  path.nodes[length] = node;
  path.times[length] = time;
  path.length = length + 1;
}

function grow(path: Path): void {
  const nodes = new Int32Array(path.nodes.length * 2);
  const times = new Float64Array(path.times.length * 2);
  nodes.set(path.nodes);
  times.set(path.times);
  Object.assign(path, { nodes, times });
}

/** Cuts a path to what is shown; false = the path has no anchor and does not count. */
function compileTrim(query: PathQuery, { names }: PathNodes): (path: Path) => boolean {
  const { maxSteps } = query;
  const start = hasAnchor(query.startAt) ? markAnchors(names, query.startAt) : null;
  const end = hasAnchor(query.endAt) ? markAnchors(names, query.endAt) : null;
  return (path) => {
    const first = start === null ? 0 : find(path, start, 0);
    if (first < 0) return false;
    const last = end === null ? path.length - 1 : find(path, end, first);
    if (last < 0) return false;
    const length = last - first + 1;
    path.continues = end === null && length > maxSteps;
    if (length <= maxSteps) keep(path, first, length);
    else if (end === null) keep(path, first, maxSteps);
    else if (start === null) keep(path, last - maxSteps + 1, maxSteps);
    else fold(path, first, length, Math.floor(maxSteps / 2), names.length);
    return true;
  };
}

function find(path: Path, anchor: Uint8Array, from: number): number {
  for (let i = from; i < path.length; i++) if (anchor[path.nodes[i] ?? 0] === 1) return i;
  return -1;
}

function keep(path: Path, first: number, length: number): void {
  path.length = length;
  if (first === 0) return;
  path.nodes.copyWithin(0, first, first + length);
  path.times.copyWithin(0, first, first + length);
}

/**
 * `half` nodes of each end with one node for all between. It carries the time of the first it stands for, as in
 * PostHog: the step to it takes what the step to the hidden node took.
 */
function fold(path: Path, first: number, length: number, half: number, folded: number): void {
  keep(path, first, length);
  const tail = length - half;
  path.nodes.copyWithin(half + 1, tail, length);
  path.times.copyWithin(half + 1, tail, length);
  path.nodes[half] = folded;
  path.length = 2 * half + 1;
}
