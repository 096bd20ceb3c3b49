import type { DatabaseSync } from 'node:sqlite';
import type {
  SchemaColumn,
  SchemaIndex,
  SchemaInfo,
  SchemaReference,
  SchemaTable,
} from '../../../protocol/query-schema.ts';

type Row = Readonly<Record<string, unknown>>;
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Everything but the rows: no view is run, no table is read through. */
export function readSchema(db: DatabaseSync): SchemaInfo {
  const ask = (sql: string): Row[] => db.prepare(sql).all() as Row[];
  const objects = ask(
    "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  const indexes = new Map(objects.filter(({ type }) => type === 'index').map((row) => [String(row['name']), row]));
  const tables = objects
    .filter(({ type }) => type === 'table' || type === 'view')
    .map((row) => readTable(ask, row, indexes));
  const functions = ask('PRAGMA function_list').map((row) => String(row['name']));
  return { dialect: 'sqlite', defaultSchema: 'main', tables, functions: [...new Set(functions)].toSorted() };
}

export type Ask = (sql: string) => Row[];

function readTable(ask: Ask, row: Row, ddls: ReadonlyMap<string, Row>): SchemaTable {
  const name = String(row['name']);
  const ddl = typeof row['sql'] === 'string' ? row['sql'] : null;
  const isVirtual = /^\s*CREATE\s+VIRTUAL/i.test(ddl ?? '');
  const isTable = row['type'] === 'table';
  const exact = isTable && !isVirtual ? countFew(ask, name) : null;
  return {
    schema: 'main',
    name,
    kind: isTable ? (isVirtual ? 'virtual table' : 'table') : 'view',
    comment: null,
    rows: exact ?? (isTable && !isVirtual ? countByEnds(ask, name) : null),
    isEstimate: exact === null,
    bytes: null,
    columns: orNone(() => readColumns(ask, name)),
    indexes: isTable ? orNone(() => readIndexes(ask, name, ddls)) : [],
    references: isTable ? orNone(() => readReferences(ask, name)) : [],
    partitions: [],
    ddl,
  };
}

/** A view on what is gone, or a broken table: listed all the same. */
function orNone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

export function readColumns(ask: Ask, table: string, schema = 'main'): SchemaColumn[] {
  return ask(`PRAGMA ${schema}.table_xinfo(${quoteName(table)})`)
    .filter((row) => Number(row['hidden']) !== 1)
    .map((row) => ({
      name: String(row['name']),
      type: String(row['type']),
      notNull: Number(row['notnull']) === 1,
      primaryKey: Number(row['pk']) > 0,
      comment: null,
    }));
}

function readIndexes(ask: Ask, table: string, ddls: ReadonlyMap<string, Row>): SchemaIndex[] {
  return ask(`PRAGMA main.index_list(${quoteName(table)})`).map((row) => {
    const name = String(row['name']);
    const columns = ask(`PRAGMA main.index_info(${quoteName(name)})`).map((part) =>
      typeof part['name'] === 'string' ? part['name'] : '(expression)',
    );
    const ddl = ddls.get(name)?.['sql'];
    return { name, unique: Number(row['unique']) === 1, columns, ddl: typeof ddl === 'string' ? ddl : null };
  });
}

function readReferences(ask: Ask, table: string): SchemaReference[] {
  const keys = new Map<number, Row[]>();
  for (const row of ask(`PRAGMA main.foreign_key_list(${quoteName(table)})`)) {
    const parts = keys.get(Number(row['id'])) ?? [];
    keys.set(Number(row['id']), [...parts, row]);
  }
  return [...keys.values()].map((parts) => ({
    columns: parts.map((part) => String(part['from'])),
    toSchema: 'main',
    toTable: String(parts[0]?.['table']),
    toColumns: parts.map((part) => String(part['to'] ?? part['from'])),
  }));
}

/** So many are counted one by one, in a few ms. */
export const FEW_ROWS = 100_000;
/** Exact; null when there are more, or the table cannot be read. */
export function countFew(ask: Ask, table: string, schema = 'main'): number | null {
  try {
    const [row] = ask(`SELECT count(*) AS n FROM (SELECT 1 FROM ${schema}.${quoteName(table)} LIMIT ${FEW_ROWS + 1})`);
    const n = Number(row?.['n']);
    return n > FEW_ROWS ? null : n;
  } catch {
    return null;
  }
}

/** From the ends of the rowids, which are found at once; exact only where no row was deleted. null without rowids. */
export function countByEnds(ask: Ask, table: string, schema = 'main'): number | null {
  try {
    const [row] = ask(
      `SELECT (SELECT max(rowid) FROM ${schema}.${quoteName(table)}) AS last, (SELECT min(rowid) FROM ${schema}.${quoteName(table)}) AS first`,
    );
    return row?.['last'] === null || row === undefined ? 0 : Number(row['last']) - Number(row['first']) + 1;
  } catch {
    return null;
  }
}
