import type { Analysis, EventMatch } from '../../protocol/index.ts';

/** Event names an analysis asks for, each once. */
export function getNamedEvents(analysis: Analysis): readonly string[] {
  const names = matches(analysis).flatMap((match) => [
    match.event,
    ...(match.anyOf ?? []).map((alternative) => alternative.event),
  ]);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

function matches(analysis: Analysis): readonly EventMatch[] {
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
    case 'flow':
    case 'transitions':
    case 'stepMatrix':
    case 'variants':
      return [];
  }
}
