import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import { parseAnalysis, type AnalysisDocument, type SourceInfo } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { getNeededHistory } from '../../worker/plan/needed-history.ts';
import { getHour, getNeededHours } from '../../worker/plan/plan-partitions.ts';
import type { PushdownContext } from '../../worker/pushdown/pushdown-context.ts';
import { pushDown, type PushedDown } from '../../worker/pushdown/pushdown.ts';
import type { ResultRow } from '../../worker/pushdown/question.ts';
import { MODEL_DOCUMENTS } from '../support/model-documents.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { randomOf } from '../support/random-log.ts';
import { writeSnapshot, type SnapshotRow } from '../support/snapshot-file.ts';

/** Our own model in a file and on a server with monthly partitions, with copies under wrong hours and shops for users. */
const SEED = Number(process.env['PUSHDOWN_SEED'] ?? Date.now() % 1_000_000);
const HOUR = 3_600_000;
const TYPES = ['account_created', 'shop_created', 'plan_changed', 'invoice_issued', 'payment_succeeded'];
const SHOPS = { s1: 'u1', s2: 'u2', s3: 'u30' };
const MONTHS = ['2023-12', '2024-01', '2024-02', '2024-03', '2024-04'];

function randomRows(): SnapshotRow[] {
  const random = randomOf(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const rows: SnapshotRow[] = [];
  for (let i = 0; i < 900; i++) {
    const time = Date.UTC(2024, 0, 3) + Math.floor(random() * 85 * 24) * HOUR + pick([0, 1, 999, 60_000]);
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const who = pick<object>([
      { user_id: `u${i % 40}` },
      { user_id: `u${i % 7}` },
      { shop_id: pick(['s1', 's2', 's3', 'none']) },
      { user_id: '', shop_id: 's1' },
      {},
    ]);
    const plan = pick([
      { plan: 'pro' },
      { plan: "it's" },
      { plan: null },
      { plan: 2.5 },
      { plan: { b: [1, 'x y'] } },
      {},
    ]);
    const row: SnapshotRow = {
      id,
      time,
      type: pick(TYPES),
      metadata: { ...who, ...plan },
      recordedAt: pick([time, time + 5 * HOUR, null]),
    };
    const stray = { ...row, ts: getHour(time + pick([-2, 1, 2]) * HOUR) };
    rows.push(
      ...pick([[row], [row], [row], [row], [row, stray], [stray], [stray, { ...row, ts: getHour(time + 2 * HOUR) }]]),
    );
  }
  return rows.filter((row, i) => rows.findIndex((other) => other.id === row.id && other.ts === row.ts) === i);
}

const STEPS = [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }];
const RANGE = { from: '2024-01-31T22:00:00', to: '2024-02-29' };
const DOCUMENTS: readonly AnalysisDocument[] = [
  { type: 'funnel', steps: STEPS },
  { type: 'funnel', steps: STEPS, dateRange: RANGE, timezone: 'America/New_York', window: { value: 9, unit: 'day' } },
  { type: 'funnel', steps: STEPS, order: 'strict', dateRange: { from: '2024-02-01', to: null } },
  { type: 'funnel', steps: STEPS, order: 'unordered', asOf: '2024-02-15T12:00:00' },
  { type: 'funnel', steps: [STEPS[0]!, { event: null }, STEPS[2]!], knownAt: '2024-02-15' },
  { type: 'funnel', steps: [{ event: 'shop_created', firstTimeOnly: true }, STEPS[2]!], dateRange: RANGE },
  { type: 'funnel', steps: STEPS, breakdown: { props: ['plan'], limit: 2 }, viz: 'trend', interval: 'week' },
  {
    type: 'funnel',
    steps: STEPS,
    breakdown: { props: ['plan'], attribution: { type: 'step', step: 1 } },
    dateRange: RANGE,
  },
  {
    type: 'funnel',
    steps: STEPS,
    viz: 'timeToConvert',
    exclusions: [{ event: 'plan_changed', fromStep: 0, toStep: 2 }],
  },
  {
    type: 'funnel',
    steps: STEPS.map((step) => ({ ...step, where: [{ prop: 'plan', op: 'neq' as const, value: "it's" }] })),
  },
  { type: 'funnel', steps: STEPS, actorFrom: 'props.plan' },
  ...MODEL_DOCUMENTS,
];

let server: TestPostgres;
let client: Client;
let engine: Engine;
let info: SourceInfo;
let db: Database.Database;
let lastSeq = 0;
const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-pushdown-'));

beforeAll(async () => {
  const rows = randomRows();
  lastSeq = rows.length;
  const file = writeSnapshot(path.join(folder, 'log.sqlite'), rows, SHOPS);
  engine = createEngine({ dataDir: path.join(folder, 'data'), threads: 1, cacheBytes: 0 });
  const opened = await engine.open({ requestId: 'open', deadlineMs: null, ref: { kind: 'sqlite', path: file } });
  if (!opened.ok) throw new Error(opened.error.message);
  info = opened.value;
  db = new Database(file, { readonly: true });
  server = await startPostgres();
  client = new Client({ connectionString: server.url(await server.createDatabase('store')) });
  await client.connect();
  await fillStore(client, rows);
}, 120_000);
afterAll(async () => {
  db.close();
  await engine.stop();
  await client.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function fillStore(to: Client, rows: readonly SnapshotRow[]): Promise<void> {
  for (const migration of readMigrations('postgres')) await to.query(migration.up);
  for (const [i, month] of MONTHS.entries())
    if (i > 0)
      await to.query(
        `CREATE TABLE "events_${MONTHS[i - 1]}" PARTITION OF global_events FOR VALUES FROM ('${MONTHS[i - 1]}') TO ('${month}')`,
      );
  await to.query("INSERT INTO users SELECT 'u' || i, NULL, now(), NULL FROM generate_series(0, 50) AS i");
  await to.query("INSERT INTO plans VALUES ('free', 'Free', 0, 'month')");
  await to.query(
    `INSERT INTO shops SELECT shop, owner, 'free', now(), NULL FROM (VALUES ${Object.entries(SHOPS)
      .map(([s, u]) => `('${s}', '${u}')`)
      .join(', ')}) AS s(shop, owner)`,
  );
  const values = rows.map((row, i) => ({
    i,
    ts: row.ts ?? getHour(Number(row.time)),
    event_id: row.id,
    event_time: new Date(Number(row.time)).toISOString(),
    event_type: row.type,
    metadata: row.metadata,
    recorded_at:
      row.recordedAt === null || row.recordedAt === undefined ? null : new Date(row.recordedAt).toISOString(),
  }));
  await to.query(
    `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
     SELECT ts, event_id, event_time, event_type, metadata, recorded_at FROM jsonb_to_recordset($1::jsonb) AS r(i integer,
       ts text, event_id uuid, event_time timestamptz, event_type event_type, metadata jsonb, recorded_at timestamptz) ORDER BY i`,
    [JSON.stringify(values)],
  );
  await to.query('ANALYZE');
}

function push(dialect: 'sqlite' | 'postgres', document: AnalysisDocument): PushedDown {
  const analysis = parseAnalysis(document);
  const moments = resolveContext(analysis);
  const context: PushdownContext = {
    dialect,
    schema: dialect === 'postgres' ? 'public' : null,
    mapping: null,
    columns: [],
    arrival: null,
    // All there are, and some that are not.
    frozen: dialect === 'sqlite' ? null : { lastSeq: lastSeq + 9, gaps: [1, 2, 3, 4, 7].map((n) => lastSeq + n) },
    hours: getNeededHours(getNeededHistory(analysis, moments)),
    guardHours: info.guardHours,
    firstEventMs: info.firstTime ?? Number.POSITIVE_INFINITY,
    lastEventMs: info.lastTime ?? Number.NEGATIVE_INFINITY,
    moments,
  };
  const pushed = pushDown(analysis, context);
  if ('reason' in pushed) throw new Error(pushed.reason);
  return pushed;
}

async function runEngine(analysis: AnalysisDocument) {
  const reply = await engine.run({ requestId: 'run', deadlineMs: null, sourceId: info.sourceId, analysis });
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value;
}

describe(`our own model, seed ${SEED}`, () => {
  test('has what makes it hard', () => {
    expect(info.guardHours).toBe(2);
    expect(info.issues.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['mis_keyed_hour', 'duplicate_event_id', 'actor_by_shop', 'missing_actor']),
    );
  });

  test.each(DOCUMENTS.map((document, i) => [i, document] as const))(
    'SQL answers what the engine answers: %i',
    async (_, document) => {
      const answer = await runEngine(document);
      const onFile = push('sqlite', document);
      const onServer = push('postgres', document);
      expect(answer).toMatchObject(
        onFile.read(db.prepare(onFile.statement.text).all(...onFile.statement.params) as ResultRow[]),
      );
      const { rows } = await client.query(onServer.statement.text, [...onServer.statement.params]);
      expect(answer).toMatchObject(onServer.read(rows as ResultRow[]));
      // The text with literals says the same.
      expect(onServer.read((await client.query(onServer.readable)).rows as ResultRow[])).toEqual(
        onServer.read(rows as ResultRow[]),
      );
      expect(onFile.read(db.prepare(onFile.readable).all() as ResultRow[])).toEqual(onServer.read(rows as ResultRow[]));
    },
  );

  test.each(DOCUMENTS.map((document, i) => [i, document] as const))(
    'reads exactly the planned partitions: %i',
    async (_, document) => {
      const { plan } = await runEngine(document);
      const analysis = parseAnalysis(document);
      const need = getNeededHours(getNeededHistory(analysis, resolveContext(analysis)));
      const [from, to] = [
        need.from === null ? '' : (plan.fromHour ?? ''),
        need.to === null ? '~' : (plan.toHour ?? '~'),
      ];
      const planned = MONTHS.slice(0, -1).filter((month, i) => to >= month && from < (MONTHS[i + 1] ?? '~'));
      const { statement } = push('postgres', document);
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${statement.text}`, [...statement.params]);
      const text = JSON.stringify(rows);
      const read = MONTHS.filter((month) => text.includes(`"Relation Name":"events_${month}"`));
      expect(read).toEqual(planned);
      // Open ends may hold anything, so only then the default partition is looked into.
      expect(text.includes('"Relation Name":"global_events_default"')).toBe(need.from === null || need.to === null);
    },
  );
});

describe('names and values of others', () => {
  const hostile = `x'; DROP TABLE global_events; -- " \\ $1 ? \n*/ 😀`;
  const document: AnalysisDocument = {
    type: 'funnel',
    steps: [
      { event: hostile, name: hostile, where: [{ prop: hostile, op: 'eq', value: hostile }] },
      { event: 'shop_created' },
    ],
    breakdown: { props: [hostile] },
    where: [{ prop: hostile, op: 'icontains', value: "a'%_" }],
  };

  test('are bound or quoted, also in the text for reading', async () => {
    for (const dialect of ['sqlite', 'postgres'] as const) {
      const { statement } = push(dialect, document);
      expect(statement.text).not.toContain("'x''; DROP TABLE");
      expect(statement.params).toContain(hostile);
    }
    const onServer = push('postgres', document);
    expect(onServer.read((await client.query(onServer.readable)).rows as ResultRow[])).toMatchObject({ empty: true });
    const onFile = push('sqlite', document);
    expect(onFile.read(db.prepare(onFile.readable).all() as ResultRow[])).toMatchObject({ empty: true });
    expect((await client.query('SELECT count(*) > 0 AS there FROM global_events')).rows).toEqual([{ there: true }]);
  });
});
