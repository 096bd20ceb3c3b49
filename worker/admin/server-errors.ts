import { EngineError, type ErrorCode } from '../../protocol/errors.ts';
import { mapPostgresError } from '../connection/map-error.ts';

/** What a SQLSTATE means when a store is administered, where that is more than `mapPostgresError` can know. */
const KNOWN: Readonly<Record<string, readonly [code: ErrorCode, message: string, hint: string]>> = {
  '42501': ['E_REFUSED', 'This role may not do that.', 'Connect with a role that owns the event store.'],
  '25006': ['E_REFUSED', 'This server is read-only.', 'Connect to the primary server.'],
  '55P03': ['E_BUSY', 'Another session holds the event store.', 'Try again in a moment.'],
  '42P01': [
    'E_NO_SUCH_TABLE',
    'There is no event store in this database.',
    'Make one with `tributary migrate SOURCE up`, or name its schema.',
  ],
  '42P07': [
    'E_EXISTS',
    'Something of this name is already in the database.',
    'Choose an empty schema (?schema=NAME), or rename what is there.',
  ],
};

/** SQLSTATE of a server's error, or null. */
export function sqlState(thrown: unknown): string | null {
  const { code, severity } = (thrown ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
  return typeof code === 'string' && severity !== undefined ? code : null;
}

/** What a server or the line to it said, as an EngineError; a programmer's mistake as it is. */
export function toServerError(thrown: unknown): unknown {
  if (thrown instanceof EngineError || thrown instanceof TypeError || !(thrown instanceof Error)) return thrown;
  const [code, message, hint] = KNOWN[sqlState(thrown) ?? ''] ?? [];
  if (code === undefined || message === undefined || hint === undefined) return mapPostgresError(thrown);
  return new EngineError(code, message, { hint, details: thrown.message, cause: thrown });
}

/** Runs `work`; what the server refuses comes out as EngineErrors. */
export async function guardServer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toServerError(thrown);
  }
}
