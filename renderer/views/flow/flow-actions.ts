import {
  FunnelSchema,
  type FlowQuery,
  type FlowSelection,
  type FunnelQuery,
  type FunnelStep,
} from '../../../protocol/index.ts';
import type { SankeyTarget } from '../../charts/sankey-graph.ts';
import type { FlowPicture } from './flow-graph.ts';

/** Which actors a click means; null where the protocol has no such list. */
export function getFlowSelection(picture: FlowPicture, target: SankeyTarget): FlowSelection | null {
  const edge = picture.links.get(target.id);
  if (target.kind === 'link')
    return edge === undefined ? null : { edge: { step: edge.step, from: edge.from, to: edge.to } };
  const node = picture.nodes.get(target.id);
  if (node === undefined) return null;
  const at = { step: node.step, name: node.name };
  if (target.kind === 'node') return { node: at };
  if (target.kind === 'dropOff') return { dropOff: at };
  if (target.kind === 'continues') return { continues: at };
  return target.kind === 'remainderOut' ? { remainder: at } : null;
}

/** How many actors that list has; null where the answer does not say. */
export function getActorCount(picture: FlowPicture, target: SankeyTarget): number | null {
  const node = picture.nodes.get(target.id);
  if (target.kind === 'link') return picture.links.get(target.id)?.actors ?? null;
  if (target.kind === 'node') return node?.actors ?? null;
  if (target.kind === 'dropOff') return node?.dropOffActors ?? null;
  return target.kind === 'continues' ? (node?.continuesActors ?? null) : null;
}

/** Found anywhere in the name, `*` = anything: the rule of `groupings` (SEMANTICS, "Paths"). */
export function isInGroup(pattern: string, event: string): boolean {
  const parts = pattern.split('*');
  let from = 0;
  return parts.every((part) => {
    const at = event.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

/** A node name as a funnel step: a grouping stands for all events it gathers. */
function toStep(name: string, groupings: readonly string[], events: readonly string[]): FunnelStep {
  if (!groupings.includes(name)) return { event: name };
  const members = events.filter((event) => groupings.find((pattern) => isInGroup(pattern, event)) === name);
  return members.length === 0 ? { event: name } : { anyOf: members.map((event) => ({ event })), name };
}

/** A branch as a funnel: its nodes in order, with the flow's filters, range and pause limit as the window's guide. */
export function getFunnelOfBranch(flow: FlowQuery, branch: readonly string[], events: readonly string[]): FunnelQuery {
  return FunnelSchema.parse({
    type: 'funnel',
    steps: branch.filter((name) => name !== '...').map((name) => toStep(name, flow.groupings, events)),
    ...(flow.where === undefined ? {} : { where: flow.where }),
    ...(flow.dateRange === undefined ? {} : { dateRange: flow.dateRange }),
  });
}

/** Only these names remain nodes. With groupings, a name stands for the events it gathers. */
export function withOnly(flow: FlowQuery, names: readonly string[], events: readonly string[]): FlowQuery {
  const kept = events.filter((event) =>
    names.includes(flow.groupings.find((pattern) => isInGroup(pattern, event)) ?? event),
  );
  return { ...flow, include: { prop: '$event', in: kept }, excludeEvents: [] };
}
export function withoutEvent(flow: FlowQuery, name: string): FlowQuery {
  return { ...flow, excludeEvents: [...flow.excludeEvents.filter((event) => event !== name), name] };
}
