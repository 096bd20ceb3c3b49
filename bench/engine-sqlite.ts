import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { EVENT_TYPES, getFormulation, summedSql, type Row } from './question.ts';
import type { DataPaths, OpenEngine } from './bench-engine.ts';

const CODE = `CASE event_type ${EVENT_TYPES.map((type, i) => `WHEN '${type}' THEN ${i}`).join(' ')} END`;
const ACTOR = `json_extract(metadata, '$.user_id')`;

/** A row store's best layout: events clustered by actor and time, numbers for names. */
export function loadIntoSqlite(paths: DataPaths): void {
  rmSync(paths.sqlite, { force: true });
  const db = new Database(paths.sqlite);
  db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = memory; PRAGMA cache_size = -500000;
    ATTACH '${paths.snapshot}' AS s;
    CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO types VALUES ${EVENT_TYPES.map((type, i) => `(${i}, '${type}')`).join(', ')};
    CREATE TABLE users (uid INTEGER PRIMARY KEY, actor TEXT UNIQUE);
    INSERT INTO users (actor) SELECT DISTINCT ${ACTOR} FROM s.global_events;
    CREATE TABLE ev (uid INTEGER, t INTEGER, k INTEGER, type INTEGER, plan TEXT, PRIMARY KEY (uid, t, k)) WITHOUT ROWID;
    INSERT INTO ev SELECT uid, event_time, event_time * 16 + row_number() OVER (PARTITION BY uid, event_time ORDER BY n) - 1,
      type, plan FROM (SELECT uid, event_time, e.rowid AS n, ${CODE} AS type, json_extract(metadata, '$.plan_id') AS plan
      FROM s.global_events e JOIN users ON actor = ${ACTOR}) ORDER BY 1, 2, 3;
    DROP TABLE users; DETACH s; ANALYZE;`);
  db.close();
}

/** The question asked of the snapshot as it is: it has no index on actors, so its events are read once. */
export const rawSqliteSql = (sql: string): string =>
  `WITH ev AS MATERIALIZED (SELECT ${ACTOR} AS uid, event_time AS t, ${CODE} AS type FROM global_events) ${sql}`;

export const openSqlite: OpenEngine = (paths) => {
  const db = new Database(paths.sqlite, { readonly: true });
  db.exec('PRAGMA cache_size = -1000000; PRAGMA mmap_size = 30000000000; PRAGMA temp_store = memory');
  return Promise.resolve({
    version: String(db.prepare('SELECT sqlite_version()').pluck().get()),
    formulations: (question) => question.sql.sqlite.map((f) => f.name),
    ask: (question, { formulation, allRows }) => {
      const sql = getFormulation(question.sql.sqlite, formulation).sql;
      const asked = question.summed === true && !allRows ? summedSql(sql) : sql;
      const rows = db.prepare(asked).raw().all() as Row[];
      return Promise.resolve(() => rows);
    },
    close: () => {
      db.close();
      return Promise.resolve();
    },
  });
};
