import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, Mapping } from '../../protocol/index.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { countSessions } from '../../worker/connection/session-budget.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startQueries } from '../../worker/query/start-queries.ts';
import type { QueryService } from '../../worker/query/query-service.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { countBusy, serverSource } from '../support/postgres-logs.ts';
import { ask, makeFolder, nextId, unwrap } from './log-files.ts';

const ROWS = 60_000;
const MAPPING: Mapping = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' },
  properties: ['note'],
};
const FUNNEL = { type: 'funnel', steps: [{ event: 'open' }, { event: 'buy' }] };
/** For minutes. */
const SLOW = 'SELECT count(*) FROM log a CROSS JOIN log b WHERE a.note > b.note';
const SQL = "SELECT what, count(*) FROM log WHERE note LIKE 'x%' GROUP BY 1 ORDER BY 1";

const folder = makeFolder();
let server: TestPostgres;
let engine: LocalEngine;
let queries: QueryService;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('shop');
  await server.query(
    `CREATE TABLE log AS SELECT 'u' || i % 5000 AS who, (ARRAY['open', 'view', 'buy'])[1 + i % 3] AS what,
      timestamptz '2024-01-01' + i * interval '20 s' AS at, 'x' || i AS note FROM generate_series(1, ${ROWS}) i`,
    'shop',
  );
  engine = createEngine({ dataDir: folder.file('data'), threads: 4, cacheBytes: 0 });
  queries = startQueries({ dataDir: folder.file('queries') });
}, 120_000);
afterAll(async () => {
  await engine.stop();
  await queries.stop();
  await server.stop();
  folder.dispose();
}, 60_000);

const sourceWith = (connections?: number) =>
  serverSource(server.port, 'shop', MAPPING, connections === undefined ? {} : { connections });

const countOurs = async (): Promise<number> => {
  const [row] = await server.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'tributary' AND backend_type = 'client backend'",
  );
  return Number(row?.['n']);
};

/** The most sessions that the server saw while `work` went on. */
async function mostDuring(work: () => Promise<unknown>): Promise<number> {
  let most = 0;
  let isDone = false;
  const watching = (async () => {
    for (; !isDone; await setTimeout(2)) most = Math.max(most, await countOurs());
  })();
  await work().finally(() => (isDone = true));
  await watching;
  return most;
}

async function runSql(source: ReturnType<typeof sourceWith>): Promise<number> {
  const { sessionId } = unwrap(await queries.connect({ queryId: nextId(), ...source }));
  const result = unwrap(await queries.run({ queryId: nextId(), sessionId, sql: SQL, confirmedScan: true }));
  unwrap(await queries.disconnect(sessionId));
  return result.rows;
}

async function runFunnel(source: ReturnType<typeof sourceWith>): Promise<unknown> {
  const { sourceId, events } = unwrap(await engine.open({ requestId: nextId(), ...source }));
  expect(events).toBe(ROWS);
  await ask(engine, sourceId, FUNNEL as never);
  unwrap(await engine.values({ requestId: nextId(), sourceId, property: 'note', limit: 3 }));
  return unwrap(await engine.close(sourceId));
}

describe('the budget of connections', () => {
  it.each([undefined, 2, 1])(
    'analyses and SQL processes together stay within it (connections: %s), and all are answered',
    async (connections) => {
      const source = sourceWith(connections);
      const most = await mostDuring(async () => {
        const rows = await Promise.all([runFunnel(source), runSql(source), runSql(source), runSql(source)]);
        expect(rows.slice(1)).toEqual([3, 3, 3]);
      });
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(connections ?? 3);
      expect(await countBusy(server)).toBe(0);
    },
    120_000,
  );

  it('a request waits for its turn, visibly, until its deadline; then it goes on when a place is free', async () => {
    const source = sourceWith();
    const { ref, password } = source;
    const clients = await Promise.all([1, 2, 3].map(() => openClient(ref.target, { password, waitMs: 20_000 })));
    const late = engine.open({ requestId: nextId(), deadlineMs: 700, ...source });
    await untilTrue(() => countSessions().some(({ waiting }) => waiting > 0));
    expect(await late).toMatchObject({ ok: false, error: { code: 'E_DEADLINE' } });
    await untilTrue(() => countSessions().every(({ waiting }) => waiting === 0));
    const sql = runSql(source);
    const opened = engine.open({ requestId: nextId(), ...source });
    await untilTrue(() => countSessions().some(({ waiting, inUse }) => waiting >= 2 && inUse === 3));
    await Promise.all(clients.map((client) => closeClient(client)));
    const { sourceId } = unwrap(await opened);
    expect(await sql).toBe(3);
    const { connections } = unwrap(await engine.status());
    expect(connections).toMatchObject([{ sourceId, server: `127.0.0.1:${server.port}`, most: 3 }]);
    unwrap(await engine.close(sourceId));
  }, 60_000);

  it('a query that is killed gives its place back', async () => {
    const source = sourceWith(1);
    const { sessionId } = unwrap(await queries.connect({ queryId: nextId(), ...source }));
    const queryId = nextId();
    const killed = queries.run({ queryId, sessionId, sql: SLOW, confirmedScan: true });
    await untilTrue(async () => (await countBusy(server)) > 0);
    const { processes } = unwrap(await queries.status());
    process.kill(processes.find((one) => one.queryId === queryId)?.pid ?? 0, 'SIGKILL');
    expect(await killed).toMatchObject({ ok: false, error: { code: 'E_ENGINE_LOST' } });
    await runFunnel(source);
    unwrap(await queries.disconnect(sessionId));
  }, 60_000);
});

async function untilTrue(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await setTimeout(5);
}

const countHere = () =>
  countSessions().find(({ server: name }) => name.endsWith(String(server.port))) ?? { inUse: 0, waiting: 0 };

it('what threads waited for that were ended is waited for no more', async () => {
  const { ref, password } = sourceWith(1);
  const client = await openClient(ref.target, { password });
  const other = createEngine({ dataDir: folder.file('waiting'), threads: 1, cacheBytes: 0 });
  const opened = other.open({ requestId: nextId(), ref, password });
  await untilTrue(() => countHere().waiting > 0);
  await other.stop();
  expect(await opened).toMatchObject({ ok: false });
  await untilTrue(() => countHere().waiting === 0);
  await closeClient(client);
  await closeClient(await openClient(ref.target, { password }));
}, 60_000);

it('what threads held that were ended is free for others', async () => {
  for (let round = 0; round < 3; round++) {
    const other = createEngine({ dataDir: folder.file('other'), threads: 2, cacheBytes: 0 });
    const { sourceId } = unwrap(await other.open({ requestId: nextId(), ...sourceWith(2) }));
    await ask(other, sourceId, FUNNEL as AnalysisDocument);
    await other.stop();
    expect(countHere()).toMatchObject({ inUse: 0, waiting: 0 });
  }
}, 60_000);
