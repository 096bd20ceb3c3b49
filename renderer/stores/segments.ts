import {
  getSegmentName,
  getSegmentProperty,
  type Analysis,
  type Condition,
  type FunnelQuery,
  type PropertyCondition,
  type Workspace,
  type WorkspaceSegment,
} from '../../protocol/index.ts';
import { useWorkspace } from './workspace.ts';

const isOf = (property: string, { table }: Pick<WorkspaceSegment, 'table'>): boolean =>
  getSegmentName(property)?.toLowerCase() === table.toLowerCase();

export const useSegments = (): readonly WorkspaceSegment[] => useWorkspace((s) => s.document.segments);

/** Of a property `$segment.TABLE`, as the workspace calls it; null for another property. */
export function getSegmentLabel(property: string): string | null {
  const table = getSegmentName(property);
  if (table === null) return null;
  return useWorkspace.getState().document.segments.find((segment) => isOf(property, segment))?.name ?? table;
}

/** One of the same table gives way. One undo step, with whatever `edit` does with the new segment. */
export function addSegment(segment: WorkspaceSegment, edit: (document: Workspace) => Workspace): void {
  useWorkspace.getState().change((old) => {
    const others = old.segments.filter(({ table }) => table !== segment.table);
    return edit({ ...old, segments: [...others, segment] });
  }, `Make the segment ${segment.name}`);
}

export function renameSegment({ table }: WorkspaceSegment, name: string): void {
  useWorkspace
    .getState()
    .change(
      (old) => ({ ...old, segments: old.segments.map((s) => (s.table === table ? { ...s, name } : s)) }),
      'Rename a segment',
    );
}

/** Its filters and breakdowns go with it. The table stays among the local tables, so that undo has all of it back. */
export function removeSegment(segment: WorkspaceSegment): void {
  useWorkspace.getState().change(
    (old) => ({
      ...old,
      segments: old.segments.filter(({ table }) => table !== segment.table),
      analyses: Object.fromEntries(
        Object.entries(old.analyses).map(([key, analysis]) => [key, withoutSegment(analysis, segment)]),
      ),
    }),
    `Remove the segment ${segment.name}`,
  );
}

type Where = Analysis['where'];
const isFilter = (condition: Condition, segment: WorkspaceSegment): condition is PropertyCondition =>
  'prop' in condition && isOf(condition.prop, segment);

/** Which actors filters let through as far as a segment goes; null = all. */
export function getSegmentUse(where: Where, segment: WorkspaceSegment): 'in' | 'out' | null {
  const own = (where ?? []).find((condition) => isFilter(condition, segment)) as PropertyCondition | undefined;
  return own === undefined ? null : own.op === 'is_not_set' ? 'out' : 'in';
}

/** An empty list is undefined. */
export function withSegment(
  where: Where,
  segment: WorkspaceSegment,
  use: 'in' | 'out' | null,
): Condition[] | undefined {
  const others = (where ?? []).filter((condition) => !isFilter(condition, segment));
  const prop = getSegmentProperty(segment.table);
  const next =
    use === null ? others : [...others, { prop, op: use === 'in' ? ('is_set' as const) : ('is_not_set' as const) }];
  return next.length === 0 ? undefined : next;
}

/** The funnel with these actors and all others as two groups. */
export const compareSegment = (funnel: FunnelQuery, segment: WorkspaceSegment): FunnelQuery => ({
  ...funnel,
  breakdown: { props: [getSegmentProperty(segment.table)], attribution: { type: 'first_touch' } },
});

export function filterBySegment<A extends Analysis>(analysis: A, segment: WorkspaceSegment, use: 'in' | null): A {
  const { where, ...rest } = analysis;
  const next = withSegment(where, segment, use);
  return { ...rest, ...(next === undefined ? {} : { where: next }) } as unknown as A;
}

function withoutSegment(analysis: Analysis, segment: WorkspaceSegment): Analysis {
  const filtered = filterBySegment(analysis, segment, null);
  if (filtered.type !== 'funnel' || !filtered.breakdown) return filtered;
  const { breakdown, ...rest } = filtered;
  const props = breakdown.props.filter((prop) => !isOf(prop, segment));
  return props.length === 0 ? rest : { ...rest, breakdown: { ...breakdown, props } };
}
