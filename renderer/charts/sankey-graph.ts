/**
 * What a Sankey is made of. Nodes stand in columns (steps), links go from one column to the next, so there are no
 * cycles: a repeat visit is another node ("payment · 2nd").
 *
 * At every node: value = what comes in (links + remainderIn + starts) = what goes on (links + continues +
 * remainderOut + dropOff).
 */
export interface SankeyNode {
  readonly id: string;
  /** 0-based. */
  readonly column: number;
  readonly name: string;
  readonly color: string;
  readonly value: number;
  readonly dropOff: number;
  readonly remainderIn: number;
  readonly remainderOut: number;
  readonly continues: number;
}
export interface SankeyLink {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly value: number;
}
export interface SankeyGraph {
  readonly nodes: readonly SankeyNode[];
  readonly links: readonly SankeyLink[];
}
export const STUB_KINDS = ['continues', 'remainderOut', 'dropOff', 'remainderIn'] as const;
export type StubKind = (typeof STUB_KINDS)[number];
/** What can be pointed at; for stubs `id` is the node's. */
export interface SankeyTarget {
  readonly kind: 'node' | 'link' | StubKind;
  readonly id: string;
}
export const isSameTarget = (a: SankeyTarget | null, b: SankeyTarget | null): boolean =>
  a?.kind === b?.kind && a?.id === b?.id;

/** `payment · 2nd` for a repeat visit. */
export function getVisitName(name: string, visit: number): string {
  if (visit < 2) return name;
  const tens = visit % 100;
  const suffix = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][visit % 10] ?? 'th');
  return `${name} · ${visit}${suffix}`;
}

export interface Neighbours {
  readonly incoming: ReadonlyMap<string, readonly SankeyLink[]>;
  readonly outgoing: ReadonlyMap<string, readonly SankeyLink[]>;
}
export function getNeighbours(links: readonly SankeyLink[]): Neighbours {
  const incoming = new Map<string, SankeyLink[]>();
  const outgoing = new Map<string, SankeyLink[]>();
  const put = (map: Map<string, SankeyLink[]>, id: string, link: SankeyLink): void => {
    const list = map.get(id);
    if (list === undefined) map.set(id, [link]);
    else list.push(link);
  };
  for (const link of links) {
    put(incoming, link.target, link);
    put(outgoing, link.source, link);
  }
  return { incoming, outgoing };
}

/** Everything that flows through a target: its way in and its way out, as ids of nodes and links. */
export function getPathThrough(graph: SankeyGraph, target: SankeyTarget): ReadonlySet<string> {
  const near = getNeighbours(graph.links);
  const path = new Set<string>();
  const walk = (node: string, side: 'incoming' | 'outgoing'): void => {
    path.add(node);
    for (const link of near[side].get(node) ?? []) {
      path.add(link.id);
      const next = side === 'incoming' ? link.source : link.target;
      if (!path.has(next)) walk(next, side);
    }
  };
  const link = target.kind === 'link' ? graph.links.find((l) => l.id === target.id) : undefined;
  if (link !== undefined) path.add(link.id);
  if (link !== undefined || target.kind !== 'remainderIn') walk(link?.source ?? target.id, 'incoming');
  if (link !== undefined) walk(link.target, 'outgoing');
  else if (target.kind === 'node' || target.kind === 'remainderIn') {
    path.delete(target.id);
    walk(target.id, 'outgoing');
  }
  return path;
}

/** The heaviest way from the first column to a node: ids, first to last. */
export function getHeaviestBranch(graph: SankeyGraph, nodeId: string): readonly string[] {
  const { incoming } = getNeighbours(graph.links);
  const branch = [nodeId];
  for (let links = incoming.get(nodeId); links !== undefined; links = incoming.get(branch[0] ?? '')) {
    const heaviest = links.reduce((a, b) => (b.value > a.value ? b : a));
    branch.unshift(heaviest.source);
  }
  return branch;
}

/**
 * Which visit a node is, by id: how often its name occurs on the heaviest way to it (1 = the first). Names are those
 * of the nodes given, before visits are put into words.
 */
export function getVisits(graph: SankeyGraph): ReadonlyMap<string, number> {
  const { incoming } = getNeighbours(graph.links);
  const nameOf = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const wayTo = new Map<string, readonly string[]>();
  for (const node of graph.nodes.toSorted((a, b) => a.column - b.column)) {
    const links = incoming.get(node.id);
    const heaviest = links?.reduce((a, b) => (b.value > a.value ? b : a));
    wayTo.set(node.id, [...(heaviest === undefined ? [] : (wayTo.get(heaviest.source) ?? [])), node.name]);
  }
  return new Map([...wayTo].map(([id, way]) => [id, way.filter((name) => name === nameOf.get(id)).length]));
}

/** The graph with repeat visits named. */
export function withVisitNames(graph: SankeyGraph): SankeyGraph {
  const visits = getVisits(graph);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, name: getVisitName(node.name, visits.get(node.id) ?? 1) })),
  };
}
