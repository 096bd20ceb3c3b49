import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, AnalysisResult, Mapping, RollupResult } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { addModelRows, inOurWords, makeModel, randomRows, type ModelRow } from '../support/postgres-model.ts';
import { SAMPLES } from './analyses.ts';
import { comparable, makeFolder, nextId, unwrap } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);
const folder = makeFolder();
afterAll(() => folder.dispose());
const COUNTS: AnalysisDocument = { type: 'rollup', interval: 'day' };
const MAPPING: Mapping = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' },
};
const logRows = (from: number, rows: number): string =>
  `INSERT INTO log (who, what, at) SELECT 'u' || i % 7, CASE WHEN i % 3 = 0 THEN 'buy' ELSE 'view' END,
    timestamptz '2024-01-01 00:00Z' + i * interval '1 hour' FROM generate_series(${from}, ${from + rows - 1}) AS i`;

/** Without warnings, of which some need rows in hand. */
function numbersOf(result: AnalysisResult): unknown {
  const { warnings: _warnings, ...rest } = comparable(result) as AnalysisResult;
  return rest;
}

describe.each(VERSIONS)(`what an open source has, asked on PostgreSQL %i (TRIBUTARY_SEED=${SEED})`, (version) => {
  let server: TestPostgres;
  let engine: LocalEngine;
  beforeAll(async () => {
    server = await startPostgres({ version });
    engine = createEngine({ dataDir: folder.file(`data-${version}`), threads: 2, cacheBytes: 0 });
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await server.stop();
  }, 60_000);

  async function connect(database: string): Promise<Client> {
    const client = new Client({ connectionString: server.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  const open = async (database: string, mapping?: Mapping) =>
    unwrap(await engine.open({ requestId: nextId(), ...serverSource(server.port, database, mapping) }));
  const ask = (sourceId: string, analysis: AnalysisDocument, compute: 'pull' | 'pushdown') =>
    engine.run({ requestId: nextId(), sourceId, analysis, compute });
  const eventsOf = async (sourceId: string, compute: 'pull' | 'pushdown'): Promise<number> =>
    (unwrap(await ask(sourceId, COUNTS, compute)) as RollupResult).total.totalEvents;

  /** Of all analyses, by push-down and by pull; answers how many can be said in SQL. */
  async function compare(sourceId: string, samples = SAMPLES): Promise<number> {
    let pushed = 0;
    for (const { document } of samples.map((sample) => ({ document: inOurWords(sample.document) }))) {
      const pulled = unwrap(await ask(sourceId, document, 'pull'));
      const reply = await ask(sourceId, document, 'pushdown');
      const pushedTo = reply.ok ? numbersOf(reply.value) : reply.error.code;
      expect({ document, answer: pushedTo }).toEqual({
        document,
        answer: reply.ok ? numbersOf(pulled) : 'E_UNSUPPORTED',
      });
      if (reply.ok) pushed++;
    }
    return pushed;
  }

  it('is not added to by new rows, nor by those of transactions that were open', async () => {
    const client = await connect(await server.createDatabase('frozen'));
    await makeModel(client);
    const rows = randomRows(SEED + version, 500);
    // Under an hour that is not theirs; under their own they come later.
    const strays = rows.slice(0, 6).map((row, i): ModelRow => ({ ...row, id: uuid(i), ts: '2024-02-03T05' }));
    await addModelRows(client, [...rows.slice(0, 400), ...strays]);
    const late = await connect('frozen');
    await late.query('BEGIN');
    await addModelRows(late, rows.slice(400, 420));
    await addModelRows(client, rows.slice(420, 440));
    await client.query('ANALYZE');
    const { sourceId } = await open('frozen');
    const before = await eventsOf(sourceId, 'pull');
    await late.query('COMMIT');
    await late.end();
    const own = strays.map((row): ModelRow => ({ ...row, ts: new Date(row.time).toISOString().slice(0, 13) }));
    await addModelRows(client, [...rows.slice(440), ...own]);
    expect(await eventsOf(sourceId, 'pushdown')).toBe(before);
    expect(await compare(sourceId)).toBeGreaterThan(SAMPLES.length / 2);
    const again = await open('frozen');
    expect(await eventsOf(again.sourceId, 'pushdown')).toBe(again.events);
    expect(again.events).toBeGreaterThan(before + 50);
    await compare(
      again.sourceId,
      SAMPLES.filter((_, i) => i % 4 === 0),
    );
    // The first one is what it was.
    expect(await eventsOf(sourceId, 'pushdown')).toBe(before);
    for (const source of [sourceId, again.sourceId]) unwrap(await engine.close(source));
    await client.end();
  }, 120_000);

  it('is known of a mapped table that is counted up; of any other the plan says that the answer is of the present', async () => {
    for (const [name, id] of [
      ['counted', 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,'],
      ['uncounted', ''],
    ] as const) {
      const client = await connect(await server.createDatabase(name));
      await client.query(`CREATE TABLE log (${id} who text, what text, at timestamptz)`);
      await client.query(logRows(0, 300));
      const { sourceId } = await open(name, MAPPING);
      await client.query(logRows(0, 20));
      // Without numbers a server tells of added rows by its counters, which may be some seconds late.
      await client.query('SELECT pg_stat_force_next_flush()');
      await client.query('SELECT 1');
      const isCounted = name === 'counted';
      expect([await eventsOf(sourceId, 'pull'), await eventsOf(sourceId, 'pushdown')]).toEqual([
        300,
        isCounted ? 300 : 320,
      ]);
      const plan = unwrap(
        await engine.plan({ requestId: nextId(), sourceId, analysis: COUNTS, compute: 'pushdown' }),
      ).compute;
      expect(plan?.why.startsWith('Asked for: the server computes.')).toBe(true);
      expect(plan?.why.includes('It answers of its present state')).toBe(!isCounted);
      const again = await open(name, MAPPING);
      expect([await eventsOf(again.sourceId, 'pull'), await eventsOf(again.sourceId, 'pushdown')]).toEqual([320, 320]);
      for (const source of [sourceId, again.sourceId]) unwrap(await engine.close(source));
      await client.end();
    }
  }, 60_000);

  it('is nothing of a table that was empty', async () => {
    const client = await connect(await server.createDatabase('empty'));
    await client.query(
      'CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, what text, at timestamptz)',
    );
    const { sourceId } = await open('empty', MAPPING);
    await client.query(logRows(0, 5));
    const range = { from: '2024-01-01', to: '2024-01-02' };
    const reply = unwrap(await ask(sourceId, { ...COUNTS, dateRange: range }, 'pushdown')) as RollupResult;
    expect(reply.total.totalEvents).toBe(0);
    unwrap(await engine.close(sourceId));
    await client.end();
  }, 60_000);

  it('tells in the answer that rows were changed or removed, and is no answer once a partition is gone', async () => {
    const client = await connect(await server.createDatabase('changed'));
    await makeModel(client);
    await addModelRows(client, randomRows(SEED + version, 300));
    const { sourceId } = await open('changed');
    const warningsOf = async (): Promise<readonly string[]> => unwrap(await ask(sourceId, COUNTS, 'pushdown')).warnings;
    expect(await warningsOf()).toEqual([]);
    // More rows, and partitions made ahead, are none of its affair.
    await addModelRows(client, randomRows(SEED + version + 1, 30));
    await client.query(
      `CREATE TABLE "events_2024-04" PARTITION OF global_events FOR VALUES FROM ('2024-04-01T00') TO ('2024-05-01T00')`,
    );
    expect(await warningsOf()).toEqual([]);
    await client.query(`INSERT INTO users VALUES ('u9', NULL, now())`);
    await client.query(`INSERT INTO shops VALUES ('nobody', 'u9', 'p', now())`);
    await client.query('SELECT pg_stat_force_next_flush()');
    await client.query('SELECT 1');
    expect(await warningsOf()).toEqual([expect.stringMatching(/^Shops were added/)]);
    await client.query('DELETE FROM global_events WHERE seq = 5');
    await client.query('SELECT pg_stat_force_next_flush()');
    await client.query('SELECT 1');
    expect(await warningsOf()).toContainEqual(expect.stringMatching(/^Rows were changed or removed/));
    await client.query('DROP TABLE "events_2024-02"');
    expect(await ask(sourceId, COUNTS, 'pushdown')).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
    const again = await open('changed');
    const answer = unwrap(await ask(again.sourceId, COUNTS, 'pushdown')) as RollupResult;
    expect([answer.total.totalEvents, answer.warnings]).toEqual([again.events, []]);
    await client.query('TRUNCATE global_events');
    expect(await ask(again.sourceId, COUNTS, 'pushdown')).toMatchObject({
      ok: false,
      error: { code: 'E_SOURCE_CHANGED' },
    });
    for (const source of [sourceId, again.sourceId]) unwrap(await engine.close(source));
    await client.end();
  }, 60_000);
});

const uuid = (i: number): string => `00000000-0000-4000-9000-00000000000${i}`;
