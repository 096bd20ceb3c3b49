import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../../protocol/errors.ts';
import type { KeptTable } from '../../../protocol/query-result.ts';
import { rowBlocks, type RowBlock } from '../export/row-blocks.ts';
import { writeTable } from '../export/write-sqlite.ts';
import type { Argument, TaskEvent } from '../messages.ts';
import { ResultReader } from '../result/result-reader.ts';
import { quoteName } from '../sqlite/schema-sqlite.ts';
import { toSqliteError } from '../sqlite/sqlite-error.ts';
import { writeActors } from './write-actors.ts';

/** Others write for as long as a large table takes to come. */
const WAIT_MS = 10_000;
/** A name that nobody can give (`TABLE_NAME`). */
const putAside = (name: string): string => `_dropped_${name}`;

/**
 * Writes a result as a table, whole or not at all; what was dropped before is gone then. Throws E_EXISTS unless `replace`,
 * E_LIMIT where all tables together would be over `maxBytes`, E_BUSY while another table is written.
 */
export function keepTable(task: Argument<'keepTable'>, report: (event: TaskEvent) => void): KeptTable {
  const { name, columns, view, maxBytes } = task;
  const reader = new ResultReader(task.folder);
  try {
    reader.refresh();
    return write(task.file, (db) => {
      const known = findTable(db, name, false);
      if (known !== null && !task.replace) throw exists(known.name);
      if (known !== null) remove(db, known.name, known.name);
      for (const { name: old } of readTables(db, true)) remove(db, old, putAside(old));
      const before = countBytes(db);
      const blocks = rowBlocks(reader, view, report, () => countBytes(db) - before);
      let rows = 0;
      const checked = within(blocks, (block) => {
        rows += block.rows;
        if (countBytes(db) > maxBytes) throw tooLarge(maxBytes);
      });
      if (task.actors === undefined) writeTable(db, name, columns, checked);
      else rows = writeActors(db, name, task.actors, checked);
      const kept = { name, rows, bytes: countBytes(db) - before, keptAt: new Date().toISOString() };
      db.prepare('INSERT INTO _tables VALUES (?, ?, ?, ?, 0)').run(kept.name, kept.rows, kept.bytes, kept.keptAt);
      return kept;
    });
  } finally {
    reader.close();
  }
}

/** Of those that are not dropped, by name. */
export function listTables({ file }: Argument<'tables'>): readonly KeptTable[] {
  return existsSync(file) ? withDatabase(file, (db) => readTables(db, false)) : [];
}

/** Puts a table aside: until the next one is kept, `restoreTable` has it back. Throws E_NO_SUCH_TABLE. */
export const dropTable = ({ file, name }: Argument<'dropTable'>): KeptTable => move(file, name, true);
export const restoreTable = ({ file, name }: Argument<'restoreTable'>): KeptTable => move(file, name, false);

function move(file: string, name: string, isDropped: boolean): KeptTable {
  if (!existsSync(file)) throw missing(name);
  return write(file, (db) => {
    const known = findTable(db, name, !isDropped);
    if (known === null) throw missing(name);
    const names = [known.name, putAside(known.name)].map(quoteName);
    const [from, to] = isDropped ? names : names.toReversed();
    db.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
    db.prepare('UPDATE _tables SET dropped = ? WHERE name = ?').run(Number(isDropped), known.name);
    return known;
  });
}

function remove(db: DatabaseSync, name: string, table: string): void {
  db.exec(`DROP TABLE ${quoteName(table)}`);
  db.prepare('DELETE FROM _tables WHERE name = ?').run(name);
}

function readTables(db: DatabaseSync, isDropped: boolean): KeptTable[] {
  const rows = db
    .prepare('SELECT name, rows, bytes, kept_at AS keptAt FROM _tables WHERE dropped = ? ORDER BY name')
    .all(Number(isDropped));
  return rows.map((row) => ({ ...row }) as unknown as KeptTable);
}

const findTable = (db: DatabaseSync, name: string, isDropped: boolean): KeptTable | null =>
  readTables(db, isDropped).find((table) => table.name.toLowerCase() === name.toLowerCase()) ?? null;

/** Of all tables; pages that are free are not counted. */
function countBytes(db: DatabaseSync): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((pragma) =>
    Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]),
  );
  return ((pages ?? 0) - (free ?? 0)) * (size ?? 0);
}

function* within(blocks: Iterable<RowBlock>, check: (block: RowBlock) => void): Iterable<RowBlock> {
  for (const block of blocks) {
    yield block;
    check(block);
  }
}

/** One transaction. What dies in it has changed nothing. */
function write<T>(file: string, work: (db: DatabaseSync) => T): T {
  return withDatabase(file, (db) => {
    db.exec('BEGIN IMMEDIATE');
    const value = work(db);
    db.exec('COMMIT');
    return value;
  });
}

function withDatabase<T>(file: string, work: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | null = null;
  try {
    db = open(file);
    return work(db);
  } catch (thrown) {
    throw translate(thrown, file);
  } finally {
    // Rolls back what is not committed, and moves the log into the file when nobody reads.
    db?.close();
  }
}

function open(file: string): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: WAIT_MS, defensive: true, allowExtension: false });
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 0');
  db.exec(
    'CREATE TABLE IF NOT EXISTS _tables (name TEXT PRIMARY KEY COLLATE NOCASE, rows INTEGER, bytes INTEGER, kept_at TEXT, dropped INTEGER) WITHOUT ROWID',
  );
  return db;
}

function translate(thrown: unknown, file: string): unknown {
  const error = toSqliteError(thrown);
  if (!(error instanceof EngineError) || (error.code !== 'E_CORRUPT' && error.code !== 'E_NOT_A_DB')) return error;
  return new EngineError('E_CORRUPT', 'The file of the local tables is damaged.', {
    hint: 'Move it away: the next table is kept in a new one.',
    details: file,
  });
}

const exists = (name: string): EngineError =>
  new EngineError('E_EXISTS', `There is a local table ${name} already.`, {
    hint: 'Choose another name, or replace it.',
  });
const missing = (name: string): EngineError =>
  new EngineError('E_NO_SUCH_TABLE', `There is no local table ${name}.`, {
    hint: 'It may have been dropped for good.',
  });
const tooLarge = (bytes: number): EngineError =>
  new EngineError('E_LIMIT', `All local tables together may have ${Math.round(bytes / 1e6)} MB; nothing was kept.`, {
    hint: 'Drop a table that is not needed, or keep fewer rows.',
  });
