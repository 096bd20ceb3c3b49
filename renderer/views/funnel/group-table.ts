import type { FunnelGroup, FunnelResult } from '../../../protocol/index.ts';
import { getGroupLabel } from './funnel-text.ts';

/** `value`: by name; `step` k: by actors at step k; `rate`: by conversion from first to last step. */
export type GroupSort =
  | { readonly by: 'value' }
  | { readonly by: 'rate' }
  | { readonly by: 'step'; readonly step: number };
export interface GroupOrder {
  readonly sort: GroupSort;
  readonly descending: boolean;
}
export const BY_SIZE: GroupOrder = { sort: { by: 'step', step: 0 }, descending: true };

const rateOf = (group: FunnelGroup): number => group.steps.at(-1)?.conversionFromStart ?? 0;

/** The pooled rest of a limited breakdown: listed last by the engine and not counted as a group. */
export function getPool({ groups = [], groupCount }: FunnelResult): FunnelGroup | undefined {
  const last = groups.at(-1);
  return groupCount !== undefined && groupCount < groups.length && last?.value.join() === 'Other' ? last : undefined;
}

export function sortGroups(groups: readonly FunnelGroup[], { sort, descending }: GroupOrder): FunnelGroup[] {
  const compare = (a: FunnelGroup, b: FunnelGroup): number => {
    if (sort.by === 'value')
      return getGroupLabel(a.value).localeCompare(getGroupLabel(b.value), undefined, { numeric: true });
    if (sort.by === 'rate') return rateOf(a) - rateOf(b);
    const { step } = sort;
    return (a.steps[step]?.count ?? 0) - (b.steps[step]?.count ?? 0);
  };
  return groups.toSorted((a, b) => (descending ? compare(b, a) : compare(a, b)));
}

export const sameSort = (a: GroupSort, b: GroupSort): boolean =>
  a.by === b.by && (a.by !== 'step' || b.by !== 'step' || a.step === b.step);

/** Another column: numbers largest first, names from A. The same column: the other way round. */
export function toggleSort(order: GroupOrder, sort: GroupSort): GroupOrder {
  if (sameSort(order.sort, sort)) return { sort, descending: !order.descending };
  return { sort, descending: sort.by !== 'value' };
}

export const MAX_DRAWN = 6;
/** A key for a group that no value can imitate. */
export const groupKey = (value: readonly string[]): string => JSON.stringify(value);

/** The groups drawn before anyone has chosen: the largest. */
export function getDrawnGroups(result: FunnelResult, chosen: ReadonlySet<string> | null): FunnelGroup[] {
  const groups = result.groups ?? [];
  const pool = getPool(result);
  if (chosen === null)
    return sortGroups(
      groups.filter((group) => group !== pool),
      BY_SIZE,
    ).slice(0, 5);
  return groups.filter((group) => chosen.has(groupKey(group.value))).slice(0, MAX_DRAWN);
}
