import type { Analysis, SemanticsRule } from '../../protocol/index.ts';

/** The rules every analysis shares: which events exist and how the range is read. */
export function getCommonRules(
  query: Pick<Analysis, 'timezone' | 'asOf' | 'knownAt' | 'dateRange' | 'where' | 'actorFrom'>,
): SemanticsRule[] {
  const { from = null, to = null } = query.dateRange ?? {};
  const range =
    from === null && to === null
      ? 'All events.'
      : `Events from ${from ?? 'the first'} to ${to ?? 'the last'}, both included, local to ${query.timezone}.`;
  const rules = [{ rule: 'range', text: range }];
  if (query.asOf !== null)
    rules.push({ rule: 'as of', text: `Events after ${query.asOf} (${query.timezone}) do not exist.` });
  if (query.knownAt !== null)
    rules.push({
      rule: 'known at',
      text: `Rows recorded after ${query.knownAt} do not exist; rows without a recorded time always do.`,
    });
  if (query.where !== undefined && query.where.length > 0)
    rules.push({ rule: 'filters', text: 'Only events that pass all filters; values are compared as text.' });
  if (query.actorFrom !== undefined)
    rules.push({
      rule: 'actor',
      text: `${query.actorFrom.slice('props.'.length)} stands for the actor; events without it are left out.`,
    });
  return rules;
}
