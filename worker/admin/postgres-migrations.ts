import type { Client } from 'pg';
import { readMigrations, type Migration } from '../../migrations/read-migrations.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { closeClient } from '../connection/close-client.ts';
import { inTransaction, openAdminClient, type Credentials } from './admin-client.ts';
import { compareMigrations, type AppliedStep, type MigrationStatus } from './migration-status.ts';
import { APPLIED_TABLE, type Direction, type MigrationStore } from './migration-store.ts';
import { guardServer } from './server-errors.ts';

/** What is applied and what is pending, in a session whose search path leads to the store. Changes nothing. */
export const readMigrationStatus = async (client: Client): Promise<MigrationStatus> =>
  compareMigrations(readMigrations('postgres'), await guardServer(() => readApplied(client)));

/** Opens the store for `migrate`. Throws what `openClient` throws. */
export async function openPostgresMigrations(
  target: PostgresTarget,
  credentials: Credentials,
): Promise<MigrationStore> {
  return new PostgresMigrations(await openAdminClient(target, credentials), target.schema);
}

async function readApplied(client: Client): Promise<readonly AppliedStep[]> {
  if (!(await exists(client, APPLIED_TABLE))) return [];
  const { rows } = await client.query<Omit<AppliedStep, 'appliedAt'> & { readonly applied_at: Date }>(
    `SELECT number, name, checksum, applied_at FROM ${APPLIED_TABLE} ORDER BY number`,
  );
  return rows.map(({ applied_at: at, ...step }) => ({ ...step, appliedAt: at.toISOString() }));
}

async function exists(client: Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ readonly there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    table,
  ]);
  return rows[0]?.there === true;
}

/** The same for all runners on one schema of one database. */
const LOCK = "pg_advisory_lock(hashtext('tributary migrate'), hashtext($1))";

class PostgresMigrations implements MigrationStore {
  readonly dialect = 'postgres';
  readonly #client: Client;
  readonly #schema: string;

  constructor(client: Client, schema: string) {
    this.#client = client;
    this.#schema = schema;
  }

  readApplied(): Promise<readonly AppliedStep[]> {
    return guardServer(() => readApplied(this.#client));
  }

  run(migration: Migration, direction: Direction): Promise<void> {
    const client = this.#client;
    return guardServer(() =>
      inTransaction(client, async () => {
        if (direction === 'up') await this.#prepare();
        await client.query(migration[direction]);
        const entry =
          direction === 'up'
            ? [
                `INSERT INTO ${APPLIED_TABLE} (number, name, checksum) VALUES ($1, $2, $3)`,
                migration.name,
                migration.checksum,
              ]
            : [`DELETE FROM ${APPLIED_TABLE} WHERE number = $1`];
        const [sql = '', ...values] = entry;
        await client.query(sql, [migration.number, ...values]);
      }),
    );
  }

  async #prepare(): Promise<void> {
    const { rows } = await this.#client.query<{ readonly name: string }>('SELECT quote_ident($1) AS name', [
      this.#schema,
    ]);
    const { rows: found } = await this.#client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [this.#schema]);
    if (found.length === 0) await this.#client.query(`CREATE SCHEMA ${rows[0]?.name}`);
    await this.#client.query(
      `CREATE TABLE IF NOT EXISTS ${APPLIED_TABLE} (number integer PRIMARY KEY, name text NOT NULL,
         checksum text NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now())`,
    );
  }

  hasEvents(): Promise<boolean> {
    return guardServer(async () => {
      if (!(await exists(this.#client, 'global_events'))) return false;
      const { rows } = await this.#client.query<{ readonly any: boolean }>(
        'SELECT EXISTS (SELECT FROM global_events) AS any',
      );
      return rows[0]?.any === true;
    });
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return guardServer(async () => {
      await this.#client.query(`SELECT ${LOCK}`, [this.#schema]);
      try {
        return await work();
      } finally {
        await this.#client.query(`SELECT ${LOCK.replace('_lock', '_unlock')}`, [this.#schema]).catch(() => undefined);
      }
    });
  }

  close(): Promise<void> {
    return closeClient(this.#client);
  }
}
