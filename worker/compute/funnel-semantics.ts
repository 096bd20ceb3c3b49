import type { Duration, FunnelQuery, SemanticsRule } from '../../protocol/index.ts';
import { getStepName } from './funnel-steps.ts';

const ORDER_TEXT = {
  ordered: 'Steps in order; other events may come in between.',
  strict: 'Steps in order, each the very next event of the actor.',
  unordered: 'Steps in any order; level = number of different steps done.',
} as const;

/** The rules of conformance/SEMANTICS.md that this query uses, in words. */
export function listFunnelRules(query: FunnelQuery): readonly SemanticsRule[] {
  const rules: (SemanticsRule | null)[] = [
    { rule: 'order', text: ORDER_TEXT[query.order] },
    { rule: 'window', text: windowText(query.window, query.order) },
    { rule: 'attempts', text: attemptText(query.order) },
    { rule: 'ties', text: tieText(query.order) },
    { rule: 'times', text: 'Times are those of the earliest started of the deepest attempts, between filled steps.' },
    optionalRule(query),
    firstTimeRule(query),
    ...query.exclusions.map((exclusion) => exclusionRule(exclusion, query)),
    breakdownRule(query),
    query.viz === 'trend' ? { rule: 'trend', text: trendText(query) } : null,
    query.viz === 'timeToConvert' ? { rule: 'timeToConvert', text: conversionText(query) } : null,
    { rule: 'range', text: 'All steps lie inside the range, both ends included.' },
  ];
  return rules.filter((rule) => rule !== null);
}

function windowText(window: Duration | null, order: FunnelQuery['order']): string {
  if (window === null) return 'No window: a step may come any time later.';
  const unit = window.value === 1 ? window.unit : `${window.unit}s`;
  const start = order === 'unordered' ? 'the first step done' : 'step 1';
  return `${window.value} ${unit} from ${start}, the far edge included; a day is 86,400 s, a month 30 days.`;
}

function attemptText(order: FunnelQuery['order']): string {
  const start = order === 'unordered' ? 'Every step event' : 'Every event of step 1';
  return `${start} may start an attempt; an actor counts once, with its deepest one. One event fills one step.`;
}

function tieText(order: FunnelQuery['order']): string {
  return order === 'strict'
    ? 'Events of equal time keep the order in which they arrived.'
    : 'Events of equal time may fill steps in either order.';
}

function optionalRule(query: FunnelQuery): SemanticsRule | null {
  const names = query.steps.flatMap((step, k) => (step.optional === true ? [getStepName(step, k)] : []));
  if (names.length === 0) return null;
  const count =
    query.order === 'unordered'
      ? 'who did all other steps has reached every step'
      : 'the count of an optional step has those who did it or went beyond it, "filled" only those who did it';
  const text = `${names.join(', ')} may be skipped without lowering the level: ${count}.`;
  return { rule: 'optional', text };
}

function firstTimeRule(query: FunnelQuery): SemanticsRule | null {
  const names = query.steps.flatMap((step, k) => (step.firstTimeOnly === true ? [getStepName(step, k)] : []));
  if (names.length === 0) return null;
  const text = `${names.join(', ')}: only the actor's first ever fitting event, looked up in all data, also outside the range and the filters of the query.`;
  return { rule: 'firstTimeOnly', text };
}

function exclusionRule(exclusion: FunnelQuery['exclusions'][number], query: FunnelQuery): SemanticsRule {
  const name = getStepName(exclusion, 0);
  const where =
    query.order === 'unordered'
      ? 'between the first event and completion'
      : `strictly between step ${exclusion.fromStep + 1} and step ${exclusion.toStep + 1}`;
  return {
    rule: 'exclusion',
    text: `An attempt with ${name} ${where} (or before the window ends) is void; other attempts still count.`,
  };
}

const ATTRIBUTION_TEXT = {
  first_touch: 'the first event that fits a step and has a value',
  last_touch: 'the last event that fits a step and has a value',
  all_events: 'each value sees only the events that carry it; an actor may count in several',
} as const;

function breakdownRule({ breakdown }: FunnelQuery): SemanticsRule | null {
  if (!breakdown) return null;
  const { attribution, limit, props } = breakdown;
  const by =
    attribution.type === 'step'
      ? `the event that fills step ${attribution.step + 1}; an actor may count in several`
      : ATTRIBUTION_TEXT[attribution.type];
  const pool = limit === undefined ? '' : ` The ${limit} largest by entries, the rest summed as Other.`;
  return { rule: 'breakdown', text: `By ${props.join(', ')}: ${by}. Missing and empty are one blank group.${pool}` };
}

function trendText({ interval, fromStep = 0, toStep, steps }: FunnelQuery): string {
  return `By local ${interval} of the attempt's first event: entered = reached step ${fromStep + 1}, converted = reached step ${(toStep ?? steps.length - 1) + 1}. An actor counts once per ${interval}.`;
}

function conversionText({ fromStep = 0, toStep, steps }: FunnelQuery): string {
  return `Time from step ${fromStep + 1} to step ${(toStep ?? steps.length - 1) + 1}; p90 by nearest rank.`;
}
