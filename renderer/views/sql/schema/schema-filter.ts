import type { SchemaColumn, SchemaTable } from '../../../../protocol/query-schema.ts';

export interface FoundTable {
  readonly table: SchemaTable;
  /** Those that match, or all when the table's own name does. */
  readonly columns: readonly SchemaColumn[];
  /** A column was found: the table is opened. */
  readonly isOpen: boolean;
}

/** Tables whose name, comment, partition or column holds the text; all of them for an empty one. */
export function findInSchema(tables: readonly SchemaTable[], search: string): readonly FoundTable[] {
  const wanted = search.trim().toLowerCase();
  const has = (text: string | null): boolean => (text ?? '').toLowerCase().includes(wanted);
  return tables.flatMap((table): FoundTable[] => {
    if (wanted === '' || has(table.name) || has(table.comment))
      return [{ table, columns: table.columns, isOpen: false }];
    const columns = table.columns.filter((c) => has(c.name) || has(c.comment));
    if (columns.length > 0) return [{ table, columns, isOpen: true }];
    return table.partitions.some((p) => has(p.name)) ? [{ table, columns: table.columns, isOpen: true }] : [];
  });
}
