import type { Analysis, Condition, EventMatch } from '../../protocol/index.ts';

/** Names the engine answers from the segment itself. */
const BUILT_IN = new Set(['$event', '$actor']);

/** Property columns an analysis reads, sorted, without `$event` and `$actor`. */
export function getRequiredColumns(analysis: Analysis): readonly string[] {
  const names = [...conditionColumns(analysis.where), ...ownColumns(analysis)];
  return [...new Set(names)].filter((name) => !BUILT_IN.has(name)).toSorted();
}

function ownColumns(analysis: Analysis): readonly string[] {
  switch (analysis.type) {
    case 'funnel':
      return [
        ...analysis.steps.flatMap(matchColumns),
        ...analysis.exclusions.flatMap(matchColumns),
        ...(analysis.breakdown?.props ?? []),
      ];
    case 'flow':
    case 'transitions':
    case 'stepMatrix':
    case 'variants':
      return analysis.include ? [analysis.include.prop] : [];
    case 'retention':
      return [...matchColumns(analysis.cohortEvent), ...matchColumns(analysis.returnEvent)];
    case 'lifecycle':
    case 'stickiness':
      return matchColumns(analysis.event);
    case 'rollup':
      return [
        ...(analysis.event ? matchColumns(analysis.event) : []),
        ...[analysis.by, analysis.sum].filter((name) => typeof name === 'string'),
      ];
    case 'journey':
      return journeyColumns(analysis.model);
  }
}

function journeyColumns(model: Extract<Analysis, { type: 'journey' }>['model']): readonly string[] {
  const rules = model.rules.flatMap((rule) => [
    ...matchColumns(rule.event),
    ...(rule.lastOf ? [rule.lastOf.key, ...matchColumns(rule.lastOf.openedBy)] : []),
  ]);
  const deadlines = model.deadlines.flatMap((d) => [
    d.key,
    ...(d.dueAt === null ? [] : [d.dueAt]),
    ...matchColumns(d.opens),
    ...matchColumns(d.metBy),
  ]);
  return [...rules, ...deadlines];
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
