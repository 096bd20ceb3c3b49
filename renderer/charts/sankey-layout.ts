import {
  getNeighbours,
  type Neighbours,
  type SankeyGraph,
  type SankeyLink,
  type SankeyNode,
  type StubKind,
} from './sankey-graph.ts';
import { getColumns } from './sankey-order.ts';

/** Pixels. */
export const NODE_WIDTH = 10;
export const NODE_GAP = 14;
/** Room for the titles of the columns. */
export const HEAD = 24;
/** Room for drop-offs that leave the lowest nodes. */
export const FOOT = 16;
/** Gaps may take this much of a column at most; a column of 100 nodes gets narrower ones. */
const MAX_GAP_SHARE = 0.6;

export interface PlacedNode extends SankeyNode {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}
export interface PlacedLink extends SankeyLink {
  readonly color: string;
  readonly x0: number;
  readonly x1: number;
  /** Upper edges. */
  readonly y0: number;
  readonly y1: number;
  readonly thickness: number;
}
export interface PlacedStub {
  readonly kind: StubKind;
  readonly nodeId: string;
  readonly color: string;
  readonly value: number;
  readonly x: number;
  readonly y: number;
  readonly thickness: number;
}
export interface SankeyLayout {
  readonly width: number;
  readonly height: number;
  /** Pixels a path. */
  readonly scale: number;
  /** From one column to the next; the room right of the last one is the same. */
  readonly columnWidth: number;
  readonly columns: readonly (readonly PlacedNode[])[];
  readonly links: readonly PlacedLink[];
  readonly stubs: readonly PlacedStub[];
}

/**
 * Places nodes and links: one scale for all, each column stacked with gaps and pulled towards what its nodes are
 * linked to. Heights are exact (value × scale), so what stands on both sides of a node can be compared by eye.
 */
export function computeSankeyLayout(graph: SankeyGraph, width: number, height: number): SankeyLayout {
  const order = getColumns(graph);
  const room = Math.max(40, height - HEAD - FOOT);
  const gaps = order.map((column) =>
    Math.min(NODE_GAP, column.length < 2 ? NODE_GAP : (room * MAX_GAP_SHARE) / (column.length - 1)),
  );
  const scale = order.reduce((least, column, i) => {
    const sum = column.reduce((total, node) => total + node.value, 0);
    return sum === 0 ? least : Math.min(least, (room - (column.length - 1) * (gaps[i] ?? 0)) / sum);
  }, Number.POSITIVE_INFINITY);
  const unit = Number.isFinite(scale) ? scale : 0;
  const columnWidth = order.length === 0 ? width : width / order.length;
  const tops = computeTops(order, graph, unit, gaps, room);
  const columns = order.map((column, i) =>
    column
      .map((node): PlacedNode => ({
        ...node,
        x: Math.round(i * columnWidth),
        y: tops.get(node.id) ?? HEAD,
        height: node.value * unit,
      }))
      .toSorted((a, b) => a.y - b.y),
  );
  return { width, height, scale: unit, columnWidth, columns, ...placeLinks(graph, columns.flat(), unit) };
}

const RELAXATIONS = 10;
/** Upper edges of nodes by id: stacked, then moved so that links run level where they can. */
function computeTops(
  order: readonly (readonly SankeyNode[])[],
  graph: SankeyGraph,
  scale: number,
  gaps: readonly number[],
  room: number,
): Map<string, number> {
  const tops = new Map<string, number>();
  order.forEach((column, i) => {
    let y = HEAD;
    for (const node of column) {
      tops.set(node.id, y);
      y += node.value * scale + (gaps[i] ?? 0);
    }
  });
  const near = getNeighbours(graph.links);
  for (let round = 0; round < RELAXATIONS; round++) {
    const pull = 0.95 ** round;
    const forward = round % 2 === 0;
    const indexes = order.map((_, i) => i);
    for (const i of forward ? indexes : indexes.reverse()) {
      const column = order[i] ?? [];
      // Only what lies between this column and the one it follows matters.
      const edges = getLinkEdges([...column, ...(order[forward ? i - 1 : i + 1] ?? [])], near, tops, scale);
      for (const node of column) {
        const links = (forward ? near.incoming : near.outgoing).get(node.id) ?? [];
        tops.set(node.id, (tops.get(node.id) ?? 0) + getShift(links, edges, forward) * pull);
      }
      separate(column, tops, scale, gaps[i] ?? 0, room);
    }
  }
  return tops;
}

/** How far a node must move for its links to be level, weighted by what they carry. */
function getShift(links: readonly SankeyLink[], edges: LinkEdges, forward: boolean): number {
  let weight = 0;
  let sum = 0;
  for (const link of links) {
    const start = edges.starts.get(link.id) ?? 0;
    const end = edges.ends.get(link.id) ?? 0;
    weight += link.value;
    sum += link.value * (forward ? start - end : end - start);
  }
  return weight === 0 ? 0 : sum / weight;
}

interface LinkEdges {
  /** Upper edge of a link at its source and at its target. */
  readonly starts: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, number>;
}
/** Links leave a node in the order of their targets' heights and arrive in that of their sources'. */
function getLinkEdges(
  nodes: readonly SankeyNode[],
  near: Neighbours,
  tops: ReadonlyMap<string, number>,
  scale: number,
): LinkEdges {
  const yOf = (id: string): number => tops.get(id) ?? 0;
  const starts = new Map<string, number>();
  const ends = new Map<string, number>();
  for (const node of nodes) {
    let out = yOf(node.id);
    for (const link of (near.outgoing.get(node.id) ?? []).toSorted((a, b) => yOf(a.target) - yOf(b.target))) {
      starts.set(link.id, out);
      out += link.value * scale;
    }
    let into = yOf(node.id);
    for (const link of (near.incoming.get(node.id) ?? []).toSorted((a, b) => yOf(a.source) - yOf(b.source))) {
      ends.set(link.id, into);
      into += link.value * scale;
    }
  }
  return { starts, ends };
}

/** Keeps the order and the gaps of a column: pushes down from the top, then up from the floor. */
function separate(
  column: readonly SankeyNode[],
  tops: Map<string, number>,
  scale: number,
  gap: number,
  room: number,
): void {
  let floor = HEAD;
  for (const node of column) {
    const y = Math.max(floor, tops.get(node.id) ?? 0);
    tops.set(node.id, y);
    floor = y + node.value * scale + gap;
  }
  let ceiling = HEAD + room;
  for (const node of column.toReversed()) {
    const y = Math.min(tops.get(node.id) ?? 0, ceiling - node.value * scale);
    tops.set(node.id, y);
    ceiling = y - gap;
  }
}

/** Out of a node, from above: links, what goes on, the remainder, the drop-off. Into it: links, the remainder. */
function placeLinks(
  graph: SankeyGraph,
  nodes: readonly PlacedNode[],
  scale: number,
): Pick<SankeyLayout, 'links' | 'stubs'> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const near = getNeighbours(graph.links);
  const { starts, ends } = getLinkEdges(nodes, near, new Map(nodes.map((node) => [node.id, node.y])), scale);
  const links = graph.links.flatMap((link): PlacedLink[] => {
    const source = byId.get(link.source);
    const target = byId.get(link.target);
    if (source === undefined || target === undefined) return [];
    const edges = { y0: starts.get(link.id) ?? 0, y1: ends.get(link.id) ?? 0 };
    return [
      {
        ...link,
        ...edges,
        color: source.color,
        x0: source.x + NODE_WIDTH,
        x1: target.x,
        thickness: link.value * scale,
      },
    ];
  });
  const stubs = nodes.flatMap((node) =>
    placeStubs(node, sumOf(near.outgoing.get(node.id)), sumOf(near.incoming.get(node.id)), scale),
  );
  // Thick links first, so that thin ones stay on top and can be hit.
  return { links: links.toSorted((a, b) => b.thickness - a.thickness), stubs };
}

const sumOf = (links: readonly SankeyLink[] | undefined): number =>
  (links ?? []).reduce((sum, link) => sum + link.value, 0);

/** What stands under the links of a node; `out` and `into` are what its links carry. */
function placeStubs(node: PlacedNode, out: number, into: number, scale: number): PlacedStub[] {
  const stubs: PlacedStub[] = [];
  const common = { nodeId: node.id, color: node.color };
  let y = node.y + out * scale;
  for (const kind of ['continues', 'remainderOut', 'dropOff'] as const) {
    const value = node[kind];
    if (value > 0) stubs.push({ ...common, kind, value, x: node.x + NODE_WIDTH, y, thickness: value * scale });
    y += value * scale;
  }
  if (node.remainderIn > 0)
    stubs.push({
      ...common,
      kind: 'remainderIn',
      value: node.remainderIn,
      x: node.x,
      y: node.y + into * scale,
      thickness: node.remainderIn * scale,
    });
  return stubs;
}
