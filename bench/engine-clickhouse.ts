import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CLICKHOUSE_TYPE, getFormulation, summedSql, type Row } from './question.ts';
import type { DataPaths, OpenEngine } from './bench-engine.ts';

/** What we use of `chdb` (ClickHouse in process), which is only installed in this folder. */
interface Chdb {
  readonly Session: new (path?: string) => {
    queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>;
    close(): void;
  };
}
const loadChdb = (): Chdb => createRequire(import.meta.url)('chdb') as Chdb;

/** Its best layout: sorted by actor and time, so that aggregation by actor runs in order. One part. */
export async function loadIntoClickhouse(paths: DataPaths): Promise<void> {
  rmSync(paths.clickhouse, { recursive: true, force: true });
  const session = new (loadChdb().Session)(paths.clickhouse);
  const run = (sql: string): Promise<unknown> => session.queryAsync(sql, { format: 'TSV' });
  await run('CREATE DATABASE b ENGINE = Atomic');
  await run(`CREATE TABLE b.ev (uid UInt32, t UInt64, k UInt64, type ${CLICKHOUSE_TYPE}, plan LowCardinality(String))
    ENGINE = MergeTree ORDER BY (uid, t, k)`);
  await run(`INSERT INTO b.ev SELECT uid, t, k, CAST(type, 'String'), plan FROM file('${paths.parquet}', Parquet)
    SETTINGS max_threads = 2, max_insert_threads = 1`);
  await run('OPTIMIZE TABLE b.ev FINAL');
  session.close();
}

const parseRow = (line: string): Row => JSON.parse(line) as Row;
/** The question asked of the raw snapshot, through ClickHouse's own reader of SQLite. */
export const rawClickhouseSql = (sql: string, snapshot: string): string =>
  sql.replaceAll(
    'b.ev',
    `(SELECT JSONExtractString(metadata, 'user_id') AS uid, toUInt64(event_time) AS t, event_type AS type
      FROM sqlite('${snapshot}', 'global_events')) AS ev`,
  );

export const openClickhouse: OpenEngine = async (paths, threads) => {
  const session = new (loadChdb().Session)(paths.clickhouse);
  const select = async (sql: string, settings: readonly string[]): Promise<string> => {
    const all = [`max_threads = ${threads}`, 'output_format_json_quote_64bit_integers = 0', ...settings];
    const result = await session.queryAsync(`${sql} SETTINGS ${all.join(', ')}`, { format: 'JSONCompactEachRow' });
    return result.text().trim();
  };
  return {
    version: String(parseRow(await select('SELECT version()', []))[0]),
    formulations: (question) => question.sql.clickhouse.map((f) => f.name),
    ask: async (question, { formulation, allRows }) => {
      const { sql, settings } = getFormulation(question.sql.clickhouse, formulation);
      const text = await select(
        question.summed === true && !allRows ? summedSql(sql) : sql,
        settings === undefined ? [] : [settings],
      );
      return () => (text === '' ? [] : text.split('\n').map(parseRow));
    },
    close: () => {
      session.close();
      return Promise.resolve();
    },
  };
};
