import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SourceInfo, SourceWatch } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startQueries } from '../../worker/query/start-queries.ts';
import { makeStore } from '../support/event-store.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { ask, makeFolder, nextId, unwrap } from './log-files.ts';

const EVENTS = 2_000;
const FUNNEL: AnalysisDocument = { type: 'funnel', steps: [{ event: 'account_created' }, { event: 'shop_created' }] };
const folder = makeFolder();
let server: TestPostgres;
let engine: LocalEngine;

/** Events of actors `from` to `to`, two each, a minute apart. */
const insert = (from: number, to: number): Promise<unknown> =>
  server.query(
    `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata)
     SELECT hour_key(at), gen_random_uuid(), at, what::event_type, jsonb_build_object('user_id', 'u' || i)
     FROM generate_series(${from}, ${to}) i, (VALUES ('account_created', 0), ('shop_created', 30)) e (what, s),
       LATERAL (SELECT timestamptz '2024-01-01' + i * interval '1 min' + s * interval '1 s' AS at) t`,
    'store',
  );

beforeAll(async () => {
  server = await startPostgres();
  const store = await makeStore(server, 'store');
  await store.close();
  await insert(1, EVENTS / 2);
  engine = createEngine({ dataDir: folder.file('data'), threads: 2, cacheBytes: 0 });
}, 120_000);
afterAll(async () => {
  await engine.stop();
  await server.stop();
  folder.dispose();
}, 60_000);

const source = () => serverSource(server.port, 'store');
const open = async (): Promise<SourceInfo> =>
  unwrap(await engine.open({ requestId: nextId(), follow: true, ...source() }));
const watch = async (sourceId: string, waitMs: number): Promise<SourceWatch> =>
  unwrap(await engine.watch({ requestId: nextId(), sourceId, waitMs }));

async function untilTold(sourceId: string): Promise<void> {
  while ((await engine.watch({ requestId: nextId(), sourceId, waitMs: 50 }).then(wayOf)) !== 'notified');
}
const wayOf = (reply: Awaited<ReturnType<LocalEngine['watch']>>): string | null => (reply.ok ? reply.value.way : null);

/** Opens again until nothing is new: the server tells its own counts of rows some seconds late. */
async function catchUp(info: SourceInfo): Promise<SourceInfo> {
  const next = await open();
  expect(next.events).toBeGreaterThanOrEqual(info.events);
  return next;
}

const OURS = "application_name = 'tributary' AND backend_type = 'client backend'";

describe('following a server', () => {
  it('is told of new rows, reads those alone, and holds no transaction', async () => {
    let info = await open();
    expect(info.events).toBe(EVENTS);
    await untilTold(info.sourceId);
    const before = await ask(engine, info.sourceId, FUNNEL);
    const rows = await server.query(
      `SELECT state, xact_start FROM pg_stat_activity WHERE ${OURS} AND query = 'LISTEN tributary_events'`,
    );
    expect(rows).toEqual([{ state: 'idle', xact_start: null }]);
    // Whatever was seen by now, the next thing that is heard is this.
    while ((await watch(info.sourceId, 0)).changed) info = await catchUp(info);
    const [told] = await Promise.all([watch(info.sourceId, 60_000), insert(5_001, 5_010)]);
    expect(told).toMatchObject({ changed: true, way: 'notified' });
    const next = await open();
    expect(next).toMatchObject({ events: EVENTS + 20, addedEvents: 20 });
    const after = await ask(engine, next.sourceId, FUNNEL);
    const countsOf = (result: unknown) => (result as { steps: { count: number }[] }).steps.map(({ count }) => count);
    expect(countsOf(after)).toEqual(countsOf(before).map((count) => count + 10));
    // At once, before the checksums of the new rows are there.
    await insert(5_011, 5_012);
    expect(await open()).toMatchObject({ events: EVENTS + 24, addedEvents: 4 });
  }, 120_000);

  it('survives a restart of the server, and notices what came meanwhile', async () => {
    let info = await open();
    await untilTold(info.sourceId);
    await server.halt('SIGQUIT');
    await server.start();
    const known = info.events;
    await insert(6_001, 6_001);
    while (info.events === known) {
      const reply = await engine.watch({ requestId: nextId(), sourceId: info.sourceId, waitMs: 200 });
      if (!reply.ok || !reply.value.changed) continue;
      const opened = await engine.open({ requestId: nextId(), follow: true, ...source() });
      if (opened.ok) info = opened.value;
    }
    expect(info.events).toBe(known + 2);
    await untilTold(info.sourceId);
  }, 120_000);

  it('stays within three connections beside a funnel and SQL', async () => {
    const queries = startQueries({ dataDir: folder.file('queries') });
    const info = await open();
    await untilTold(info.sourceId);
    let most = 0;
    let isDone = false;
    const watching = (async () => {
      for (; !isDone; await setTimeout(2)) {
        const [row] = await server.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${OURS}`);
        most = Math.max(most, Number(row?.['n']));
      }
    })();
    const live = (async () => {
      while (!isDone) await engine.watch({ requestId: nextId(), sourceId: info.sourceId, waitMs: 50 });
    })();
    const runSql = async (): Promise<void> => {
      const { sessionId } = unwrap(await queries.connect({ queryId: nextId(), ...source() }));
      const sql = 'SELECT event_type, count(*) FROM global_events GROUP BY 1';
      unwrap(await queries.run({ queryId: nextId(), sessionId, sql, confirmedScan: true }));
      unwrap(await queries.disconnect(sessionId));
    };
    const other = createEngine({ dataDir: folder.file('other'), threads: 3, cacheBytes: 0 });
    const runFunnel = async (): Promise<void> => {
      const { sourceId } = unwrap(await other.open({ requestId: nextId(), ...source() }));
      await ask(other, sourceId, FUNNEL);
    };
    await Promise.all([runFunnel(), runSql(), runSql(), runSql()]).finally(() => (isDone = true));
    await Promise.all([watching, live, other.stop(), queries.stop()]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
    await untilTold(info.sourceId);
  }, 120_000);

  it('asks every second where nobody tells', async () => {
    await server.query('ALTER TABLE global_events DISABLE TRIGGER tributary_notify', 'store');
    const quiet = createEngine({ dataDir: folder.file('quiet'), threads: 1, cacheBytes: 0 });
    const { sourceId } = unwrap(await quiet.open({ requestId: nextId(), follow: true, ...source() }));
    const next = async (waitMs: number): Promise<SourceWatch> =>
      unwrap(await quiet.watch({ requestId: nextId(), sourceId, waitMs }));
    await insert(7_001, 7_001);
    let told = await next(5_000);
    while (!told.changed) told = await next(5_000);
    expect(told.way).toBe('polling');
    expect(told.everyMs).toBeGreaterThanOrEqual(1_000);
    await quiet.stop();
  }, 60_000);
});
