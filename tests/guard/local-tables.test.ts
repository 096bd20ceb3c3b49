import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../protocol/errors.ts';
import type { QueryCell } from '../../protocol/query-result.ts';
import type { QueryService } from '../../worker/query/query-service.ts';
import { startQueries } from '../../worker/query/start-queries.ts';

const home = mkdtempSync(path.join(tmpdir(), 'tributary-tables-'));
const source = path.join(home, 'source');
const dataDir = path.join(home, 'data');
const file = path.join(dataDir, 'tables', 'scratch.db');
let queries: QueryService;
let sessionId = '';
let next = 0;
const newId = (): string => `t${String(next++)}`;

function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.value;
}
const codeOf = (reply: Reply<unknown>): string => (reply.ok ? 'ok' : reply.error.code);

const run = (sql: string) => queries.run({ queryId: newId(), sessionId, sql });
const rowsOf = async (sql: string): Promise<readonly (readonly QueryCell[])[]> => valueOf(await run(sql)).firstRows;
async function keep(sql: string, name: string, more: { replace?: boolean } = {}) {
  const { resultId } = valueOf(await run(sql));
  return queries.keepTable({ queryId: newId(), resultId, name, ...more });
}
const connect = async (): Promise<string> =>
  valueOf(await queries.connect({ queryId: newId(), ref: { kind: 'sqlite', path: path.join(source, 'events.db') } }))
    .sessionId;
const namesIn = async (): Promise<string[]> =>
  valueOf(await queries.schema({ queryId: newId(), sessionId })).tables.map(({ schema, name }) => `${schema}.${name}`);

beforeAll(async () => {
  mkdirSync(source);
  const db = new DatabaseSync(path.join(source, 'events.db'));
  db.exec(`
    CREATE TABLE events (id INTEGER PRIMARY KEY, actor INTEGER, name TEXT);
    INSERT INTO events VALUES (1, 10, 'open'), (2, 10, 'buy'), (3, 20, 'open'), (4, 30, NULL);
  `);
  db.close();
  queries = startQueries({ dataDir });
  sessionId = await connect();
});
afterAll(async () => {
  await queries.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('local tables', () => {
  test('a result is kept, joined with its source in the open session, listed, and nothing is beside the source', async () => {
    expect(codeOf(await run('SELECT * FROM scratch.buyers'))).toBe('E_BAD_QUERY');
    const kept = valueOf(await keep("SELECT DISTINCT actor, 1.5 AS weight FROM events WHERE name = 'buy'", 'buyers'));
    expect(kept).toMatchObject({ name: 'buyers', rows: 1 });
    expect(kept.bytes).toBeGreaterThan(0);
    expect(await rowsOf('SELECT e.id, b.weight FROM events e JOIN scratch.buyers b USING (actor) ORDER BY 1')).toEqual([
      [1, 1.5],
      [2, 1.5],
    ]);
    expect(await namesIn()).toEqual(['main.events', 'scratch.buyers']);
    const table = valueOf(await queries.schema({ queryId: newId(), sessionId })).tables[1];
    expect(table).toMatchObject({ rows: 1, bytes: kept.bytes, columns: [{ name: 'actor' }, { name: 'weight' }] });
    expect(valueOf(await queries.listTables({ queryId: newId() }))).toEqual([kept]);
    expect(readdirSync(source)).toEqual(['events.db']);
    const statement = { queryId: newId(), sessionId, sql: 'SELECT * FROM scratch.buyers', params: {} };
    expect(valueOf(await queries.estimate(statement))).toMatchObject({
      rowsRead: 1,
      text: 'Reads scratch.buyers whole: about 1 rows.',
    });
  });

  test('sorted and filtered as it is looked at; every type of value comes back', async () => {
    const { resultId } = valueOf(await run("SELECT id, name, x'00ff' AS data, 9007199254740993 AS big FROM events"));
    const kept = await queries.keepTable({
      queryId: newId(),
      resultId,
      name: 'some_events',
      sort: [{ column: 0, descending: true }],
      filter: [{ column: 0, operator: 'greater', value: 2 }],
    });
    expect(valueOf(kept).rows).toBe(2);
    expect(
      await rowsOf('SELECT id, name, hex(data), big = 9007199254740993 FROM scratch.some_events ORDER BY rowid'),
    ).toEqual([
      [4, null, '00FF', 1],
      [3, 'open', '00FF', 1],
    ]);
  });

  test('refused with a code: names that are none, names that are taken, results and tables that are gone', async () => {
    for (const name of [
      '',
      '1a',
      'a b',
      'a"b',
      'sqlite_x',
      '_tables',
      '_dropped_buyers',
      'main.x',
      'ä',
      'a'.repeat(64),
    ])
      expect(codeOf(await keep('SELECT 1', name))).toBe('E_USAGE');
    expect(codeOf(await keep('SELECT 7 AS x', 'BUYERS'))).toBe('E_EXISTS');
    expect(await rowsOf('SELECT count(*) FROM scratch.buyers WHERE actor = 10')).toEqual([[1]]);
    expect(codeOf(await queries.keepTable({ queryId: newId(), resultId: 'r999', name: 'x' }))).toBe('E_NOT_FOUND');
    expect(codeOf(await queries.dropTable({ queryId: newId(), name: 'nothing' }))).toBe('E_NO_SUCH_TABLE');
    expect(codeOf(await queries.restoreTable({ queryId: newId(), name: 'buyers' }))).toBe('E_NO_SUCH_TABLE');
  });

  test('replaced when asked; a statement on it that names a column of the old one says so', async () => {
    valueOf(await keep('SELECT 20 AS shop', 'buyers', { replace: true }));
    expect(await rowsOf('SELECT * FROM scratch.buyers')).toEqual([[20]]);
    expect(codeOf(await run('SELECT weight FROM scratch.buyers'))).toBe('E_BAD_QUERY');
  });

  test('dropped and restored; gone for good when the next one is kept', async () => {
    valueOf(await queries.dropTable({ queryId: newId(), name: 'buyers' }));
    expect(await namesIn()).toEqual(['main.events', 'scratch.some_events']);
    expect(codeOf(await run('SELECT * FROM scratch.buyers'))).toBe('E_BAD_QUERY');
    valueOf(await queries.restoreTable({ queryId: newId(), name: 'Buyers' }));
    expect(await rowsOf('SELECT * FROM scratch.buyers')).toEqual([[20]]);
    valueOf(await queries.dropTable({ queryId: newId(), name: 'buyers' }));
    valueOf(await keep('SELECT 1 AS a', 'other'));
    expect(codeOf(await queries.restoreTable({ queryId: newId(), name: 'buyers' }))).toBe('E_NO_SUCH_TABLE');
    expect(await rowsOf("SELECT count(*) FROM scratch.sqlite_schema WHERE name LIKE '%buyers%'")).toEqual([[0]]);
  });

  test('one that is cancelled leaves no table, and the next one can be kept', async () => {
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) SELECT i FROM n';
    const { resultId } = valueOf(await run(numbers));
    const queryId = newId();
    const keeping = queries.keepTable({ queryId, resultId, name: 'numbers' }, ({ rows }) => {
      if (rows > 0) void queries.cancel(queryId);
    });
    expect(codeOf(await keeping)).toBe('E_CANCELLED');
    expect(await namesIn()).not.toContain('scratch.numbers');
    expect(valueOf(await queries.keepTable({ queryId: newId(), resultId, name: 'numbers' })).rows).toBe(1_500_000);
    expect(await rowsOf('SELECT count(*), max(i) FROM scratch.numbers')).toEqual([[1_500_000, 1_500_000]]);
  });

  test('a statement that is reading goes on with what was there, whatever is kept meanwhile', async () => {
    const slow = 'SELECT count(*) FROM scratch.numbers a JOIN scratch.other o ON a.i % 7 < 9';
    const [counted] = await Promise.all([
      run(slow),
      keep('SELECT 1 AS a UNION ALL SELECT 2', 'other', { replace: true }),
    ]);
    expect([1_500_000, 3_000_000]).toContain(valueOf(counted).firstRows[0]?.[0]);
    expect(await rowsOf('SELECT count(*) FROM scratch.other')).toEqual([[2]]);
  });

  test('tables are there for the next start', async () => {
    await queries.stop();
    queries = startQueries({ dataDir });
    sessionId = await connect();
    expect(await rowsOf('SELECT sum(a) FROM scratch.other')).toEqual([[3]]);
  });

  test('nothing but reading is done to them', async () => {
    const before = readFileSync(file).toString('latin1');
    const tables = valueOf(await queries.listTables({ queryId: newId() }));
    const answered: string[] = [];
    for (const sql of FORBIDDEN.map((text) => text.replaceAll('$FILE', file)))
      if ((await run(sql)).ok) answered.push(sql);
    expect(answered).toEqual([]);
    expect(valueOf(await queries.listTables({ queryId: newId() }))).toEqual(tables);
    expect(await rowsOf('SELECT type, count(*) FROM scratch.sqlite_schema GROUP BY 1')).toEqual([
      ['table', tables.length + 1],
    ]);
    expect(await rowsOf('SELECT sum(a) FROM scratch.other')).toEqual([[3]]);
    expect(readFileSync(file).toString('latin1') === before).toBe(true);
    expect(readdirSync(path.dirname(file)).filter((name) => !name.startsWith('scratch.db'))).toEqual([]);
    expect(readdirSync(source)).toEqual(['events.db']);
    expect(await rowsOf('SELECT name FROM sqlite_temp_schema')).toEqual([]);
  });

  test('a file that holds more than tables, or is none, is not attached, and the source is read all the same', async () => {
    await queries.stop();
    const db = new DatabaseSync(file);
    db.exec('CREATE VIEW trap AS SELECT * FROM other');
    db.close();
    queries = startQueries({ dataDir });
    sessionId = await connect();
    expect(await namesIn()).toEqual(['main.events']);
    expect(codeOf(await run('SELECT * FROM scratch.trap'))).toBe('E_BAD_QUERY');
    await queries.stop();
    for (const name of readdirSync(path.dirname(file))) rmSync(path.join(path.dirname(file), name));
    writeFileSync(file, 'this is no database, however long it is'.repeat(100));
    queries = startQueries({ dataDir });
    sessionId = await connect();
    expect(await rowsOf('SELECT count(*) FROM events')).toEqual([[4]]);
    expect(codeOf(await keep('SELECT 1 AS a', 'fresh'))).toBe('E_CORRUPT');
    rmSync(file);
    expect(valueOf(await keep('SELECT 1 AS a', 'fresh')).rows).toBe(1);
    expect(await rowsOf('SELECT a FROM scratch.fresh')).toEqual([[1]]);
  });
});

/** Each would change the local tables, or reach another file through them. */
const FORBIDDEN: readonly string[] = [
  'INSERT INTO scratch.other VALUES (9)',
  'INSERT INTO other VALUES (9)',
  'REPLACE INTO scratch.other VALUES (9)',
  'WITH x AS (SELECT 1) INSERT INTO scratch.other SELECT * FROM x',
  'UPDATE scratch.other SET a = 9',
  'DELETE FROM scratch.other',
  'DELETE FROM scratch.other RETURNING a',
  "UPDATE scratch._tables SET name = 'x'",
  'DELETE FROM scratch._tables',
  "UPDATE scratch.sqlite_schema SET sql = 'x'",
  'DROP TABLE scratch.other',
  'DROP TABLE IF EXISTS other',
  'ALTER TABLE scratch.other RENAME TO x',
  'ALTER TABLE scratch.other ADD COLUMN x',
  'CREATE TABLE scratch.x (a)',
  'CREATE TABLE scratch.x AS SELECT * FROM events',
  'CREATE VIEW scratch.x AS SELECT 1',
  'CREATE TEMP VIEW x AS SELECT * FROM scratch.other',
  'CREATE INDEX scratch.x ON other(a)',
  'CREATE TRIGGER scratch.x AFTER INSERT ON other BEGIN SELECT 1; END',
  'CREATE TEMP TRIGGER x AFTER INSERT ON scratch.other BEGIN SELECT 1; END',
  'CREATE VIRTUAL TABLE scratch.x USING fts5(a)',
  'VACUUM scratch',
  "VACUUM scratch INTO '$FILE.copy'",
  'REINDEX scratch.other',
  'ANALYZE scratch',
  'DETACH scratch',
  "ATTACH '$FILE' AS again",
  "ATTACH 'file:$FILE?mode=rwc' AS again",
  "ATTACH ':memory:' AS again",
  'PRAGMA database_list',
  "SELECT file FROM pragma_database_list WHERE name = 'scratch'",
  'PRAGMA scratch.user_version = 5',
  'PRAGMA scratch.application_id = 5',
  'PRAGMA scratch.journal_mode = DELETE',
  'PRAGMA scratch.journal_mode',
  'PRAGMA scratch.locking_mode = EXCLUSIVE',
  'PRAGMA scratch.wal_checkpoint(TRUNCATE)',
  'PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA scratch.incremental_vacuum',
  'PRAGMA scratch.auto_vacuum = NONE',
  'PRAGMA scratch.max_page_count = 1',
  'PRAGMA scratch.page_size = 8192',
  'PRAGMA scratch.secure_delete = ON',
  'PRAGMA scratch.optimize',
  'PRAGMA query_only = OFF',
  'PRAGMA writable_schema = ON',
  'EXPLAIN DELETE FROM scratch.other',
  'BEGIN; DELETE FROM scratch.other; COMMIT',
  'SAVEPOINT x',
];
