import { getSegmentName } from '../../protocol/actor-segments.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { Analysis, Condition, EventMatch } from '../../protocol/index.ts';

/** Names the engine answers from the segment itself. */
const BUILT_IN = new Set(['$event', '$actor']);

/** Property columns an analysis reads, sorted, without `$event`, `$actor` and segments of actors. */
export const getRequiredColumns = (analysis: Analysis): readonly string[] =>
  listColumns(analysis).filter((name) => !BUILT_IN.has(name) && getSegmentName(name) === null);

/** Segments of actors that an analysis asks about, sorted. */
export const getSegmentNames = (analysis: Analysis): readonly string[] =>
  listColumns(analysis).flatMap((name) => getSegmentName(name) ?? []);

/** A segment can be filtered by, and a funnel broken down by it. Throws E_UNSUPPORTED where it is used as another property. */
export function checkSegmentUse(analysis: Analysis): void {
  const name =
    analysis.type === 'funnel' ? undefined : listValues(analysis).find((prop) => getSegmentName(prop) !== null);
  if (name === undefined) return;
  throw new EngineError('E_UNSUPPORTED', `An analysis of type ${analysis.type} cannot read the value of ${name}.`, {
    hint: 'Filter by the segment instead, or break a funnel down by it.',
  });
}

function listColumns(analysis: Analysis): readonly string[] {
  const matches = listMatches(analysis).flatMap(matchColumns);
  return [...new Set([...conditionColumns(analysis.where), ...matches, ...listValues(analysis)])].toSorted();
}

function listMatches(analysis: Analysis): readonly EventMatch[] {
  switch (analysis.type) {
    case 'funnel':
      return [...analysis.steps, ...analysis.exclusions];
    case 'retention':
      return [analysis.cohortEvent, analysis.returnEvent];
    case 'lifecycle':
    case 'stickiness':
      return [analysis.event];
    case 'rollup':
      return analysis.event ? [analysis.event] : [];
    case 'journey':
      return [
        ...analysis.model.rules.flatMap((rule) => [rule.event, ...(rule.lastOf ? [rule.lastOf.openedBy] : [])]),
        ...analysis.model.deadlines.flatMap((deadline) => [deadline.opens, deadline.metBy]),
      ];
    case 'flow':
    case 'transitions':
    case 'stepMatrix':
    case 'variants':
      return [];
  }
}

/** Properties whose values are read, rather than asked about by a condition. */
function listValues(analysis: Analysis): readonly string[] {
  switch (analysis.type) {
    case 'funnel':
      return analysis.breakdown?.props ?? [];
    case 'flow':
    case 'transitions':
    case 'stepMatrix':
    case 'variants':
      return analysis.include ? [analysis.include.prop] : [];
    case 'rollup':
      return [analysis.by, analysis.sum].filter((name) => typeof name === 'string');
    case 'journey':
      return [
        ...analysis.model.rules.flatMap((rule) => (rule.lastOf ? [rule.lastOf.key] : [])),
        ...analysis.model.deadlines.flatMap(({ key, dueAt }) => (dueAt === null ? [key] : [key, dueAt])),
      ];
    case 'retention':
    case 'lifecycle':
    case 'stickiness':
      return [];
  }
}

function matchColumns(match: EventMatch): readonly string[] {
  return [
    ...conditionColumns(match.where),
    ...(match.anyOf ?? []).flatMap((alternative) => conditionColumns(alternative.where)),
  ];
}

function conditionColumns(conditions: readonly Condition[] | undefined): readonly string[] {
  return (conditions ?? []).flatMap((condition) => {
    if ('and' in condition) return conditionColumns(condition.and);
    if ('or' in condition) return conditionColumns(condition.or);
    return [condition.prop];
  });
}
