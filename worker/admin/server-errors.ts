import { EngineError, type ErrorCode } from '../../protocol/errors.ts';

type Known = readonly [state: RegExp, code: ErrorCode, message: string, hint: string];

/** SQLSTATEs of work that administers a store. */
const KNOWN: readonly Known[] = [
  ['^42501$', 'E_REFUSED', 'This role may not do that.', 'Connect with a role that owns the event store.'],
  ['^25006$', 'E_REFUSED', 'This server or session is read-only.', 'Connect to the primary server.'],
  ['^55P03$', 'E_BUSY', 'Another session holds the event store.', 'Try again in a moment.'],
  ['^40P01$', 'E_BUSY', 'Another session was in the way.', 'Try again.'],
  ['^57014$', 'E_CANCELLED', 'The server ended this statement.', 'Try again, or raise its statement_timeout.'],
  ['^53100$', 'E_DISK_FULL', 'The disk of the server is full.', 'Free some space there, then try again.'],
  ['^53', 'E_SERVER_BUSY', 'The server has no room for this.', 'Try again later, or in smaller parts.'],
  ['^(08|57P)', 'E_SERVER_LOST', 'The server ended the connection.', 'Try again when it is back.'],
  [
    '^(42P01|3F000)$',
    'E_NO_SUCH_TABLE',
    'There is no event store in this database.',
    'Make one with `tributary migrate SOURCE up`, or name its schema.',
  ],
  [
    '^(42P07|42710|42723)$',
    'E_EXISTS',
    'Something of this name is already in the database.',
    'Choose an empty schema (?schema=NAME), or rename what is there.',
  ],
].map(([state, ...rest]) => [new RegExp(state as string), ...rest] as unknown as Known);

/** SQLSTATE of a server's error, or null. */
export const sqlState = (thrown: unknown): string | null => {
  const code = thrown instanceof Error ? (thrown as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
};

/** What a server answered, as an EngineError; anything else as it is. */
export function toServerError(thrown: unknown): unknown {
  if (thrown instanceof EngineError || !(thrown instanceof Error)) return thrown;
  if (/Connection terminated|ECONNRESET|EPIPE|not queryable/.test(thrown.message))
    return make('E_SERVER_LOST', 'The connection to the server broke.', 'Try again when it is back.', thrown);
  const state = sqlState(thrown);
  const known = state === null ? undefined : KNOWN.find(([pattern]) => pattern.test(state));
  if (known !== undefined) return make(known[1], known[2], known[3], thrown);
  return state === null
    ? thrown
    : make('E_INTERNAL', `The server refused: ${thrown.message}.`, 'Copy the details and report it.', thrown);
}

function make(code: ErrorCode, message: string, hint: string, cause: Error): EngineError {
  const { detail = '' } = cause as { detail?: string };
  return new EngineError(code, message, { hint, details: `${cause.message} ${detail}`.trim(), cause });
}

/** Runs `work`; what the server refuses comes out as EngineErrors. */
export async function guardServer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toServerError(thrown);
  }
}
