import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import { checkFile, fileError, type CheckedFile } from './check-file.ts';
import { guardRead } from './sqlite-errors.ts';

export interface OpenDatabase {
  readonly db: Database.Database;
  readonly file: CheckedFile;
  /** A copy is read that nobody else knows. */
  readonly isPrivate: boolean;
}

/** Waiting for a writer's lock, ms. */
const BUSY_TIMEOUT = 1_000;

/**
 * Opens a user's file so that nothing is ever created or changed beside it: read-only, and through a private copy in
 * `scratchDir` where SQLite itself would make files (write-ahead log, hot journal). Copies are named by fingerprint,
 * so that all threads share one; the owner of `scratchDir` deletes them.
 */
export function openDatabase(userPath: string, scratchDir: string): OpenDatabase {
  const file = checkFile(userPath);
  const privately = file.walFlagged || file.companion !== null;
  return guardRead(() => {
    const db = openReadOnly(privately ? copyPrivately(file, scratchDir) : file.path);
    if (privately || checkFile(userPath).fingerprint === file.fingerprint) return { db, file, isPrivate: privately };
    db.close();
    throw new EngineError('E_SOURCE_CHANGED', 'The file changed while it was opened.', {
      hint: 'Open it again when nothing writes to it.',
    });
  });
}

function openReadOnly(target: string): Database.Database {
  const db = new Database(target, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT });
  try {
    // Untrusted file: no functions with side effects from its schema, cells checked, no mapped memory.
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('mmap_size = 0');
    db.pragma('query_only = ON');
    db.pragma('temp_store = MEMORY');
    // The first read of the schema: what is no database or locked shows here.
    db.pragma('schema_version');
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

const COPY_ATTEMPTS = 3;

function copyPrivately(file: CheckedFile, scratchDir: string): string {
  mkdirSync(scratchDir, { recursive: true });
  const name = `copy-${createHash('sha256').update(`${file.path}\0${file.fingerprint}`).digest('hex').slice(0, 24)}.db`;
  const target = path.join(scratchDir, name);
  if (existsSync(target)) return target;
  const folder = mkdtempSync(path.join(scratchDir, 'copying-'));
  try {
    const copy = path.join(folder, 'copy.db');
    copyUnchanged(file, copy);
    settle(copy);
    renameSync(copy, target);
    return target;
  } catch (thrown) {
    throw fileError(thrown, file.path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A copy is only good when neither file changed while both were copied. */
function copyUnchanged(file: CheckedFile, copy: string): void {
  for (let attempt = 1; attempt <= COPY_ATTEMPTS; attempt++) {
    for (const suffix of ['', ...(file.companion === null ? [] : [file.companion])]) {
      copyFileSync(file.path + suffix, copy + suffix, constants.COPYFILE_FICLONE);
      chmodSync(copy + suffix, 0o600);
    }
    if (checkFile(file.path).fingerprint === file.fingerprint) return;
  }
  throw new EngineError('E_BUSY', 'Another program keeps writing to this database.', {
    hint: 'Open it when the other program is done, or open a copy.',
  });
}

/** Rolls the copy's log or journal in and leaves one plain file that opens read-only. */
function settle(copy: string): void {
  const db = new Database(copy, { fileMustExist: true, timeout: BUSY_TIMEOUT });
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('journal_mode = DELETE');
  } finally {
    db.close();
  }
}
