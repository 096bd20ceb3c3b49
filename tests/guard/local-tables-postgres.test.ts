import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reply } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/source.ts';
import { startQueries } from '../../worker/query/start-queries.ts';
import { PASSWORD, startPostgres, SUPERUSER, type TestPostgres } from '../support/postgres.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-tables-pg-'));
const queries = startQueries({ dataDir: path.join(folder, 'data') });
let server: TestPostgres;
let next = 0;
const newId = (): string => `p${String(next++)}`;

beforeAll(async () => {
  server = await startPostgres({});
  await server.query(`
    CREATE TABLE plans (shop int, price numeric(10, 2), since timestamptz, active boolean, tags jsonb);
    INSERT INTO plans VALUES (1, 9.90, '2026-01-02 03:04:05+00', true, '{"a": 1}'), (2, NULL, NULL, false, NULL);`);
}, 120_000);
afterAll(async () => {
  await queries.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.value;
}
async function connect(ref: SourceRef, password?: string): Promise<string> {
  const request = { queryId: newId(), ref, ...(password === undefined ? {} : { password }) };
  return valueOf(await queries.connect(request)).sessionId;
}

test('a result of a server is joined with the rows of a file', async () => {
  const hosts = [{ host: '127.0.0.1', port: server.port }];
  const target = { hosts, database: 'postgres', user: SUPERUSER, tls: 'plaintext', schema: 'public' } as const;
  const far = await connect({ kind: 'postgres', target: { ...target, applicationName: 'tributary' } }, PASSWORD);
  const sql = 'SELECT shop, price, since, active, tags FROM plans';
  const { resultId } = valueOf(await queries.run({ queryId: newId(), sessionId: far, sql }));
  expect(valueOf(await queries.keepTable({ queryId: newId(), resultId, name: 'plans' })).rows).toBe(2);
  const refused = await queries.run({ queryId: newId(), sessionId: far, sql: 'SELECT * FROM scratch.plans' });
  expect(refused.ok).toBe(false);

  const file = path.join(folder, 'events.db');
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE events (id INTEGER, shop INTEGER); INSERT INTO events VALUES (1, 1), (2, 2), (3, 1), (4, 3)');
  db.close();
  const near = await connect({ kind: 'sqlite', path: file });
  const joined = `SELECT e.id, p.price, p.price * 2 AS twice, p.since, p.active, p.tags ->> '$.a' AS a
    FROM events e JOIN scratch.plans p USING (shop) ORDER BY e.id`;
  expect(valueOf(await queries.run({ queryId: newId(), sessionId: near, sql: joined })).firstRows).toEqual([
    [1, '9.90', 19.8, '2026-01-02 03:04:05+00', 1, 1],
    [2, null, null, null, 0, null],
    [3, '9.90', 19.8, '2026-01-02 03:04:05+00', 1, 1],
  ]);
}, 60_000);
