// node start-peer.mjs duckdb|clickhouse|sqlite THREADS FILE SQL [SETTINGS]: one answer as a line of JSON, by the least code
// that asks the engine. Plain JavaScript, so that no types have to be stripped at the start.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [, , engine, threads, file, sql, settings] = process.argv;

const ASK = {
  duckdb: async () => {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const instance = await DuckDBInstance.create(file, { threads, access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    return reader.getRows().map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
  },
  clickhouse: async () => {
    const { Session } = require('chdb');
    const session = file === '' ? new Session() : new Session(file);
    const all = [`max_threads = ${threads}`, 'output_format_json_quote_64bit_integers = 0'];
    if (settings) all.push(settings);
    const result = await session.queryAsync(`${sql} SETTINGS ${all.join(', ')}`, { format: 'JSONCompactEachRow' });
    const rows = result
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    setImmediate(() => session.close());
    return rows;
  },
  sqlite: async () => {
    const Database = require('better-sqlite3');
    const db = new Database(file, { readonly: true });
    db.exec('PRAGMA cache_size = -1000000; PRAGMA mmap_size = 30000000000; PRAGMA temp_store = memory');
    return db.prepare(sql).raw().all();
  },
};
console.log(JSON.stringify(await ASK[engine]()));
