import type Database from 'better-sqlite3';
import type { ColumnInfo } from '../../protocol/index.ts';
import { MAX_VIEW_COST, viewCosts } from './view-cost.ts';

/** A table or view as the schema declares it; nothing of it is run. */
export interface SchemaTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** Virtual tables run code of their module, so they are treated with the care of views. */
  readonly virtual: boolean;
  /** A view that SQLite would unfold into thousands of selects: it is listed, never compiled. */
  readonly tooDeep: boolean;
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

interface SchemaRow {
  readonly name: string;
  readonly type: 'table' | 'view';
  readonly sql: string | null;
}

/** Reads the schema's own text (a damaged one may hold numbers there); a view is compiled for its columns only where that can't take long. */
export function readTables(db: Database.Database): readonly SchemaTable[] {
  const rows = db
    .prepare<[], SchemaRow>(
      "SELECT name, type, sql FROM main.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND typeof(name) = 'text' AND typeof(sql) IN ('text', 'null') ORDER BY name",
    )
    .all();
  const costs = viewCosts(new Map(rows.filter((row) => row.type === 'view').map((row) => [row.name, row.sql ?? ''])));
  const virtuals = rows.filter((row) => isVirtual(row.sql)).map((row) => row.name);
  return rows
    .filter((row) => !isShadow(row, virtuals))
    .map((row) => (row.type === 'view' ? readView(db, row, costs.get(row.name) ?? 1) : readTable(db, row)));
}

function readView(db: Database.Database, { name }: SchemaRow, cost: number): SchemaTable {
  const tooDeep = cost > MAX_VIEW_COST;
  return { name, kind: 'view', virtual: false, tooDeep, columns: tooDeep ? [] : readColumns(db, name), rowid: null };
}

function readTable(db: Database.Database, { name, sql }: SchemaRow): SchemaTable {
  const virtual = isVirtual(sql);
  const columns = readColumns(db, name);
  const rowid = freeRowidName(columns);
  const hasRowid =
    !virtual &&
    rowid !== null &&
    (!/without\s+rowid/i.test(sql ?? '') || compiles(db, `SELECT ${rowid} FROM main.${quote(name)}`));
  return { name, kind: 'table', virtual, tooDeep: false, columns, rowid: hasRowid ? rowid : null };
}

const isVirtual = (sql: string | null): boolean => /^\s*create\s+virtual\s/i.test(sql ?? '');

/** Shadow tables of full-text and R-tree indexes mean nothing by themselves. */
function isShadow({ name }: SchemaRow, virtuals: readonly string[]): boolean {
  return virtuals.some(
    (v) =>
      name.startsWith(`${v}_`) &&
      /^(content|data|idx|docsize|config|segments|segdir|stat|node|rowid|parent)$/.test(name.slice(v.length + 1)),
  );
}

function compiles(db: Database.Database, sql: string): boolean {
  try {
    db.prepare(sql);
    return true;
  } catch {
    return false;
  }
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
