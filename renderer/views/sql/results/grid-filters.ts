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
/** Of a column: one condition, or several that must all hold or one of which is enough. */
interface ColumnFilter extends OneFilter {
  readonly operator?: 'AND' | 'OR';
  readonly conditions?: readonly OneFilter[];
}

/** What the grid's headers say, as the query process sorts and filters. Columns are named by their position. */
export function toView(sort: readonly SortModelItem[], filter: FilterModel): ResultView {
  const keys = sort.map((s): SortKey => ({ column: Number(s.colId), descending: s.sort === 'desc' }));
  const filters = Object.entries(filter as Readonly<Record<string, ColumnFilter>>).flatMap(([id, of]): RowFilter[] => {
    const column = Number(id);
    const [first, ...rest] = (of.conditions ?? [of]).flatMap(toCondition);
    if (first === undefined) return [];
    if (of.operator === 'OR') return [{ column, ...first, or: rest }];
    return [first, ...rest].map((condition) => ({ column, ...condition }));
  });
  return { sort: keys, filter: filters };
}

function toCondition({ type, filter }: OneFilter): Omit<RowFilter, 'column'>[] {
  const operator = OPERATORS[type ?? ''];
  return operator === undefined ? [] : [{ operator, value: filter ?? null }];
}
