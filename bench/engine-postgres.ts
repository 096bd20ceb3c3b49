import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { exportFlatEvents } from './engine-duckdb.ts';
import { POSTGRES_USER, makeCluster, startPostgres, type PostgresServer } from './postgres-server.ts';
import { EVENT_TYPES, getFormulation, summedSql, type Row } from './question.ts';
import type { DataPaths, OpenEngine } from './bench-engine.ts';

/** What we use of `pg`, which is only installed in this folder. */
interface Pg {
  readonly Client: new (options: object) => PgClient;
  readonly types: { setTypeParser(oid: number, parse: (text: string) => unknown): void };
}
interface PgClient {
  connect(): Promise<void>;
  query(query: string | { text: string; rowMode: 'array' }): Promise<{ rows: unknown[] }>;
  end(): Promise<void>;
}
const BIGINT = 20;
const NUMERIC = 1700;

async function connect({ port }: PostgresServer): Promise<PgClient> {
  const { Client, types } = createRequire(import.meta.url)('pg') as Pg;
  for (const oid of [BIGINT, NUMERIC]) types.setTypeParser(oid, Number);
  const client = new Client({ host: '127.0.0.1', port, user: POSTGRES_USER, database: 'postgres' });
  await client.connect();
  return client;
}

/** A row store's best layout: rows in the order of actor and time, and an index that covers all columns. */
export async function loadIntoPostgres(paths: DataPaths): Promise<void> {
  await makeCluster(paths.postgres);
  const csv = path.join(paths.postgres, 'events.csv');
  await exportFlatEvents(paths, csv);
  const server = await startPostgres(paths.postgres, 2);
  try {
    const client = await connect(server);
    await client.query(`CREATE TABLE types (id smallint PRIMARY KEY, name text);
      INSERT INTO types VALUES ${EVENT_TYPES.map((type, i) => `(${i}, '${type}')`).join(', ')};
      CREATE UNLOGGED TABLE ev (uid int, t bigint, k bigint, type smallint, plan text)`);
    await client.query(`COPY ev FROM '${csv}' (FORMAT csv)`);
    await client.query('CREATE UNIQUE INDEX ON ev (uid, t, k) INCLUDE (type, plan)');
    await client.query('VACUUM (ANALYZE, FREEZE) ev');
    await client.end();
  } finally {
    await server.stop();
    rmSync(csv);
  }
}

export const openPostgres: OpenEngine = async (paths, threads) => {
  const server = await startPostgres(paths.postgres, threads);
  const client = await connect(server);
  const select = async (text: string): Promise<Row[]> => (await client.query({ text, rowMode: 'array' })).rows as Row[];
  return {
    version: String((await select('SHOW server_version'))[0]?.[0]),
    formulations: (question) => question.sql.postgres.map((f) => f.name),
    ask: async (question, { formulation, allRows }) => {
      const { sql } = getFormulation(question.sql.postgres, formulation);
      const rows = await select(question.summed === true && !allRows ? summedSql(sql) : sql);
      return () => rows;
    },
    close: async () => {
      await client.end();
      await server.stop();
    },
  };
};
