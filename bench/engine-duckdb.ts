import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { EVENT_TYPES, getFormulation, summedSql, type Cell, type Row } from './question.ts';
import type { DataPaths, OpenEngine } from './bench-engine.ts';

/** What we use of `@duckdb/node-api`, which is only installed in this folder. */
interface Duckdb {
  version(): string;
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<DuckdbInstance>;
  };
}
interface DuckdbInstance {
  connect(): Promise<DuckdbConnection>;
  closeSync(): void;
}
interface DuckdbConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): (string | number | bigint)[][] }>;
  closeSync(): void;
}
const loadDuckdb = (): Duckdb => createRequire(import.meta.url)('@duckdb/node-api') as Duckdb;

/** Makes the sorted table from the flat events, and a Parquet file of it for ClickHouse. */
export async function loadIntoDuckdb(paths: DataPaths): Promise<void> {
  rmSync(paths.duckdb, { force: true });
  const instance = await loadDuckdb().DuckDBInstance.create(paths.duckdb, { threads: '2' });
  const connection = await instance.connect();
  const columns = "{'seq': 'BIGINT', 'actor': 'VARCHAR', 't': 'BIGINT', 'type': 'VARCHAR', 'plan': 'VARCHAR'}";
  await connection.run(`CREATE TYPE event_type AS ENUM (${EVENT_TYPES.map((type) => `'${type}'`).join(', ')})`);
  await connection.run(`CREATE TEMP TABLE raw AS SELECT * FROM read_csv('${paths.events}', delim = '\t', quote = '',
    escape = '', header = false, auto_detect = false, columns = ${columns})`);
  await connection.run(`CREATE TABLE ev AS
    WITH u AS (SELECT actor, (row_number() OVER (ORDER BY min(t), actor) - 1)::UINTEGER AS uid FROM raw GROUP BY actor)
    SELECT uid, t, t * 16 + row_number() OVER (PARTITION BY uid, t ORDER BY seq) - 1 AS k, type::event_type AS type, plan
    FROM raw JOIN u USING (actor) ORDER BY uid, k`);
  const ties = await connection.runAndReadAll('SELECT max(k - t * 16) FROM ev');
  if (Number(ties.getRows()[0]?.[0]) > 15) throw new Error('More than 16 events of one actor at one time.');
  await connection.run(`COPY (SELECT uid, t, k, type::VARCHAR AS type, coalesce(plan, '') AS plan FROM ev)
    TO '${paths.parquet}' (FORMAT parquet, COMPRESSION zstd)`);
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
}

/** Rows `uid, t, k, type's code, plan` of the sorted table as CSV, for a peer that has no reader of Parquet. */
export async function exportFlatEvents(paths: DataPaths, file: string): Promise<void> {
  const instance = await loadDuckdb().DuckDBInstance.create(paths.duckdb, { threads: '2', access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT uid, t, k, enum_code(type), plan FROM ev) TO '${file}' (FORMAT csv, HEADER false)`,
  );
  connection.closeSync();
  instance.closeSync();
}

const toCell = (value: string | number | bigint): Cell => (typeof value === 'bigint' ? Number(value) : value);

export const openDuckdb: OpenEngine = async (paths, threads) => {
  const duckdb = loadDuckdb();
  const instance = await duckdb.DuckDBInstance.create(paths.duckdb, {
    threads: String(threads),
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  return {
    version: duckdb.version(),
    formulations: (question) => question.sql.duckdb.map((f) => f.name),
    ask: async (question, { formulation, allRows }) => {
      const sql = getFormulation(question.sql.duckdb, formulation).sql;
      const reader = await connection.runAndReadAll(question.summed === true && !allRows ? summedSql(sql) : sql);
      const rows = reader.getRows();
      return () => rows.map((row): Row => row.map(toCell));
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
};
