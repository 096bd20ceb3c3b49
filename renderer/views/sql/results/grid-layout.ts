import type { GridApi } from 'ag-grid-community';
import type { GridColumn } from '../../../../protocol/index.ts';
import type { ResultColumn } from '../../../../protocol/query-result.ts';

interface Arranged {
  readonly column: ResultColumn;
  /** Its position in the result. */
  readonly at: number;
  /** null = this column was not there when the layout was kept. */
  readonly kept: GridColumn | null;
}

/** The columns of a result as they were left: those that are known in their order, then the others in theirs. */
export function arrange(columns: readonly ResultColumn[], layout: readonly GridColumn[]): readonly Arranged[] {
  // Names need not differ: the second `id` is the second one of the layout.
  const left = layout.map((kept, order) => ({ kept, order }));
  const placed = columns.map((column, at) => {
    const found = left.findIndex(({ kept }) => kept.name === column.name);
    const [taken] = found < 0 ? [] : left.splice(found, 1);
    return { column, at, kept: taken?.kept ?? null, order: taken?.order ?? layout.length + at };
  });
  return placed.toSorted((a, b) => a.order - b.order).map(({ column, at, kept }) => ({ column, at, kept }));
}

export function readLayout<T>(api: GridApi<T>, columns: readonly ResultColumn[]): GridColumn[] {
  return api.getColumnState().flatMap(({ colId, width, pinned }): GridColumn[] => {
    const column = columns[Number(colId)];
    return column === undefined
      ? []
      : [{ name: column.name, width: Math.round(width ?? 100), pinned: Boolean(pinned) }];
  });
}
