import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { SyncSession } from '../../worker/source/postgres/sync-session.ts';
import { openGuarded } from '../guard/queries.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { failureOf, LOG_MAPPING, makeLog, valueOf } from './harness.ts';

/** Answers that no process could hold: each way to a server refuses, cuts or passes over them, and goes on. */
let server: TestPostgres;
let engine: LocalEngine;
const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-large-'));
const MANY = 'SELECT a, b FROM generate_series(1, 10000) a, generate_series(1, 5000) b';
beforeAll(async () => {
  server = await startPostgres();
  await makeLog(server, 'faults');
  await server.query(
    `CREATE TABLE huge AS SELECT who, what, at, CASE WHEN note LIKE '%x77' THEN repeat('y', 600000000) ELSE note END AS note
      FROM log LIMIT 1000;
     CREATE VIEW many AS SELECT 'u' || a AS who, 'open' AS what, timestamptz '2024-01-01' + b * interval '1 s' AS at,
       '' AS note FROM (${MANY}) m`,
    'faults',
  );
  engine = createEngine({ dataDir, threads: 2, cacheBytes: 0 });
}, 120_000);
afterAll(async () => {
  await engine.stop();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

let asked = 0;
const sourceOf = (table: string, actor = 'who') =>
  serverSource(server.port, 'faults', { ...LOG_MAPPING, table, actor });
const open = (source: ReturnType<typeof sourceOf>, deadlineMs: number | null = null) =>
  valueOf(engine.open({ requestId: `open-${asked++}`, deadlineMs, ...source }));

test('a field of 600 MB, pulled: it counts as not set and is reported; as an actor its row is passed over', async () => {
  const { sourceId, events } = await open(sourceOf('huge'));
  expect(events).toBe(1_000);
  const values = await valueOf(engine.values({ requestId: 'values', sourceId, property: 'note', limit: 5 }));
  expect(values.distinct).toBe(999);
  expect((await open(sourceOf('huge', 'note'))).events).toBe(999);
}, 120_000);

test('a field of 600 MB, in ad-hoc SQL: refused by its length, and the next question works', async () => {
  const guarded = await openGuarded(sourceOf('huge').ref, PASSWORD);
  expect(await guarded.run('SELECT note FROM huge', { confirmedScan: true })).toMatchObject({
    error: { code: 'E_LIMIT' },
  });
  expect(await guarded.run('SELECT 1')).toMatchObject({ ok: true });
  await guarded.stop();
}, 120_000);

test('50 million rows in ad-hoc SQL: cut where the limit is, which is said', async () => {
  const guarded = await openGuarded(sourceOf('log').ref, PASSWORD);
  const answer = await guarded.run(MANY, { confirmedScan: true, limits: { rows: 300_000 } });
  expect(answer).toMatchObject({ ok: true, value: { rows: 300_000, complete: false, truncatedBy: 'rows' } });
  expect(await guarded.run('SELECT 1')).toMatchObject({ ok: true });
  await guarded.stop();
}, 120_000);

test('50 million rows, pulled: a deadline ends it here and there, and the next question works', async () => {
  expect(await failureOf(open(sourceOf('many'), 2_000))).toMatchObject({ code: 'E_DEADLINE' });
  expect((await open(sourceOf('huge'))).events).toBe(1_000);
}, 120_000);

test('600 MB and 50 million rows as the answer of one statement of ours: refused, and the next question works', () => {
  const session = new SyncSession({ target: sourceOf('log').ref.target, password: PASSWORD });
  const codeOf = (sql: string): unknown => {
    try {
      return session.query(sql);
    } catch (thrown) {
      return (thrown as { readonly code: unknown }).code;
    }
  };
  expect(codeOf('SELECT note FROM public.huge')).toBe('E_LIMIT');
  // Wide rows reach the limit sooner.
  expect(codeOf(`SELECT m.*, repeat('x', 500) FROM (${MANY}) m`)).toBe('E_LIMIT');
  expect(session.query('SELECT 1')).toEqual([[1]]);
  session.close();
}, 120_000);
