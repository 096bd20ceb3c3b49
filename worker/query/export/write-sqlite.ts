import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { ResultColumn } from '../../../protocol/query-result.ts';
import { uniqueNames } from './format-value.ts';
import type { RowBlock } from './row-blocks.ts';

const DECLARED: Readonly<Record<string, string>> = {
  integer: 'INTEGER',
  real: 'REAL',
  numeric: 'TEXT',
  boolean: 'INTEGER',
  blob: 'BLOB',
  any: '',
};
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A new database with the rows as one table, for joining them with others. It is not there before, nobody else sees it. */
export function writeSqlite(
  path: string,
  table: string,
  columns: readonly ResultColumn[],
  blocks: Iterable<RowBlock>,
): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    db.exec('BEGIN');
    writeTable(db, table, columns, blocks);
    db.exec('COMMIT; PRAGMA synchronous = FULL; PRAGMA user_version = 0');
  } finally {
    db.close();
  }
}

/** Creates a table and fills it, in the caller's transaction. */
export function writeTable(
  db: DatabaseSync,
  table: string,
  columns: readonly ResultColumn[],
  blocks: Iterable<RowBlock>,
): void {
  // Names of SQLite differ without regard to case.
  const names = uniqueNames(columns.map((column) => ({ ...column, name: column.name.toLowerCase() || 'column' })));
  const fields = columns.map(({ type }, at) => `${quote(names[at] ?? '')} ${DECLARED[type] ?? 'TEXT'}`);
  db.exec(`CREATE TABLE ${quote(table)} (${fields.join(', ')})`);
  const insert = db.prepare(`INSERT INTO ${quote(table)} VALUES (${columns.map(() => '?').join(', ')})`);
  for (const { columns: values, rows } of blocks)
    for (let row = 0; row < rows; row++)
      insert.run(
        ...values.map((column) => {
          const value = column[row] ?? null;
          return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
        }),
      );
}
