import { EngineError } from '../../../protocol/errors.ts';
import type { ErrorCode } from '../../../protocol/index.ts';

interface Known {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const LOST: Known = {
  code: 'E_UNREADABLE',
  message: 'The connection to the server was lost.',
  hint: 'Nothing incomplete was kept. Ask again when the server answers.',
};
const KNOWN: readonly (readonly [sqlState: RegExp, known: Known])[] = [
  [
    /^28/,
    {
      code: 'E_REFUSED',
      message: 'The server does not let this user in.',
      hint: 'Check user and password; the password may have been changed.',
    },
  ],
  [/^3D000/, { code: 'E_NOT_FOUND', message: 'The server has no database of this name.', hint: 'Check the name.' }],
  [
    /^42501/,
    {
      code: 'E_REFUSED',
      message: 'This user may not read the tables that are needed.',
      hint: 'Ask for SELECT on the event table and on shops.',
    },
  ],
  [
    /^53300/,
    {
      code: 'E_BUSY',
      message: 'The server has no free connection.',
      hint: 'Try again in a moment, or ask for a higher limit for this user.',
    },
  ],
  [
    /^55P03/,
    {
      code: 'E_BUSY',
      message: 'A table is locked by somebody else.',
      hint: 'A change of the schema may be running. Try again when it is done.',
    },
  ],
  [
    /^57014/,
    {
      code: 'E_LIMIT',
      message: 'The server stopped a statement that took too long.',
      hint: 'Narrow the date range, or ask for a longer statement_timeout.',
    },
  ],
  [/^(?:57P0|08|25P0)/, LOST],
  [/^53/, { code: 'E_BUSY', message: 'The server is out of resources.', hint: 'Try again later.' }],
  [
    /^(?:42P01|3F000)/,
    { code: 'E_NO_SUCH_TABLE', message: 'A table that is needed is not there.', hint: 'Open the source again.' },
  ],
  [
    /^42703/,
    { code: 'E_NO_SUCH_COLUMN', message: 'A column that is needed is not there.', hint: 'Open the source again.' },
  ],
];

/** Whatever a driver throws while a server is asked, as an EngineError. Programmer mistakes pass through. */
export function toServerError(thrown: unknown): unknown {
  if (thrown instanceof EngineError || !(thrown instanceof Error)) return thrown;
  const sqlState = (thrown as { readonly code?: unknown }).code;
  const known = KNOWN.find(([pattern]) => typeof sqlState === 'string' && pattern.test(sqlState))?.[1];
  if (known !== undefined) return makeError(known, thrown);
  if (isConnectionError(thrown, sqlState)) return makeError(LOST, thrown);
  if (typeof sqlState === 'string' && /^[0-9A-Z]{5}$/.test(sqlState))
    return new EngineError('E_UNREADABLE', `The server could not answer: ${thrown.message}.`, {
      hint: 'The message is the server’s own. If it is about a view or a foreign table, try reading that in psql.',
      details: `SQLSTATE ${sqlState}`,
      cause: thrown,
    });
  return thrown;
}

const isConnectionError = (error: Error, code: unknown): boolean =>
  (typeof code === 'string' && /^E[A-Z_]+$/.test(code) && !code.startsWith('ERR_')) ||
  /connection (?:terminated|timeout|ended)|not queryable|timeout expired|socket|SSL/i.test(error.message);

const makeError = ({ code, message, hint }: Known, cause: Error): EngineError =>
  new EngineError(code, message, { hint, details: cause.message, cause });

export const serverSilent = (): EngineError =>
  new EngineError('E_UNREADABLE', 'The server does not answer any more.', {
    hint: 'Nothing incomplete was kept. Ask again when the server answers.',
  });
