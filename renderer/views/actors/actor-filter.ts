import type { Analysis, Condition, Workspace } from '../../../protocol/index.ts';

/** A filter is written into the document, so it stays readable there. */
export const MAX_FILTER_IDS = 1000;

const isActorFilter = (c: Condition): boolean => 'prop' in c && c.prop === '$actor';

/** The analysis counting these actors only; a filter of this kind that was there before is replaced. */
export function withActorFilter<A extends Analysis>(analysis: A, ids: readonly string[]): A {
  const rest = (analysis.where ?? []).filter((c) => !isActorFilter(c));
  return { ...analysis, where: [...rest, { prop: '$actor', op: 'in', value: [...ids] }] };
}

/**
 * The workspace with the analysis of the list filtered. The list's own document has the workspace's frame filled in;
 * the one that is kept must not, or it would no longer follow the source bar.
 */
export function getFilteredDocument(document: Workspace, analysis: Analysis, ids: readonly string[]): Workspace {
  const key = Object.keys(document.analyses).find((k) => document.analyses[k]?.type === analysis.type) ?? analysis.type;
  const edited = document.analyses[key] ?? withoutFrame(analysis, document);
  return { ...document, analyses: { ...document.analyses, [key]: withActorFilter(edited, ids) } };
}

function withoutFrame(analysis: Analysis, { range, asOf, knownAt }: Workspace): Analysis {
  const { dateRange, ...rest } = analysis;
  const same = dateRange?.from === range.from && dateRange.to === range.to;
  return {
    ...rest,
    asOf: analysis.asOf === asOf ? null : analysis.asOf,
    knownAt: analysis.knownAt === knownAt ? null : analysis.knownAt,
    ...(same || dateRange === undefined ? {} : { dateRange }),
  } as Analysis;
}
