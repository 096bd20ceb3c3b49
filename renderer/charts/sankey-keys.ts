import type { ArrowKey } from './chart-marks.ts';
import { getNeighbours, type SankeyTarget } from './sankey-graph.ts';
import type { SankeyLayout } from './sankey-layout.ts';

/** What leaves a node, from above: links, then stubs. */
function getLeaving(layout: SankeyLayout, nodeId: string): SankeyTarget[] {
  const links = layout.links.filter((link) => link.source === nodeId).toSorted((a, b) => a.y0 - b.y0);
  const stubs = layout.stubs.filter((stub) => stub.nodeId === nodeId && stub.kind !== 'remainderIn');
  return [
    ...links.map((link) => ({ kind: 'link' as const, id: link.id })),
    ...stubs.map((stub) => ({ kind: stub.kind, id: nodeId })),
  ];
}

const stepIn = <T>(list: readonly T[], at: number, by: number): T | undefined =>
  list[Math.min(list.length - 1, Math.max(0, at + by))];

/**
 * Arrow keys over a Sankey. On a node: up and down in its column, right to what leaves it, left to its heaviest way
 * in. On a link or stub: up and down among what leaves the same node, left to that node, right to the target.
 */
export function getNextTarget(layout: SankeyLayout, target: SankeyTarget | null, key: ArrowKey): SankeyTarget | null {
  const node = (id: string | undefined): SankeyTarget | null => (id === undefined ? null : { kind: 'node', id });
  const [firstColumn = []] = layout.columns;
  if (target === null || key === 'Home') return node(firstColumn[0]?.id);
  if (key === 'End') return node(layout.columns.at(-1)?.[0]?.id);
  const by = key === 'ArrowUp' ? -1 : 1;
  if (target.kind === 'node') {
    const column = layout.columns.find((nodes) => nodes.some((n) => n.id === target.id)) ?? [];
    if (key === 'ArrowRight') return getLeaving(layout, target.id)[0] ?? target;
    if (key === 'ArrowLeft') {
      const ways =
        getNeighbours(layout.links)
          .incoming.get(target.id)
          ?.toSorted((a, b) => b.value - a.value) ?? [];
      return ways[0] === undefined ? target : { kind: 'link', id: ways[0].id };
    }
    return node(
      stepIn(
        column,
        column.findIndex((n) => n.id === target.id),
        by,
      )?.id,
    );
  }
  const link = target.kind === 'link' ? layout.links.find((l) => l.id === target.id) : undefined;
  const source = link?.source ?? target.id;
  if (key === 'ArrowLeft') return node(source);
  if (key === 'ArrowRight') return link === undefined ? target : node(link.target);
  const leaving = getLeaving(layout, source);
  return (
    stepIn(
      leaving,
      leaving.findIndex((t) => t.kind === target.kind && t.id === target.id),
      by,
    ) ?? target
  );
}
