import type { FilterModel, SortModelItem } from 'ag-grid-community';
import type { RowFilter, SortKey } from '../../../../protocol/query.ts';
import type { ResultView } from '../../../engine/query-client.ts';

const OPERATORS: Readonly<Record<string, RowFilter['operator']>> = {
  equals: 'equals',
  notEqual: 'notEquals',
  contains: 'contains',
  notContains: 'notContains',
  startsWith: 'startsWith',
  lessThan: 'less',
  lessThanOrEqual: 'lessOrEqual',
  greaterThan: 'greater',
  greaterThanOrEqual: 'greaterOrEqual',
  blank: 'isNull',
  notBlank: 'isNotNull',
};
interface OneFilter {
  readonly type?: string;
  readonly filter?: string | number | null;
}

/** What the grid's headers say, as the query process sorts and filters. Columns are named by their position. */
export function toView(sort: readonly SortModelItem[], filter: FilterModel): ResultView {
  const keys = sort.map((s): SortKey => ({ column: Number(s.colId), descending: s.sort === 'desc' }));
  const filters = Object.entries(filter as Readonly<Record<string, OneFilter>>).flatMap(([id, f]): RowFilter[] => {
    const operator = OPERATORS[f.type ?? ''];
    return operator === undefined ? [] : [{ column: Number(id), operator, value: f.filter ?? null }];
  });
  return { sort: keys, filter: filters };
}
