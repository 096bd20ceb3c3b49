import type { Detail, FlowEdge, FlowNode, FlowQuery } from '../../protocol/index.ts';
import { compareText } from './compare-text.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import type { FlowPartial } from './flow-tally.ts';
import { nameNodes } from './path-nodes.ts';
import { FOLDED, hasAnchor } from './path-walk.ts';
import { sumByKey } from './sum-by-key.ts';

/** Adds the partials, sorts and limits the edges, and balances every node. */
export function mergeFlow(
  partials: readonly FlowPartial[],
  query: FlowQuery,
  context: ComputeContext,
): AnswerBody<'flow'> {
  const names = [...nameNodes(context.segment.eventNames, query).names, FOLDED];
  const edges = mergeEdges(partials, names, context.detail);
  const shown = limitEdges(edges, query);
  const shownEdges = new Set(shown);
  const hidden = edges.filter((edge) => !shownEdges.has(edge));
  const nodes = mergeNodes(partials, names, shown, hidden);
  const visible = limitNodes(nodes, shown, query);
  return {
    type: 'flow',
    edges: shown,
    edgeCount: shown.length,
    nodes: visible,
    pathCount: partials.reduce((n, p) => n + p.pathCount, 0),
    actorCount: partials.reduce((n, p) => n + p.actorCount, 0),
    remainder: {
      edges: hidden.length,
      count: hidden.reduce((n, edge) => n + edge.count, 0),
      nodes: nodes.length - visible.length,
      starts: nodes.reduce((n, node) => n + node.starts, 0) - visible.reduce((n, node) => n + node.starts, 0),
    },
  };
}

/** Count descending, then `position_from`, then `position+1_to` as text (SEMANTICS "Paths"). */
function mergeEdges(partials: readonly FlowPartial[], names: readonly string[], detail: Detail): FlowEdge[] {
  const width = names.length;
  const merged = sumByKey(
    partials.map((p) => p.edges),
    ['count', 'actors', 'totalMs'],
  );
  return Array.from(merged.keys, (key, i) => {
    const node = Math.floor(key / width);
    const step = Math.floor(node / width) + 1;
    const edge = {
      step,
      from: names[node % width] ?? '',
      to: names[key % width] ?? '',
      count: merged.count[i] ?? 0,
      actors: merged.actors[i] ?? 0,
      ...(detail === 'full' ? { averageSeconds: (merged.totalMs[i] ?? 0) / (merged.count[i] ?? 1) / 1000 } : {}),
    };
    return { edge, from: `${step}_${edge.from}`, to: `${step + 1}_${edge.to}` };
  })
    .toSorted((a, b) => b.edge.count - a.edge.count || compareText(a.from, b.from) || compareText(a.to, b.to))
    .map(({ edge }) => edge);
}

/** The first `edgeLimit`; with `startAt` only those that shown edges connect with position 1. */
function limitEdges(edges: readonly FlowEdge[], query: FlowQuery): readonly FlowEdge[] {
  const limited = query.edgeLimit === null ? edges : edges.slice(0, query.edgeLimit);
  if (!hasAnchor(query.startAt)) return limited;
  const reached = new Set(limited.filter((edge) => edge.step === 1).map((edge) => nodeKey(1, edge.from)));
  const reachable = new Set<FlowEdge>();
  for (const edge of limited.toSorted((a, b) => a.step - b.step)) {
    if (!reached.has(nodeKey(edge.step, edge.from))) continue;
    reachable.add(edge);
    reached.add(nodeKey(edge.step + 1, edge.to));
  }
  return limited.filter((edge) => reachable.has(edge));
}

const nodeKey = (step: number, name: string): string => `${step}_${name}`;

/** All nodes by position, largest first. */
function mergeNodes(
  partials: readonly FlowPartial[],
  names: readonly string[],
  shown: readonly FlowEdge[],
  hidden: readonly FlowEdge[],
): FlowNode[] {
  const merged = sumByKey(
    partials.map((p) => p.nodes),
    ['count', 'actors', 'ends', 'endActors', 'continues', 'continueActors'],
  );
  const width = names.length;
  const out = sumEdges(shown, (e) => nodeKey(e.step, e.from));
  const remainderOut = sumEdges(hidden, (e) => nodeKey(e.step, e.from));
  const remainderIn = sumEdges(hidden, (e) => nodeKey(e.step + 1, e.to));
  const nodes = Array.from(merged.keys, (key, i): FlowNode => {
    const step = Math.floor(key / width) + 1;
    const name = names[key % width] ?? '';
    const count = merged.count[i] ?? 0;
    const starts = step === 1 ? count : 0;
    const id = nodeKey(step, name);
    return {
      step,
      name,
      count,
      actors: merged.actors[i] ?? 0,
      starts,
      in: count - starts,
      out: out.get(id) ?? 0,
      dropOff: merged.ends[i] ?? 0,
      dropOffActors: merged.endActors[i] ?? 0,
      continues: merged.continues[i] ?? 0,
      continuesActors: merged.continueActors[i] ?? 0,
      remainderIn: remainderIn.get(id) ?? 0,
      remainderOut: remainderOut.get(id) ?? 0,
      visit: 0,
    };
  });
  const sorted = nodes.toSorted((a, b) => a.step - b.step || b.count - a.count || compareText(a.name, b.name));
  return countVisits(sorted);
}

function sumEdges(edges: readonly FlowEdge[], keyOf: (edge: FlowEdge) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const edge of edges) sums.set(keyOf(edge), (sums.get(keyOf(edge)) ?? 0) + edge.count);
  return sums;
}

/** `visit`: at how many positions up to here the name occurs. */
function countVisits(nodes: readonly FlowNode[]): FlowNode[] {
  const visits = new Map<string, number>();
  return nodes.map((node) => {
    const visit = (visits.get(node.name) ?? 0) + 1;
    visits.set(node.name, visit);
    return { ...node, visit };
  });
}

/** Nodes of shown edges, and the largest of position 1; all without a limit. */
function limitNodes(nodes: readonly FlowNode[], shown: readonly FlowEdge[], query: FlowQuery): FlowNode[] {
  const { edgeLimit } = query;
  if (edgeLimit === null) return [...nodes];
  const touched = new Set(shown.flatMap((e) => [nodeKey(e.step, e.from), nodeKey(e.step + 1, e.to)]));
  return nodes.filter(
    (node, rank) => touched.has(nodeKey(node.step, node.name)) || (node.step === 1 && rank < edgeLimit),
  );
}
