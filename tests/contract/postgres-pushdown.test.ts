import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnalysisDocument, AnalysisResult, RollupResult } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { countBusy, serverSource } from '../support/postgres-logs.ts';
import {
  addModelRows,
  inOurWords,
  makeModel,
  randomRows,
  writeModelSnapshot,
  type ModelRow,
} from '../support/postgres-model.ts';
import { SAMPLES } from './analyses.ts';
import { comparable, makeFolder, nextId, unwrap } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
afterAll(() => folder.dispose());
afterEach(() => vi.unstubAllEnvs());

/** Without what only rows in hand tell: names that no event has. */
function numbersOf(result: AnalysisResult): unknown {
  const { warnings: _warnings, ...rest } = comparable(result) as AnalysisResult;
  return rest;
}

describe.each(VERSIONS)(`an analysis computed by PostgreSQL %i (TRIBUTARY_SEED=${SEED})`, (version) => {
  let server: TestPostgres;
  let engine: LocalEngine;
  const rows = randomRows(SEED + version, 600);
  beforeAll(async () => {
    server = await startPostgres({ version });
    const client = new Client({ connectionString: server.url(await server.createDatabase('pushed')) });
    await client.connect();
    await makeModel(client);
    await addModelRows(client, rows);
    await client.query('ANALYZE');
    await client.end();
    engine = createEngine({ dataDir: folder.file(`data-${version}`), threads: 2, cacheBytes: 0 });
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await server.stop();
  }, 60_000);

  const ask = (sourceId: string, document: AnalysisDocument, compute: 'auto' | 'pull' | 'pushdown') =>
    engine.run({ requestId: nextId(), sourceId, analysis: document, compute });

  it('is what the engine computes from the rows, for all that can be said in SQL', async () => {
    const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ...serverSource(server.port, 'pushed') }));
    const refused: string[] = [];
    for (const sample of SAMPLES) {
      const document = inOurWords(sample.document);
      const pulled = unwrap(await ask(sourceId, document, 'pull'));
      const reply = await ask(sourceId, document, 'pushdown');
      if (!reply.ok) refused.push(`${reply.error.code} ${document.type}`);
      const pushed = reply.ok ? numbersOf(reply.value) : null;
      expect({ document, answer: pushed ?? numbersOf(pulled) }).toEqual({ document, answer: numbersOf(pulled) });
    }
    expect(refused.filter((why) => !why.startsWith('E_UNSUPPORTED'))).toEqual([]);
    expect(refused.length).toBeLessThan(SAMPLES.length / 2);
    await engine.settle();
    await vi.waitFor(async () => expect(await countBusy(server)).toBe(0), { timeout: 3_000 });
    unwrap(await engine.close(sourceId));
  }, 120_000);

  it('is not forestalled by a memory limit: what is opened is not moved before it is asked for', async () => {
    vi.stubEnv('TRIBUTARY_PULL_ROWS', '100');
    const small = createEngine({ dataDir: folder.file(`small-${version}`), threads: 2, pieces: 2 });
    const opened = unwrap(await small.open({ requestId: nextId(), ...serverSource(server.port, 'pushed') }));
    expect(opened.actors).toBe(0);
    await small.stop();
  }, 60_000);

  it('is chosen where many rows would have to be moved; the plan says so, and asks beyond the budget', async () => {
    vi.stubEnv('TRIBUTARY_PULL_ROWS', '100');
    const { sourceId, actors } = unwrap(
      await engine.open({ requestId: nextId(), ...serverSource(server.port, 'pushed') }),
    );
    expect(actors).toBe(0);
    const analysis: AnalysisDocument = { type: 'rollup', interval: 'day', by: '$event' };
    const plan = unwrap(await engine.plan({ requestId: nextId(), sourceId, analysis }));
    expect(plan.compute).toMatchObject({ way: 'pushdown', rowsToMove: 0, needsConfirmation: false });
    expect(plan.compute?.cost).toBeGreaterThan(0);
    expect(plan.compute?.why).toMatch(/^The server computes: \d/);
    const auto = unwrap(await ask(sourceId, analysis, 'auto'));
    expect(auto.plan.compute?.way).toBe('pushdown');
    const few: AnalysisDocument = { ...analysis, dateRange: { from: '2024-02-03', to: '2024-02-04' } };
    const pulled = unwrap(await ask(sourceId, few, 'auto'));
    expect(pulled.plan).toMatchObject({ scan: 'pruned', compute: { way: 'pull' } });
    vi.stubEnv('TRIBUTARY_BUDGET_ROWS', '100');
    expect(await ask(sourceId, analysis, 'pull')).toMatchObject({ ok: false, error: { code: 'E_NEEDS_CONFIRMATION' } });
    // Nothing else moves them either: names of events are counted where they are, the rest asks.
    const { events } = unwrap(await engine.vocabulary(sourceId));
    for (const reply of [
      await engine.values({ requestId: nextId(), sourceId, property: '$actor', limit: 3 }),
      await engine.actors({ requestId: nextId(), sourceId, analysis, selection: { series: 'buy' }, limit: 3 }),
    ])
      expect(reply).toMatchObject({ ok: false, error: { code: 'E_NEEDS_CONFIRMATION' } });
    // The newest events are in the last hours: a few rows come over.
    const newest = unwrap(await engine.latest({ requestId: nextId(), sourceId, limit: 3 }));
    const request = { requestId: nextId(), sourceId, analysis, compute: 'pull' as const, confirmed: true };
    expect(numbersOf(unwrap(await engine.run(request)))).toEqual(numbersOf(auto));
    // The rows are here now.
    expect(unwrap(await ask(sourceId, analysis, 'auto')).plan.compute).toMatchObject({ way: 'pull', rowsToMove: 0 });
    expect(unwrap(await engine.latest({ requestId: nextId(), sourceId, limit: 3 }))).toEqual(newest);
    expect(newest.length).toBe(3);
    const ofActors = unwrap(await ask(sourceId, { type: 'rollup', interval: 'total', by: '$event' }, 'pull'));
    const held = (ofActors as RollupResult).series.map(({ value, totalEvents, totalActors }) => ({
      name: value,
      count: totalEvents,
      actors: totalActors,
    }));
    expect(events).toEqual(held);
    unwrap(await engine.close(sourceId));
  }, 60_000);

  it('counts a row without a user that is there under two hours once, for who asks with another actor', async () => {
    const at = (hour: number): string => new Date(Date.UTC(2024, 1, 3, hour)).toISOString().slice(0, 13);
    const time = Date.UTC(2024, 1, 3, 12);
    const row = (id: number, hour: number, metadata: ModelRow['metadata'] = { plan: 'pro' }): ModelRow => ({
      ts: at(hour),
      id: `00000000-0000-4000-8000-00000000000${id}`,
      time,
      type: 'shop_created',
      metadata,
      recordedAt: null,
    });
    // Under its own hour and another; under two others; under one other alone; with a user.
    const log = [
      row(1, 13),
      row(1, 12),
      row(2, 10),
      row(2, 17),
      row(3, 14),
      row(4, 12, { user_id: 'u1', plan: 'pro' }),
    ];
    const database = await server.createDatabase('actorless');
    const client = new Client({ connectionString: server.url(database) });
    await client.connect();
    await makeModel(client);
    await addModelRows(client, log);
    await client.end();
    const path = folder.file(`actorless-${version}.db`);
    writeModelSnapshot(path, log);
    const analysis: AnalysisDocument = { type: 'rollup', interval: 'day', actorFrom: 'props.plan' };
    const ofFile = unwrap(await engine.open({ requestId: nextId(), ref: { kind: 'sqlite', path } }));
    const ofServer = unwrap(await engine.open({ requestId: nextId(), ...serverSource(server.port, database) }));
    const counts: unknown[] = [];
    for (const [sourceId, compute] of [
      [ofFile.sourceId, 'auto'],
      [ofServer.sourceId, 'pull'],
      [ofServer.sourceId, 'pushdown'],
    ] as const) {
      const { total } = unwrap(await ask(sourceId, analysis, compute)) as RollupResult;
      counts.push([compute, total.events, total.actors]);
      unwrap(await ask(sourceId, { type: 'rollup', interval: 'day' }, compute));
    }
    expect(counts).toEqual(['auto', 'pull', 'pushdown'].map((compute) => [compute, [4], [1]]));
    expect([ofFile.events, ofServer.events]).toEqual([1, 1]);
    for (const { sourceId } of [ofFile, ofServer]) unwrap(await engine.close(sourceId));
  }, 60_000);

  it('is stopped at the server by a cancel', async () => {
    const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ...serverSource(server.port, 'pushed') }));
    const id = nextId();
    const running = engine.run({
      requestId: id,
      sourceId,
      compute: 'pushdown',
      analysis: { type: 'flow', maxSteps: 8, edgeLimit: 50 },
    });
    unwrap(await engine.cancel(id));
    expect(await running).toMatchObject({ ok: false, error: { code: 'E_CANCELLED' } });
    await vi.waitFor(async () => expect(await countBusy(server)).toBe(0), { timeout: 3_000 });
    unwrap(await engine.close(sourceId));
  }, 60_000);
});
