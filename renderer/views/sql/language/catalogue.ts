import { sameName, type Dialect } from './token.ts';

/** What a name can mean in the open database: the editor's own picture of the schema and the data's vocabulary. */
export interface Catalogue {
  readonly dialect: Dialect;
  readonly tables: readonly CatalogueTable[];
}
export interface CatalogueTable {
  readonly schema: string | null;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'partitioned' | 'partition';
  /** Counted or estimated; null = unknown. */
  readonly rows: number | null;
  readonly comment: string | null;
  readonly columns: readonly CatalogueColumn[];
  /** Foreign keys of this table. */
  readonly references: readonly Reference[];
}
export interface Reference {
  readonly columns: readonly string[];
  readonly table: string;
  readonly toColumns: readonly string[];
}
export interface CatalogueColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull?: boolean;
  readonly primaryKey?: boolean;
  readonly comment?: string | null;
  /** Values worth offering (event types), most frequent first. */
  readonly values?: readonly Counted[];
  /** Keys of a column of JSON objects, most frequent first. */
  readonly keys?: readonly Counted[];
}
export interface Counted {
  readonly name: string;
  /** Rows that have it; 0 = unknown. */
  readonly count: number;
  /** Of keys: share of the rows that have it, 0..1, and what its values are. */
  readonly share?: number;
  readonly type?: string;
}

export function findTable(
  catalogue: Catalogue,
  name: string,
  schema: string | null = null,
): CatalogueTable | undefined {
  const { dialect, tables } = catalogue;
  return tables.find(
    (t) => sameName(t.name, name, dialect) && (schema === null || sameName(t.schema ?? 'main', schema, dialect)),
  );
}

/** Has the table's name to be written with its schema? */
export const isForeignSchema = (table: CatalogueTable): boolean =>
  table.schema !== null && table.schema !== 'public' && table.schema !== 'main';
