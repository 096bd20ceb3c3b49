import type { JourneyResult, JourneySelection } from '../../../protocol/index.ts';
import type { ColorOf } from '../../charts/palette.ts';
import type { Tip } from '../../charts/picture.ts';
import { withVisitNames, type SankeyGraph, type SankeyNode, type SankeyTarget } from '../../charts/sankey-graph.ts';
import { formatDuration, formatNumber, formatShare } from '../../widgets/format.ts';

type Node = JourneyResult['nodes'][number];
type Edge = JourneyResult['edges'][number];
const nodeId = (step: number, name: string): string => `${step}:${name}`;
const linkId = (edge: Edge): string => `${edge.step}:${edge.from}\u0000${edge.to}`;

export interface JourneyPicture {
  readonly graph: SankeyGraph;
  readonly nodes: ReadonlyMap<string, Node & { readonly title: string }>;
  readonly links: ReadonlyMap<string, Edge>;
  readonly actorCount: number;
  readonly columnTitles: readonly string[];
}

/**
 * Moves between stages, unrolled: a return after churn is another node, "Customer · 2nd", told by the heaviest way to
 * it. Who stays in a stage is the part of its node that no link leaves: a stay is not a loss, so it is no drop-off.
 */
export function getJourneyPicture(result: JourneyResult, colorOf: ColorOf): JourneyPicture {
  const links = new Map(result.edges.map((edge) => [linkId(edge), edge]));
  const plain: SankeyGraph = {
    nodes: result.nodes.map((node): SankeyNode => ({
      id: nodeId(node.step, node.name),
      column: node.step - 1,
      name: node.name,
      color: colorOf(node.name),
      value: node.count,
      dropOff: 0,
      remainderIn: 0,
      remainderOut: 0,
      continues: node.continues,
    })),
    links: result.edges.map((edge) => ({
      id: linkId(edge),
      source: nodeId(edge.step, edge.from),
      target: nodeId(edge.step + 1, edge.to),
      value: edge.count,
    })),
  };
  const graph = withVisitNames(plain);
  const titles = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const last = result.nodes.reduce((most, node) => Math.max(most, node.step), 0);
  return {
    graph,
    nodes: new Map(
      result.nodes.map((node) => [
        nodeId(node.step, node.name),
        { ...node, title: titles.get(nodeId(node.step, node.name)) ?? node.name },
      ]),
    ),
    links,
    actorCount: result.actorCount,
    columnTitles: Array.from({ length: last }, (_, i) =>
      i === 0 ? 'First stage' : i === 1 ? 'After 1 move' : `After ${i} moves`,
    ),
  };
}

export function getJourneyTargetTitle(picture: JourneyPicture, target: SankeyTarget): string {
  const edge = picture.links.get(target.id);
  if (target.kind === 'link') return edge === undefined ? '' : `${edge.from} → ${edge.to}, move ${edge.step}`;
  const node = picture.nodes.get(target.id);
  if (node === undefined) return '';
  return target.kind === 'continues' ? `On from ${node.title}, beyond the picture` : node.title;
}

export function getJourneyTip(picture: JourneyPicture, target: SankeyTarget): Tip | null {
  const title = getJourneyTargetTitle(picture, target);
  const share = (value: number): string => formatShare(value / picture.actorCount);
  const edge = picture.links.get(target.id);
  if (target.kind === 'link' && edge !== undefined) {
    const source = picture.nodes.get(nodeId(edge.step, edge.from));
    return {
      title,
      rows: [
        { label: 'Actors', value: formatNumber(edge.count), note: share(edge.count) },
        {
          label: `Of those in ${source?.title ?? edge.from}`,
          value: formatShare(edge.count / (source?.count ?? Number.NaN)),
        },
        { label: 'Mean time before', value: formatDuration(edge.averageSeconds) },
      ],
    };
  }
  const node = picture.nodes.get(target.id);
  if (node === undefined || target.kind === 'link') return null;
  if (target.kind === 'continues')
    return { title, rows: [{ label: 'Actors', value: formatNumber(node.continues), note: share(node.continues) }] };
  const out = picture.graph.links
    .filter((link) => link.source === target.id)
    .reduce((sum, link) => sum + link.value, 0);
  const line = (label: string, value: number): Tip['rows'] =>
    value === 0 ? [] : [{ label, value: formatNumber(value), note: formatShare(value / node.count) }];
  return {
    title,
    rows: [
      { label: 'Actors', value: formatNumber(node.count), note: share(node.count) },
      ...line('Moved on', out),
      ...line('Moved on beyond the picture', node.continues),
      ...line('Still there', node.stays),
    ],
    footer: `${formatNumber(node.count)} in = ${formatNumber(out + node.continues)} on + ${formatNumber(node.stays)} still there`,
  };
}

/** Actors of a target, and of those who stayed; null where the protocol has no such list. */
export function getJourneySelections(
  picture: JourneyPicture,
  target: SankeyTarget,
): { selection: JourneySelection; label: string }[] {
  const edge = picture.links.get(target.id);
  if (target.kind === 'link')
    return edge === undefined
      ? []
      : [
          {
            selection: { edge: { step: edge.step, from: edge.from, to: edge.to } },
            label: 'Show the actors who made this move',
          },
        ];
  const node = picture.nodes.get(target.id);
  if (node === undefined) return [];
  const at = { step: node.step, name: node.name };
  if (target.kind === 'continues') return [{ selection: { continues: at }, label: 'Show the actors who moved on' }];
  const all = { selection: { node: at }, label: 'Show all actors who came here' };
  return node.stays === 0 ? [all] : [all, { selection: { stays: at }, label: 'Show the actors still there' }];
}
