import { EngineError, type ErrorCode } from '../../../protocol/errors.ts';
import type { Denied } from './authorizer.ts';

const CODES: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  5: ['E_BUSY', 'Try again when the other program is done.'],
  6: ['E_BUSY', 'Try again when the other program is done.'],
  7: ['E_LIMIT', 'Ask for fewer or smaller values, or allow more memory.'],
  8: ['E_REFUSED', 'Only statements that read are run.'],
  10: ['E_UNREADABLE', 'Check the disk the file is on.'],
  11: ['E_CORRUPT', 'The file is damaged; get a fresh copy.'],
  13: ['E_DISK_FULL', 'Free some space, then try again.'],
  14: ['E_UNREADABLE', 'Check that you may read the file and its folder.'],
  18: ['E_LIMIT', 'One value or the statement is too large; ask for part of it, for example with substr().'],
  23: ['E_REFUSED', 'Only statements that read are run.'],
  26: ['E_NOT_A_DB', 'Choose a SQLite database file.'],
};

interface SqliteFailure extends Error {
  readonly errcode?: number;
}
const isSqliteFailure = (thrown: unknown): thrown is SqliteFailure => thrown instanceof Error && 'errcode' in thrown;

/** What SQLite threw as a code; other errors as they are. */
export function toSqliteError(thrown: unknown, denied: Denied | null = null): unknown {
  if (denied !== null) return refusedError(denied);
  if (!isSqliteFailure(thrown)) return thrown;
  const known = CODES[(thrown.errcode ?? 1) & 0xff];
  if (known === undefined)
    return new EngineError('E_BAD_QUERY', `SQLite says: ${thrown.message}.`, { hint: 'Correct the statement.' });
  return new EngineError(known[0], `SQLite says: ${thrown.message}.`, { hint: known[1] });
}

export function refusedError({ action, subject }: Denied): EngineError {
  const what = subject === null ? action : `${action} ${subject}`;
  return new EngineError('E_REFUSED', `This statement is not only reading: ${what} is not allowed.`, {
    hint: 'Use SELECT, WITH, VALUES or EXPLAIN. To change data, use the tool that owns it.',
  });
}
