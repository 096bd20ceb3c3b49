import { getNeighbours, type SankeyGraph, type SankeyLink, type SankeyNode, type StubKind } from './sankey-graph.ts';
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

const RELAXATIONS = 8;
/** Upper edges of nodes by id. */
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
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const middleOf = (id: string): number => (tops.get(id) ?? 0) + ((byId.get(id)?.value ?? 0) * scale) / 2;
  for (let round = 0; round < RELAXATIONS; round++) {
    const pull = 0.9 ** round;
    const forward = round % 2 === 0;
    const indexes = order.map((_, i) => i);
    for (const i of forward ? indexes : indexes.reverse()) {
      const column = order[i] ?? [];
      for (const node of column) {
        const wanted = getWanted((forward ? near.incoming : near.outgoing).get(node.id) ?? [], forward, middleOf);
        if (wanted !== null) tops.set(node.id, (tops.get(node.id) ?? 0) + (wanted - middleOf(node.id)) * pull);
      }
      separate(column, tops, scale, gaps[i] ?? 0, room);
    }
  }
  return tops;
}

function getWanted(links: readonly SankeyLink[], forward: boolean, middleOf: (id: string) => number): number | null {
  let weight = 0;
  let sum = 0;
  for (const link of links) {
    weight += link.value;
    sum += link.value * middleOf(forward ? link.source : link.target);
  }
  return weight === 0 ? null : sum / weight;
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

/** Out of a node, from above: links by the height of their target, what goes on, the remainder, the drop-off. */
function placeLinks(
  graph: SankeyGraph,
  nodes: readonly PlacedNode[],
  scale: number,
): Pick<SankeyLayout, 'links' | 'stubs'> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const yOf = (id: string): number => byId.get(id)?.y ?? 0;
  const near = getNeighbours(graph.links);
  const starts = new Map<string, number>();
  const ends = new Map<string, number>();
  const stubs: PlacedStub[] = [];
  for (const node of nodes) {
    let y = node.y;
    for (const link of (near.outgoing.get(node.id) ?? []).toSorted((a, b) => yOf(a.target) - yOf(b.target))) {
      starts.set(link.id, y);
      y += link.value * scale;
    }
    for (const kind of ['continues', 'remainderOut', 'dropOff'] as const) {
      if (node[kind] > 0)
        stubs.push({
          kind,
          nodeId: node.id,
          color: node.color,
          value: node[kind],
          x: node.x + NODE_WIDTH,
          y,
          thickness: node[kind] * scale,
        });
      y += node[kind] * scale;
    }
    let inY = node.y;
    for (const link of (near.incoming.get(node.id) ?? []).toSorted((a, b) => yOf(a.source) - yOf(b.source))) {
      ends.set(link.id, inY);
      inY += link.value * scale;
    }
    if (node.remainderIn > 0)
      stubs.push({
        kind: 'remainderIn',
        nodeId: node.id,
        color: node.color,
        value: node.remainderIn,
        x: node.x,
        y: inY,
        thickness: node.remainderIn * scale,
      });
  }
  const links = graph.links.flatMap((link): PlacedLink[] => {
    const source = byId.get(link.source);
    const target = byId.get(link.target);
    if (source === undefined || target === undefined) return [];
    return [
      {
        ...link,
        color: source.color,
        x0: source.x + NODE_WIDTH,
        x1: target.x,
        y0: starts.get(link.id) ?? 0,
        y1: ends.get(link.id) ?? 0,
        thickness: link.value * scale,
      },
    ];
  });
  // Thick links first, so that thin ones stay on top and can be hit.
  return { links: links.toSorted((a, b) => b.thickness - a.thickness), stubs };
}
