import { mapPostgresError } from '../connection/map-error.ts';
import { ADMIN_SQL_STATES } from '../connection/sql-states.ts';

/** What a server or the line to it said, as an EngineError; a programmer's mistake as it is. */
export const toServerError = (thrown: unknown): unknown =>
  thrown instanceof TypeError || !(thrown instanceof Error)
    ? thrown
    : mapPostgresError(thrown, undefined, ADMIN_SQL_STATES);

/** Runs `work`; what the server refuses comes out as EngineErrors. */
export async function guardServer<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toServerError(thrown);
  }
}
