import type { Client } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { closeClient } from '../connection/close-client.ts';
import { openClient } from '../connection/open-client.ts';

export interface Credentials {
  /** In memory alone. */
  readonly password?: string | undefined;
}

/** How long one of our statements waits for somebody else's lock, before everybody else would wait for ours, ms. */
const LOCK_MS = 5_000;
/** Loading may stand in a transaction while the file is read. */
const IDLE_MS = 600_000;

/** A session in which plain names are those of the store's schema alone. The caller ends it with `closeClient`. */
export async function openAdminClient(
  target: PostgresTarget,
  { password }: Credentials,
  access: 'read' | 'write' = 'write',
): Promise<Client> {
  const limits = { statementMs: 0, lockMs: LOCK_MS, idleTransactionMs: IDLE_MS };
  const client = await openClient(target, { password, access, ...limits });
  await client.query("SELECT set_config('search_path', quote_ident($1), false)", [target.schema]);
  return client;
}

/** Runs `work` in a session of its own. */
export async function withAdminClient<T>(
  target: PostgresTarget,
  credentials: Credentials,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openAdminClient(target, credentials);
  try {
    return await work(client);
  } finally {
    await closeClient(client);
  }
}

/** Runs `work` in one transaction: all of it or nothing. */
export async function inTransaction<T>(client: Client, work: () => Promise<T>, begin = 'BEGIN'): Promise<T> {
  await client.query(begin);
  try {
    const value = await work();
    await client.query('COMMIT');
    return value;
  } catch (thrown) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw thrown;
  }
}
