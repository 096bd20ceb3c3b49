import Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/index.ts';

const HINTS = {
  E_NOT_A_DB: 'Choose a SQLite database file. CSV and JSON Lines files are brought in with `tributary import`.',
  E_CORRUPT:
    'The file is damaged or was copied while it was written to. Get a fresh copy (`.backup` or VACUUM INTO), then open that.',
  E_BUSY: 'Another program is writing to this file. Try again in a moment, or open a copy.',
  E_UNREADABLE: 'Check that the file exists, that you may read it and that its disk is there.',
  E_LIMIT: 'A value in this file is too large to read.',
  E_DISK_FULL: 'Free some space on the disk of the data folder, then try again.',
  E_UNSUPPORTED: 'The file uses a part of SQLite that this program does not have.',
} as const;

const BY_PREFIX: readonly (readonly [prefix: string, code: keyof typeof HINTS, message: string])[] = [
  ['SQLITE_NOTADB', 'E_NOT_A_DB', 'This file is not a SQLite database.'],
  ['SQLITE_CORRUPT', 'E_CORRUPT', 'This database is damaged.'],
  ['SQLITE_BUSY', 'E_BUSY', 'This database is locked by another program.'],
  ['SQLITE_LOCKED', 'E_BUSY', 'This database is locked by another program.'],
  ['SQLITE_PROTOCOL', 'E_BUSY', 'This database is locked by another program.'],
  ['SQLITE_CANTOPEN', 'E_UNREADABLE', 'This database cannot be opened.'],
  ['SQLITE_PERM', 'E_UNREADABLE', 'This database cannot be read.'],
  ['SQLITE_READONLY', 'E_UNREADABLE', 'This database cannot be read without changing it.'],
  ['SQLITE_IOERR', 'E_UNREADABLE', 'Reading this database failed.'],
  ['SQLITE_TOOBIG', 'E_LIMIT', 'A value in this database is too large.'],
  ['SQLITE_NOMEM', 'E_LIMIT', 'Reading this database needs too much memory.'],
  ['SQLITE_FULL', 'E_DISK_FULL', 'The disk is full.'],
];

/** Whatever a driver throws while a user's file is read, as an EngineError. Programmer mistakes pass through. */
export function toSourceError(thrown: unknown): unknown {
  if (thrown instanceof EngineError) return thrown;
  if (thrown instanceof Database.SqliteError) return fromSqlite(thrown);
  if (isTooLong(thrown)) return make('E_LIMIT', 'A value in this database is too large.', thrown);
  return thrown;
}

/** Runs `read`; driver errors come out as EngineErrors. */
export function guardRead<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw toSourceError(thrown);
  }
}

function fromSqlite(error: Error & { readonly code: string }): EngineError {
  const known = BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix));
  if (known !== undefined) return make(known[1], known[2], error);
  if (/no such module|unsupported file format|no such (function|collation)|unsafe use of/i.test(error.message))
    return make('E_UNSUPPORTED', `This database cannot be read here: ${error.message}.`, error);
  // SQLITE_ERROR and SQLITE_MISMATCH while only reading a file's own schema mean that the schema is broken.
  return make('E_CORRUPT', `This database cannot be read: ${error.message}.`, error);
}

function make(code: keyof typeof HINTS & ErrorCode, message: string, cause: Error): EngineError {
  return new EngineError(code, message, { hint: HINTS[code], details: cause.message, cause });
}

function isTooLong(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error &&
    ((thrown as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG' || thrown instanceof RangeError)
  );
}
