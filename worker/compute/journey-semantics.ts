import type { EventMatch, JourneyQuery, SemanticsRule } from '../../protocol/index.ts';
import { getCommonRules } from './semantics-rules.ts';

export function getJourneySemantics(query: JourneyQuery): readonly SemanticsRule[] {
  const { rules, deadlines } = query.model;
  const out = getCommonRules(query);
  out.push({
    rule: 'history',
    text: 'States come from all events up to the end; the range only limits which moves are counted.',
  });
  for (const { event, from, to, lastOf } of rules) {
    const last = lastOf === undefined ? '' : ` of the last open ${lastOf.key} (opened by ${nameOf(lastOf.openedBy)})`;
    out.push({ rule: to, text: `${nameOf(event)}${last}, ${fromText(from)}.` });
  }
  for (const { opens, key, dueAt, metBy, after, from, to } of deadlines) {
    const due = dueAt === null ? 'its time' : `${dueAt}, else its time`;
    out.push({
      rule: to,
      text: `${nameOf(opens)} without ${nameOf(metBy)} of the same ${key} up to ${after.value} ${after.unit}s after ${due}, ${fromText(from)}; it happens at that moment, if the data reaches so far.`,
    });
  }
  out.push({
    rule: 'order',
    text: 'The first rule that fits an event decides; a move into the same state is none; equal times keep arrival order, deadlines come after events of their time.',
  });
  out.push({ rule: 'end', text: 'The end is asOf, else the last event, and never after knownAt.' });
  out.push({
    rule: 'positions',
    text: `Loops are unrolled to ${query.maxSteps} positions; position 1 is the state at the start of the range, else the first in it. One path per actor.`,
  });
  out.push({
    rule: 'time in state',
    text: 'Stays that ended by a counted move, from entry to exit; p90 by nearest rank. Open stays are counted apart.',
  });
  return out;
}

const fromText = (from: readonly string[] | null): string =>
  from === null ? 'from any state' : `from ${from.join(', ')}`;

function nameOf(match: EventMatch): string {
  if (typeof match.name === 'string') return match.name;
  return match.anyOf === undefined
    ? (match.event ?? 'any event')
    : match.anyOf.map(({ event }) => event ?? 'any event').join(' or ');
}
