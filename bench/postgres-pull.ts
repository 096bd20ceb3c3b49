// What it costs to pull a server's events, against psql's COPY of the same columns, and what is moved when the source is
// opened again. Run from the project's root: npx -c 'node bench/postgres-pull.ts 1000000'
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AnalysisDocument, Reply } from '../protocol/index.ts';
import { PASSWORD, startPostgres, SUPERUSER, type TestPostgres } from '../tests/support/postgres.ts';
import { serverSource } from '../tests/support/postgres-logs.ts';
import { createEngine, type LocalEngine } from '../worker/host.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const COLUMNS = "seq, event_time, event_type, metadata ->> 'user_id', ts, recorded_at";

async function fill(server: TestPostgres): Promise<void> {
  const database = await server.createDatabase('pull');
  const migration = new URL('../migrations/postgres/0001-event-store.up.sql', import.meta.url);
  await server.query(readFileSync(migration, 'utf8'), database);
  for (let month = 0; month < 12; month++) {
    const [from, to] = [month, month + 1].map((m) => new Date(Date.UTC(2024, m)).toISOString().slice(0, 13));
    await server.query(
      `CREATE TABLE events_${month} PARTITION OF global_events FOR VALUES FROM ('${from}') TO ('${to}')`,
      database,
    );
  }
  await addRows(server, 0, ROWS);
  await server.query('VACUUM ANALYZE', database);
}

/** In order of time, an actor 6 events. */
async function addRows(server: TestPostgres, from: number, to: number): Promise<void> {
  await server.query(
    `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
      SELECT hour_key(t), gen_random_uuid(), t, (enum_range(NULL::event_type))[1 + i % 8],
        jsonb_build_object('user_id', 'user-' || (i * 7919 % ${Math.ceil(ROWS / 6)}), 'plan_id', 'plan-' || (i % 4),
          'amount_cents', i % 9000), t + interval '1 second'
      FROM (SELECT i, timestamptz '2024-01-01Z' + i * (interval '365 days' / ${ROWS}) AS t
        FROM generate_series(${from}::int8, ${to - 1}) i) x`,
    'pull',
  );
}

function measurePsql(server: TestPostgres): number | null {
  const psql = ['/usr/bin/psql', '/usr/lib/postgresql/15/bin/psql'].find(existsSync);
  if (psql === undefined) return null;
  const sql = `COPY (SELECT ${COLUMNS} FROM global_events) TO STDOUT (FORMAT binary)`;
  const startedAt = performance.now();
  const env = { ...process.env, PGPASSWORD: PASSWORD };
  const done = spawnSync(
    psql,
    ['-h', '127.0.0.1', '-p', String(server.port), '-U', SUPERUSER, '-d', 'pull', '-q', '-o', '/dev/null', '-c', sql],
    { env, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return done.status === 0 ? performance.now() - startedAt : null;
}

function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message} ${reply.error.details ?? ''}`);
}

let requests = 0;
async function measure<T>(what: string, rows: number, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const done = await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const rate =
    rows === 0
      ? ''
      : `${((rows / ms) * 1_000).toFixed(0)} rows/s, ${(((user + system) * 1_000) / rows).toFixed(0)} ns of our CPU a row`;
  console.log(`${what.padEnd(44)} ${ms.toFixed(0).padStart(7)} ms  ${rate}`);
  return done;
}

const FUNNEL: AnalysisDocument = {
  type: 'funnel',
  steps: [{ event: 'account_created' }, { event: 'payment_succeeded' }],
};
const BY_HAND = `SELECT count(*) FROM (SELECT metadata ->> 'user_id' AS actor, min(event_time) AS first FROM global_events
  WHERE event_type = 'account_created' GROUP BY 1) a WHERE EXISTS (SELECT FROM global_events b
  WHERE b.metadata ->> 'user_id' = a.actor AND b.event_type = 'payment_succeeded' AND b.event_time >= a.first)`;

const server = await startPostgres({ settings: ['shared_buffers=1GB', 'max_wal_size=8GB'] });
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tributary-pull-bench-'));
const source = serverSource(server.port, 'pull');
const withEngine = async (work: (engine: LocalEngine) => Promise<void>): Promise<void> => {
  const engine = createEngine({ dataDir });
  await work(engine);
  await engine.settle();
  await engine.stop();
};
const open = async (engine: LocalEngine) => unwrap(await engine.open({ requestId: `b${++requests}`, ...source }));
const ask = async (
  engine: LocalEngine,
  sourceId: string,
  compute: 'pull' | 'pushdown',
  analysis: AnalysisDocument = FUNNEL,
) => unwrap(await engine.run({ requestId: `b${++requests}`, sourceId, analysis, compute, confirmed: true }));
try {
  await fill(server);
  for (let round = 0; round < 2; round++) {
    const ms = measurePsql(server);
    if (ms !== null)
      console.log(
        `psql: COPY of the same columns`.padEnd(44),
        ms.toFixed(0).padStart(7),
        `ms  ${((ROWS / ms) * 1_000).toFixed(0)} rows/s`,
      );
  }
  process.env['TRIBUTARY_PULL_ROWS'] = String(10 * ROWS);
  await withEngine(async (engine) => {
    const { sourceId } = await measure('pull: opened, scanned, counted, assembled', ROWS, () => open(engine));
    await measure('funnel of the pulled rows', 0, () => ask(engine, sourceId, 'pull'));
    await measure('rollup by a property that is read for it', ROWS, () =>
      ask(engine, sourceId, 'pull', { type: 'rollup', by: 'plan_id' }),
    );
    await measure('funnel by push-down', 0, () => ask(engine, sourceId, 'pushdown'));
    await measure('the same by hand-written SQL', 0, () => server.query(BY_HAND, 'pull'));
  });
  const unkept = createEngine({ dataDir, cacheBytes: 0 });
  unwrap(await unkept.close((await open(unkept)).sourceId));
  await measure('pull with threads that run already', ROWS, () => open(unkept));
  await unkept.stop();
  await withEngine(async (engine) => {
    const { sourceId } = await measure('opened again: nothing is moved', 0, () => open(engine));
    await measure('funnel', 0, () => ask(engine, sourceId, 'pull'));
  });
  await addRows(server, 0, 10_000);
  await withEngine(async (engine) => {
    const { addedEvents } = await measure('opened again after 10,000 new rows', 0, () => open(engine));
    console.log(`  of them read: ${addedEvents ?? 'all rows'}`);
  });
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
