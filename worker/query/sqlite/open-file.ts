import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, constants as fsConstants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../../protocol/errors.ts';
import { checkFile, type CheckedFile } from '../../source/check-file.ts';
import { constants } from 'node:sqlite';
import { identifyScratch } from '../scratch/scratch-file.ts';
import { attachScratch } from './attach-scratch.ts';
import { judge, type Denied } from './authorizer.ts';
import { toSqliteError } from './sqlite-error.ts';

export interface OpenFile {
  readonly db: DatabaseSync;
  readonly file: CheckedFile;
  /** A copy is read, because its log or journal had to be rolled in. */
  readonly isPrivate: boolean;
  /** Local tables, as the schema `scratch`. */
  readonly scratch: {
    /** Of the file that was there, readable or not; null = none. */
    readonly identity: string | null;
    readonly isAttached: boolean;
  };
  /** What the guard denied last; cleared by the caller. */
  readonly guard: { denied: Denied | null };
}

/** Softer than SQLite's own advice for hostile SQL: analysts write long statements (security.md 2.1). */
const LIMITS = {
  length: 64_000_000,
  sqlLength: 1_000_000,
  column: 2_000,
  exprDepth: 500,
  compoundSelect: 500,
  vdbeOp: 5_000_000,
  functionArg: 127,
  attach: 0,
  likePatternLength: 1_000,
  variableNumber: 500,
  triggerDepth: 10,
};

export interface Places {
  /** The user's file. */
  readonly path: string;
  /** Private copies are made here. */
  readonly scratchDir: string;
  /** The database of local tables, which need not be there. */
  readonly tables: string;
}

/**
 * Opens a file so that nothing is written beside it or into it: immutable, read-only, every action judged. A write-ahead
 * log or a hot journal is rolled into a copy in `scratchDir`. Local tables are attached before the door is shut. Throws
 * EngineError, E_UNSUPPORTED where Node has no SQLite.
 */
export async function openFile({ path: userPath, scratchDir, tables }: Places): Promise<OpenFile> {
  const sqlite = await loadDriver();
  const file = checkFile(userPath);
  const isPrivate = file.companion !== null;
  try {
    const target = isPrivate ? copyPrivately(sqlite, file, scratchDir) : file.path;
    const url = pathToFileURL(target);
    url.searchParams.set('immutable', '1');
    const options = { readOnly: true, defensive: true, allowExtension: false, enableDoubleQuotedStringLiterals: true };
    const identity = identifyScratch(tables);
    const limits = { ...LIMITS, attach: identity === null ? 0 : 1 };
    const db = new sqlite.DatabaseSync(url, { ...options, limits });
    const guard: OpenFile['guard'] = { denied: null };
    for (const setting of ['trusted_schema = OFF', 'cell_size_check = ON', 'mmap_size = 0', 'query_only = ON'])
      db.exec(`PRAGMA ${setting}`);
    const scratch = { identity, isAttached: identity !== null && attachScratch(db, tables) };
    db.setAuthorizer((action, first, second) => {
      const denied = judge(action, first, second);
      if (denied === null) return constants.SQLITE_OK;
      guard.denied ??= denied;
      return constants.SQLITE_DENY;
    });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return { db, file, isPrivate, scratch, guard };
  } catch (thrown) {
    throw toSqliteError(thrown);
  }
}

interface Driver {
  readonly DatabaseSync: typeof DatabaseSync;
}
async function loadDriver(): Promise<Driver> {
  const driver = await import('node:sqlite');
  if ('setAuthorizer' in driver.DatabaseSync.prototype) return driver;
  throw new EngineError('E_UNSUPPORTED', `This Node (${process.version}) cannot guard SQL on files.`, {
    hint: 'Use the Node that comes with Tributary.',
  });
}

/** One copy for each state of a file, shared by the processes of a session. */
function copyPrivately({ DatabaseSync }: Driver, file: CheckedFile, scratchDir: string): string {
  mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(`${file.path}\0${file.fingerprint}`).digest('hex').slice(0, 24);
  const target = path.join(scratchDir, `copy-${name}.db`);
  if (existsSync(target)) return target;
  const copy = path.join(scratchDir, `copying-${name}-${process.pid}.db`);
  const suffixes = ['', file.companion ?? ''].filter((suffix, at) => at === 0 || suffix !== '');
  try {
    for (const suffix of suffixes) {
      copyFileSync(file.path + suffix, copy + suffix, fsConstants.COPYFILE_FICLONE);
      chmodSync(copy + suffix, 0o600);
    }
    if (checkFile(file.path).fingerprint !== file.fingerprint)
      throw new EngineError('E_BUSY', 'Another program keeps writing to this database.', {
        hint: 'Run it again when the other program is done, or open a copy.',
      });
    const db = new DatabaseSync(copy, { defensive: true });
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA journal_mode = DELETE');
    db.close();
    renameSync(copy, target);
    return target;
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(copy + suffix, { force: true });
  }
}
