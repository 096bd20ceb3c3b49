import type { Client } from 'pg';
import { openClient } from '../../worker/connection/open-client.ts';
import { migrate } from '../../worker/admin/migrate.ts';
import { openPostgresMigrations } from '../../worker/admin/postgres-migrations.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import type { TestPostgres } from './postgres.ts';
import { CREDENTIALS, targetOf } from './store-target.ts';

/** An event store with all migrations and no partitions, in a database of its own. */
export interface TestStore {
  readonly target: PostgresTarget;
  /** A writing session; `close` ends it. */
  readonly client: Client;
  readonly rows: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  readonly close: () => Promise<void>;
}

export async function makeStore(server: TestPostgres, database: string): Promise<TestStore> {
  const target = targetOf(server, await server.createDatabase(database));
  const store = await openPostgresMigrations(target, CREDENTIALS);
  await migrate(store, 'up');
  await store.close();
  return openStore(server, database);
}

/** A copy of a store that nobody is connected to. */
export async function copyStore(server: TestPostgres, database: string, original: string): Promise<TestStore> {
  await server.query(`CREATE DATABASE "${database}" TEMPLATE "${original}"`);
  return openStore(server, database);
}

async function openStore(server: TestPostgres, database: string): Promise<TestStore> {
  const target = targetOf(server, database);
  // It stands for other programs: our own budget is for what is tested.
  const client = await openClient(target, { ...CREDENTIALS, access: 'write', isCounted: false });
  await client.query("SELECT set_config('search_path', quote_ident($1), false)", [target.schema]);
  return {
    target,
    client,
    rows: async (sql, values = []) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    close: () => client.end(),
  };
}
