import type { FlowQuery } from '../../protocol/index.ts';
import { WASM } from '../kernels/generated/paths.ts';
import { defineKernel } from '../kernels/load-kernel.ts';
import { roomFor } from '../kernels/scratch.ts';
import { viewI64, viewU32, viewU8, type ColumnMemory, type Pointer } from '../segment/column-memory.ts';
import type { ComputeContext } from './compute-module.ts';
import { readCounts } from './flow-counts.ts';
import type { FlowPartial } from './flow-tally.ts';
import { openPass, type KernelPass } from './kernel-pass.ts';
import { compileNodeBytes, markAnchors } from './path-nodes.ts';
import { hasAnchor, isAnchored } from './path-walk.ts';

export type PathsKernel = Readonly<Record<'flow' | 'flowCounts' | 'matrix', (...args: number[]) => number>>;
export const pathsKernel = defineKernel<PathsKernel>(WASM);

const HEAD_BYTES = 16;
const EDGE_BYTES = 24;
const NODE_BYTES = 40;
const PLAN_BYTES = 24;
const ANCHOR_BYTES = 256;
/** Beyond it (many nodes at many positions) the twin, which keeps only what occurs. */
const MAX_OUT_BYTES = 1 << 25;

/** The partial by kernel; null = the twin must do it. */
export function tallyFlow(context: ComputeContext, query: FlowQuery): FlowPartial | null {
  const { memory } = context.segment;
  const nodes = memory === null ? null : compileNodeBytes(context, memory, query);
  if (memory === null || nodes === null) return null;
  const isPlain = query.sessionGapSeconds === null && !isAnchored(query);
  return (context.detail === 'counts' && isPlain ? countSteps : tallyPaths)(context, memory, query, nodes);
}
type Nodes = NonNullable<ReturnType<typeof compileNodeBytes>>;

/** Counts alone, of paths of which an actor has one. */
function countSteps(context: ComputeContext, memory: ColumnMemory, query: FlowQuery, nodes: Nodes): FlowPartial | null {
  const { maxSteps, collapseRepeats } = query;
  const width = nodes.names.length;
  const kinds = (maxSteps + 1) * width * width;
  if (4 * kinds > MAX_OUT_BYTES) return null;
  const pass = openPass(context, memory, context, nodes.bytes, () => roomFor(4 * kinds));
  const counts = pass.take(4 * kinds);
  const { flowCounts } = pathsKernel.on(memory);
  pass.forEachSlice(({ starts, ends, first, last, bytes }) => {
    flowCounts(starts, ends, first, last, bytes, pass.table, width, maxSteps, collapseRepeats ? 1 : 0, counts);
  });
  return readCounts(viewU32(memory, counts, kinds), width, maxSteps);
}

function tallyPaths(context: ComputeContext, memory: ColumnMemory, query: FlowQuery, nodes: Nodes): FlowPartial | null {
  const { seconds, millis } = context.segment;
  // One more for the folded middle.
  const shape: FlowShape = {
    width: nodes.names.length + 1,
    positions: query.maxSteps + 1,
    cut: query.sessionGapSeconds !== null,
  };
  const outBytes = HEAD_BYTES + getEdgeBytes(shape) + shape.positions * shape.width * NODE_BYTES;
  if (outBytes > MAX_OUT_BYTES) return null;
  const pathBytes = (events: number): number => roomFor(events) + roomFor(4 * events);
  const fixed = roomFor(outBytes) + roomFor(PLAN_BYTES) + 2 * roomFor(ANCHOR_BYTES);
  const pass = openPass(context, memory, context, nodes.bytes, (events) => fixed + pathBytes(events));
  const out = pass.take(outBytes);
  const plan = placePlan(memory, pass, query, nodes.names);
  const pathNodes = pass.take(pass.events);
  const pathEvents = pass.take(4 * pass.events);
  const { flow } = pathsKernel.on(memory);
  const columns = [seconds.byteOffset, millis.byteOffset, plan, pathNodes, pathEvents, out] as const;
  const gap = (query.sessionGapSeconds ?? 0) * 1000;
  pass.forEachSlice(({ starts, ends, first, last, bytes }) => {
    flow(starts, ends, first, last, bytes, pass.table, ...columns, gap);
  });
  return readFlow(memory, out, shape);
}

interface FlowShape {
  readonly width: number;
  readonly positions: number;
  /** An actor may have several paths. */
  readonly cut: boolean;
}
const getEdgeBytes = ({ width, positions }: FlowShape): number => positions * width * width * EDGE_BYTES;

function placePlan(memory: ColumnMemory, pass: KernelPass, query: FlowQuery, names: readonly string[]): Pointer {
  const at = pass.take(PLAN_BYTES);
  const anchor = (name: string | null | undefined): Pointer => {
    if (!hasAnchor(name)) return 0;
    const marks = pass.take(ANCHOR_BYTES);
    viewU8(memory, marks, ANCHOR_BYTES).set(markAnchors(names, name));
    return marks;
  };
  const { maxSteps, collapseRepeats, sessionGapSeconds, startAt, endAt } = query;
  viewU32(memory, at, PLAN_BYTES / 4).set([
    names.length + 1,
    maxSteps,
    collapseRepeats ? 1 : 0,
    sessionGapSeconds === null ? 0 : 1,
    anchor(startAt),
    anchor(endAt),
  ]);
  return at;
}

/** What occurs, by key: the layout is described at the kernel (kernels/assembly/paths.ts). */
function readFlow(memory: ColumnMemory, out: Pointer, shape: FlowShape): FlowPartial {
  const { width, positions, cut } = shape;
  const nodeCount = positions * width;
  const head = viewU32(memory, out, HEAD_BYTES / 4);
  const edges = viewU32(memory, out + HEAD_BYTES, getEdgeBytes(shape) / 4);
  const times = viewI64(memory, out + HEAD_BYTES, getEdgeBytes(shape) / 8);
  const nodes = viewU32(memory, out + HEAD_BYTES + getEdgeBytes(shape), (nodeCount * NODE_BYTES) / 4);
  // A counter is | count | actors |; without a cut a path is an actor.
  const read = (words: Uint32Array, at: number): readonly [number, number] => {
    const count = words[at] ?? 0;
    return [count, cut ? (words[at + 1] ?? 0) : count];
  };
  const edgeKeys = listKeys(nodeCount * width, (key) => (edges[6 * key] ?? 0) > 0);
  if (!cut) addArrivals(nodes, edges, edgeKeys, width);
  const nodeKeys = listKeys(nodeCount, (key) => (nodes[10 * key] ?? 0) > 0);
  const ofNodes = (counter: number, value: 0 | 1): Float64Array =>
    nodeKeys.map((key) => read(nodes, 10 * key + 3 * counter)[value]);
  return {
    nodes: {
      keys: nodeKeys,
      count: ofNodes(0, 0),
      actors: ofNodes(0, 1),
      ends: ofNodes(1, 0),
      endActors: ofNodes(1, 1),
      continues: ofNodes(2, 0),
      continueActors: ofNodes(2, 1),
    },
    edges: {
      keys: edgeKeys,
      count: edgeKeys.map((key) => read(edges, 6 * key)[0]),
      actors: edgeKeys.map((key) => read(edges, 6 * key)[1]),
      totalMs: edgeKeys.map((key) => Number(times[3 * key + 2] ?? 0n)),
    },
    pathCount: head[0] ?? 0,
    actorCount: head[1] ?? 0,
  };
}

/** Paths through a node beyond the first position are those of the edges that lead to it. */
function addArrivals(nodes: Uint32Array, edges: Uint32Array, edgeKeys: Float64Array, width: number): void {
  for (const key of edgeKeys) {
    const position = Math.floor(key / (width * width));
    const to = 10 * ((position + 1) * width + (key % width));
    nodes[to] = (nodes[to] ?? 0) + (edges[6 * key] ?? 0);
  }
}

function listKeys(count: number, occurs: (key: number) => boolean): Float64Array {
  const keys: number[] = [];
  for (let key = 0; key < count; key++) if (occurs(key)) keys.push(key);
  return Float64Array.from(keys);
}
