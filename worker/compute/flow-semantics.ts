import type { FlowQuery, SemanticsRule } from '../../protocol/index.ts';
import { hasAnchor } from './path-walk.ts';
import { getCommonRules } from './semantics-rules.ts';

type NodeQuery = Pick<
  FlowQuery,
  | 'timezone'
  | 'asOf'
  | 'knownAt'
  | 'dateRange'
  | 'where'
  | 'actorFrom'
  | 'include'
  | 'groupings'
  | 'excludeEvents'
  | 'collapseRepeats'
>;

/** What flow, transitions, step matrix and variants share: which events are nodes. */
export function getNodeRules(query: NodeQuery): SemanticsRule[] {
  const rules = getCommonRules(query);
  rules.push({ rule: 'order', text: 'By event time; equal times keep arrival order.' });
  if (query.include)
    rules.push({ rule: 'nodes', text: `Only events with ${query.include.prop} in ${query.include.in.join(', ')}.` });
  if (query.groupings.length > 0)
    rules.push({
      rule: 'groupings',
      text: `The first pattern found in a name replaces it: ${query.groupings.join(', ')}.`,
    });
  if (query.excludeEvents.length > 0)
    rules.push({ rule: 'left out', text: `${query.excludeEvents.join(', ')} (after grouping).` });
  rules.push({
    rule: 'repeats',
    text: query.collapseRepeats
      ? 'A node repeated in a row is one node with its last time.'
      : 'Repeats stay separate nodes.',
  });
  return rules;
}

export function getFlowSemantics(query: FlowQuery): readonly SemanticsRule[] {
  const rules = getNodeRules(query);
  const gap = query.sessionGapSeconds;
  rules.push({
    rule: 'paths',
    text:
      gap === null
        ? 'One path per actor.'
        : `A pause longer than ${gap} s begins a new path. Numbers count paths; lists hold the actors behind them, each once.`,
  });
  rules.push({ rule: 'steps', text: getStepText(query) });
  if (query.edgeLimit !== null)
    rules.push({ rule: 'limit', text: `The ${query.edgeLimit} largest edges; all others are the remainder.` });
  rules.push({ rule: 'balance', text: 'At every node: starts + in = out + drop-off + continues + remainder.' });
  return rules;
}

function getStepText({ startAt, endAt, maxSteps }: FlowQuery): string {
  if (hasAnchor(startAt) && hasAnchor(endAt))
    return `From the first ${startAt} to the first ${endAt} after it; with more than ${maxSteps} nodes the middle is folded to "...".`;
  if (hasAnchor(startAt))
    return `From the first ${startAt} on, ${maxSteps} nodes; edges that no shown edge connects with it are dropped.`;
  if (hasAnchor(endAt)) return `Up to the first ${endAt}, the last ${maxSteps} nodes.`;
  return `The first ${maxSteps} nodes; longer paths continue.`;
}
