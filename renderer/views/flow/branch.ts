import { getHeaviestBranch, type SankeyGraph, type SankeyTarget } from '../../charts/sankey-graph.ts';

/**
 * A path chosen step by step (Shift+click, Shift+Enter): ids of nodes, one a column from the first. What is linked to
 * the end extends it, what lies on it cuts it there, and anything else begins anew with its heaviest way in.
 *
 *   a → b chosen; c after b: a → b → c;  d after a: a → d;  a: a;  x elsewhere: … → x
 */
export function extendBranch(graph: SankeyGraph, branch: readonly string[], target: SankeyTarget): readonly string[] {
  const link = target.kind === 'link' ? graph.links.find((l) => l.id === target.id) : undefined;
  if (link !== undefined) return [...getWayTo(graph, branch, link.source), link.target];
  return target.kind === 'node' ? getWayTo(graph, branch, target.id) : branch;
}

function getWayTo(graph: SankeyGraph, branch: readonly string[], nodeId: string): readonly string[] {
  const at = branch.indexOf(nodeId);
  if (at >= 0) return branch.slice(0, at + 1);
  const sources = new Set(graph.links.filter((l) => l.target === nodeId).map((l) => l.source));
  const from = branch.findLastIndex((id) => sources.has(id));
  return from < 0 ? getHeaviestBranch(graph, nodeId) : [...branch.slice(0, from + 1), nodeId];
}
