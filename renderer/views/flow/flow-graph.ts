import type { FlowNode, FlowResult } from '../../../protocol/index.ts';
import {
  getHeaviestBranch,
  withVisitNames,
  type SankeyGraph,
  type SankeyNode,
  type SankeyTarget,
} from '../../charts/sankey-graph.ts';
import type { ColorOf } from '../../charts/palette.ts';
import type { Tip, TipRow } from '../../charts/picture.ts';
import { formatDuration, formatNumber, formatShare } from '../../widgets/format.ts';

const nodeId = (step: number, name: string): string => `${step}:${name}`;
const linkId = (step: number, from: string, to: string): string => `${step}:${from}\u0000${to}`;

/** A flow answer with look-ups by the ids of its drawing. */
export interface FlowPicture {
  readonly graph: SankeyGraph;
  readonly nodes: ReadonlyMap<string, FlowNode>;
  readonly links: ReadonlyMap<string, FlowResult['edges'][number]>;
  readonly pathCount: number;
  readonly columnTitles: readonly string[];
}

/** Nodes are named per step, so a loop is a chain ("payment · 2nd") and the drawing has no cycle. */
export function getFlowPicture(result: FlowResult, colorOf: ColorOf): FlowPicture {
  const nodes = new Map(result.nodes.map((node) => [nodeId(node.step, node.name), node]));
  const links = new Map(result.edges.map((edge) => [linkId(edge.step, edge.from, edge.to), edge]));
  const last = result.nodes.reduce((most, node) => Math.max(most, node.step), 0);
  return {
    nodes,
    links,
    pathCount: result.pathCount,
    columnTitles: Array.from({ length: last }, (_, i) => `Step ${i + 1}`),
    graph: withVisitNames(
      foldLoose(
        {
          nodes: [...nodes].map(([id, node]) => ({
            id,
            column: node.step - 1,
            name: node.name,
            color: colorOf(node.name),
            value: node.count,
            dropOff: node.dropOff,
            remainderIn: node.remainderIn,
            remainderOut: node.remainderOut,
            continues: node.continues,
          })),
          links: [...links].map(([id, edge]) => ({
            id,
            source: nodeId(edge.step, edge.from),
            target: nodeId(edge.step + 1, edge.to),
            value: edge.count,
          })),
        },
        result.remainder,
        colorOf(LOOSE),
      ),
    ),
  };
}

/** So many nodes of a step may stand without a link; more are drawn as one. */
const LOOSE_NODES = 3;
const LOOSE = 'loose';
/** Paths that begin at nodes which an answer does not list. */
type Unlisted = Pick<FlowResult['remainder'], 'starts'>;

/**
 * Where the links shown are few, most events of the first step have none of them: they are gathered into one node,
 * "Others", whose balance is the sum of theirs.
 */
export function foldLoose(graph: SankeyGraph, unlisted: Unlisted, color: string): SankeyGraph {
  const linked = new Set(graph.links.flatMap((link) => [link.source, link.target]));
  const loose = graph.nodes.filter((node) => node.column === 0 && !linked.has(node.id));
  const folded = unlisted.starts > 0 || loose.length > LOOSE_NODES ? loose : [];
  if (folded.length === 0 && unlisted.starts === 0) return graph;
  const sum = (key: 'value' | 'dropOff' | 'remainderOut' | 'continues'): number =>
    folded.reduce((total, node) => total + node[key], 0);
  const rest: SankeyNode = {
    id: `${LOOSE}:0`,
    column: 0,
    name: 'Others',
    color,
    value: sum('value') + unlisted.starts,
    dropOff: sum('dropOff'),
    remainderIn: 0,
    // How the unlisted ones go on is not told.
    remainderOut: sum('remainderOut') + unlisted.starts,
    continues: sum('continues'),
  };
  return { ...graph, nodes: [...graph.nodes.filter((node) => !folded.includes(node)), rest] };
}

/** Names by position from the first step to the target, along the heaviest way in; a link adds its end. */
export function getBranchNames(picture: FlowPicture, target: SankeyTarget): readonly string[] {
  const edge = target.kind === 'link' ? picture.links.get(target.id) : undefined;
  const start = edge === undefined ? target.id : nodeId(edge.step, edge.from);
  const names = getHeaviestBranch(picture.graph, start).map((id) => picture.nodes.get(id)?.name ?? '');
  return edge === undefined ? names : [...names, edge.to];
}

/** A node of the answer, or a gathered one in the same shape. */
function getNode(picture: FlowPicture, id: string): FlowNode | undefined {
  const drawn = picture.graph.nodes.find((node) => node.id === id);
  if (picture.nodes.has(id) || drawn === undefined) return picture.nodes.get(id);
  const { column, name, value, dropOff, remainderIn, remainderOut, continues } = drawn;
  const first = column === 0;
  return {
    step: column + 1,
    name,
    count: value,
    actors: value,
    dropOffActors: dropOff,
    continuesActors: continues,
    starts: first ? value : 0,
    in: first ? 0 : value,
    out: 0,
    dropOff,
    remainderIn,
    remainderOut,
    continues,
    visit: 1,
  };
}

export function getTargetTitle(picture: FlowPicture, target: SankeyTarget): string {
  const edge = picture.links.get(target.id);
  if (target.kind === 'link')
    return edge === undefined ? '' : `${edge.from} → ${edge.to}, step ${edge.step} to ${edge.step + 1}`;
  const node = getNode(picture, target.id);
  if (node === undefined) return '';
  const name = picture.graph.nodes.find((n) => n.id === target.id)?.name ?? node.name;
  if (target.kind === 'dropOff') return `Stopped after ${name}, step ${node.step}`;
  if (target.kind === 'continues') return `Went on after ${name}, beyond step ${node.step}`;
  if (target.kind === 'remainderOut') return `Rare ways on from ${name}, step ${node.step}`;
  if (target.kind === 'remainderIn') return `Rare ways to ${name}, step ${node.step}`;
  return `${name}, step ${node.step}`;
}

/** With a session gap an actor may have several paths: then the list behind a number is shorter than the number. */
const getActorRow = (paths: number, actors: number): TipRow[] =>
  actors === paths ? [] : [{ label: 'Actors', value: formatNumber(actors) }];

/** Exact numbers, shares, and the balance of a node: in = out + drop-off + remainder. */
export function getFlowTip(picture: FlowPicture, target: SankeyTarget): Tip | null {
  const title = getTargetTitle(picture, target);
  const share = (value: number): string => formatShare(value / picture.pathCount);
  const edge = picture.links.get(target.id);
  if (target.kind === 'link' && edge !== undefined) {
    const source = picture.nodes.get(nodeId(edge.step, edge.from));
    return {
      title,
      rows: [
        { label: 'Paths', value: formatNumber(edge.count), note: share(edge.count) },
        ...getActorRow(edge.count, edge.actors),
        { label: `Of those at ${edge.from}`, value: formatShare(edge.count / (source?.count ?? Number.NaN)) },
        ...(edge.averageSeconds === undefined
          ? []
          : [{ label: 'Mean time between', value: formatDuration(edge.averageSeconds) }]),
      ],
    };
  }
  const node = getNode(picture, target.id);
  if (node === undefined || target.kind === 'link') return null;
  if (target.kind !== 'node')
    return {
      title,
      rows: [
        { label: 'Paths', value: formatNumber(node[target.kind]), note: share(node[target.kind]) },
        ...(target.kind === 'dropOff' ? getActorRow(node.dropOff, node.dropOffActors) : []),
        ...(target.kind === 'continues' ? getActorRow(node.continues, node.continuesActors) : []),
      ],
    };
  const line = (label: string, value: number): TipRow[] =>
    value === 0 ? [] : [{ label, value: formatNumber(value), note: formatShare(value / node.count) }];
  return {
    title,
    rows: [
      { label: 'Paths', value: formatNumber(node.count), note: share(node.count) },
      ...getActorRow(node.count, node.actors),
      ...line('Begin here', node.starts),
      ...line('Come in', node.in),
      ...line('Go on', node.out),
      ...line('Go on beyond the picture', node.continues),
      ...line('Rare ways on (remainder)', node.remainderOut),
      ...line('Stop here (drop-off)', node.dropOff),
    ],
    footer: `${formatNumber(node.starts + node.in)} in = ${formatNumber(node.out + node.continues)} on + ${formatNumber(node.remainderOut)} remainder + ${formatNumber(node.dropOff)} drop-off`,
  };
}
