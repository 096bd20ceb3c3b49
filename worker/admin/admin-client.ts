import type { Client } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { openClient } from '../connection/open-client.ts';

export interface Credentials {
  /** In memory alone. */
  readonly password?: string | undefined;
}

/** How long one of our statements waits for somebody else's lock, before everybody else would wait for ours, ms. */
const LOCK_TIMEOUT = 5_000;

/** A session whose names without a schema are those of the store, with times in UTC. The caller ends it. */
export async function openAdminClient(target: PostgresTarget, { password }: Credentials): Promise<Client> {
  const client = await openClient(target, { password, access: 'write' });
  await client.query(
    `SELECT set_config('search_path', quote_ident($1), false), set_config('TimeZone', 'UTC', false),
       set_config('lock_timeout', $2, false), set_config('statement_timeout', '0', false)`,
    [target.schema, String(LOCK_TIMEOUT)],
  );
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
    await client.end().catch(() => undefined);
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
