import type Database from 'better-sqlite3';
import type { ColumnInfo } from '../../protocol/index.ts';

/** A table or view as the schema declares it; nothing of it is run. */
export interface SchemaTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** Virtual tables run code of their module, so they are treated with the care of views. */
  readonly virtual: boolean;
  readonly columns: readonly SchemaColumn[];
  /** Name under which the rowid can be asked for; null for views, virtual tables and WITHOUT ROWID. */
  readonly rowid: string | null;
}
export interface SchemaColumn extends ColumnInfo {
  /** Computed on every read, from an expression of the file's author. */
  readonly generated: boolean;
}

/** Any name as an SQL identifier. */
export const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

export function readTables(db: Database.Database): readonly SchemaTable[] {
  const rows = db
    .prepare<[], { name: string; type: string; wr: number }>(
      "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
  return rows.filter((row) => row.type !== 'shadow').map((row) => readTable(db, row));
}

function readTable(db: Database.Database, row: { name: string; type: string; wr: number }): SchemaTable {
  const columns = readColumns(db, row.name);
  const plain = row.type === 'table';
  return {
    name: row.name,
    kind: row.type === 'view' ? 'view' : 'table',
    virtual: row.type === 'virtual',
    columns,
    rowid: plain && row.wr === 0 ? freeRowidName(columns) : null,
  };
}

/** Columns of a broken view (its table is gone) can't be told: none then. */
function readColumns(db: Database.Database, table: string): readonly SchemaColumn[] {
  try {
    return db
      .prepare<[string], { name: string; type: string; notnull: number; pk: number; hidden: number }>(
        'SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?, \'main\')',
      )
      .all(table)
      .filter((c) => c.hidden !== 1)
      .map((c) => ({
        name: c.name,
        type: c.type,
        notNull: c.notnull === 1,
        primaryKey: c.pk > 0,
        generated: c.hidden >= 2,
      }));
  } catch {
    return [];
  }
}

/** A column may be called rowid and hide the real one. */
function freeRowidName(columns: readonly SchemaColumn[]): string | null {
  const taken = new Set(columns.map((c) => c.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}
