import type { Client } from 'pg';
import type { Mapping, PostgresRef } from '../../protocol/index.ts';
import type { LogEvent } from './timelines.ts';
import { PASSWORD, SUPERUSER, type TestPostgres } from './postgres.ts';

/** What `open` is asked with: a source of a test's server and its password. */
export interface ServerSource {
  readonly ref: PostgresRef;
  readonly password: string;
}

export function serverSource(
  port: number,
  database: string,
  mapping?: Mapping,
  more: Partial<PostgresRef['target']> = {},
): ServerSource {
  const target: PostgresRef['target'] = {
    hosts: [{ host: '127.0.0.1', port }],
    database,
    user: SUPERUSER,
    tls: 'plaintext',
    schema: 'public',
    applicationName: 'tributary',
    ...more,
  };
  return { ref: { kind: 'postgres', target, ...(mapping === undefined ? {} : { mapping }) }, password: PASSWORD };
}

const timeOf = ({ time }: LogEvent): number => (typeof time === 'number' ? time : Date.parse(time));

/** A table of a foreign schema: `who, what, at, seen, plan, country` with times as ms, as in `log-files.ts`. */
export async function appendServerLog(client: Client, table: string, log: readonly LogEvent[]): Promise<void> {
  await client.query(
    `INSERT INTO ${table} SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::int8[], $5::text[], $6::text[])`,
    [
      log.map(({ actor }) => actor),
      log.map(({ event }) => event),
      log.map(timeOf),
      log.map((event) => event.recordedAt ?? timeOf(event)),
      log.map(({ props }) => props?.['plan'] ?? null),
      log.map(({ props }) => props?.['country'] ?? null),
    ],
  );
}

export async function makeServerLog(client: Client, table: string, log: readonly LogEvent[]): Promise<void> {
  await client.query(`CREATE TABLE ${table} (who text, what text, at bigint, seen bigint, plan text, country text)`);
  await appendServerLog(client, table, log);
}

/** No process of the server works for us, and no transaction is open: how many do. */
export async function countBusy(server: TestPostgres, application = 'tributary'): Promise<number> {
  const rows = await server.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = '${application}' AND state <> 'idle'`,
  );
  return Number(rows[0]?.['n']);
}
