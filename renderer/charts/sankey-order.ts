import { getNeighbours, type SankeyGraph, type SankeyLink, type SankeyNode } from './sankey-graph.ts';

const SWEEPS = 6;

/**
 * Nodes of each column from top to bottom, so that few links cross: the first column by size, then sweeps to and fro
 * that put each node at the weighted middle (barycenter) of its neighbours. Nodes without any link come last.
 */
export function getColumns(graph: SankeyGraph): SankeyNode[][] {
  const count = graph.nodes.reduce((most, node) => Math.max(most, node.column + 1), 0);
  const { incoming, outgoing } = getNeighbours(graph.links);
  const isLoose = (node: SankeyNode): number => (incoming.has(node.id) || outgoing.has(node.id) ? 0 : 1);
  const columns = Array.from({ length: count }, (_, i) =>
    graph.nodes.filter((n) => n.column === i).toSorted((a, b) => isLoose(a) - isLoose(b) || bySize(a, b)),
  );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    const order = forward ? columns.slice(1) : columns.slice(0, -1).reverse();
    const ranks = getRanks(columns);
    for (const column of order) {
      const middle = new Map(
        column.map((node) => [node.id, getMiddle(node, forward ? incoming : outgoing, forward, ranks)]),
      );
      column.sort(
        (a, b) => isLoose(a) - isLoose(b) || (middle.get(a.id) ?? 0) - (middle.get(b.id) ?? 0) || bySize(a, b),
      );
      column.forEach((node, i) => ranks.set(node.id, (i + 0.5) / column.length));
    }
  }
  return columns;
}

const bySize = (a: SankeyNode, b: SankeyNode): number => b.value - a.value || (a.name < b.name ? -1 : 1);

/** Place of each node in its column, 0..1. */
function getRanks(columns: readonly (readonly SankeyNode[])[]): Map<string, number> {
  return new Map(
    columns.flatMap((column) => column.map((node, i): [string, number] => [node.id, (i + 0.5) / column.length])),
  );
}

function getMiddle(
  node: SankeyNode,
  links: ReadonlyMap<string, readonly SankeyLink[]>,
  forward: boolean,
  ranks: ReadonlyMap<string, number>,
): number {
  let weight = 0;
  let sum = 0;
  for (const link of links.get(node.id) ?? []) {
    weight += link.value;
    sum += link.value * (ranks.get(forward ? link.source : link.target) ?? 0.5);
  }
  return weight === 0 ? (ranks.get(node.id) ?? 0.5) : sum / weight;
}
