import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceInfo, SourceRef } from '../../protocol/index.ts';
import { createEngine, type EngineOptions, type LocalEngine } from '../../worker/host.ts';
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
import { ask, comparable, makeFolder, nextId, unwrap } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
afterAll(() => folder.dispose());

async function withEngine<T>(options: Partial<EngineOptions>, work: (engine: LocalEngine) => Promise<T>): Promise<T> {
  const engine = createEngine({ dataDir: folder.file('none'), threads: 2, cacheBytes: 0, ...options });
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

/** What the engine says of a source: answers, lists, CSV, values, timelines; without what tells where it was read. */
async function tell(engine: LocalEngine, info: SourceInfo): Promise<unknown> {
  const { sourceId, events, actors, firstTime, lastTime, issues, guardHours, partitions, hasRecordedAt, model } = info;
  const answers: unknown[] = [
    { events, actors, firstTime, lastTime, issues, guardHours, partitions: [...partitions], hasRecordedAt, model },
  ];
  for (const { document: sample, numbers } of SAMPLES) {
    const document = inOurWords(sample);
    const answer = await ask(engine, sourceId, document);
    const [first] = numbers(answer);
    const request = { requestId: nextId(), sourceId, analysis: document };
    answers.push({ document, answer: comparable(answer), csv: unwrap(await engine.csv(request)) });
    if (first !== undefined) answers.push(unwrap(await engine.actors({ ...request, selection: first[0], limit: 50 })));
  }
  for (const property of ['plan', 'amount', 'note', '$actor'])
    answers.push(unwrap(await engine.values({ requestId: nextId(), sourceId, property, limit: 9 })));
  answers.push(unwrap(await engine.vocabulary(sourceId)));
  const most = unwrap(await engine.values({ requestId: nextId(), sourceId, property: '$actor', limit: 3 }));
  for (const { value } of most.values)
    answers.push(unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor: value })));
  return answers;
}

const open = async (
  engine: LocalEngine,
  source: { ref: SourceRef; password?: string },
  build: 'all' | 'asked' = 'all',
) => unwrap(await engine.open({ requestId: nextId(), ...source, build }));

/** The copy under its own hour of an event that was mis-keyed until then, or an event before all others: all is read. */
const needsAll = (row: ModelRow, rows: readonly ModelRow[]): boolean =>
  rows.some(({ id }) => id === row.id) && new Date(row.time).toISOString().startsWith(row.ts)
    ? true
    : rows.every(({ time }) => time > row.time);

let files = 0;
function tellSnapshot(rows: readonly ModelRow[]): Promise<unknown> {
  const path = folder.file(`snapshot-${++files}.db`);
  writeModelSnapshot(path, rows);
  return withEngine({}, async (engine) => tell(engine, await open(engine, { ref: { kind: 'sqlite', path } })));
}

const WAYS: readonly Partial<EngineOptions>[] = [{}, { threads: 1 }, { kernels: false }, { slices: 5 }, { pieces: 3 }];

describe.each(VERSIONS)(`our model on PostgreSQL %i (TRIBUTARY_SEED=${SEED})`, (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version });
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  /** A new store with these rows. */
  async function makeStore(
    name: string,
    rows: readonly ModelRow[],
  ): Promise<{ client: Client; source: ReturnType<typeof serverSource> }> {
    const client = new Client({ connectionString: server.url(await server.createDatabase(name)) });
    client.on('error', () => undefined);
    await client.connect();
    await makeModel(client);
    await addModelRows(client, rows);
    return { client, source: serverSource(server.port, name) };
  }

  it('is answered as the same rows in a file are, with one thread or more, with kernels and without', async () => {
    const rows = randomRows(SEED + version, 900);
    const { client, source } = await makeStore('same', rows);
    const expected = await tellSnapshot(rows);
    // What the threads do is the same whatever the server: all ways once.
    for (const options of version === VERSIONS[0] ? WAYS : WAYS.slice(0, 1))
      await withEngine(options, async (engine) =>
        expect({ options, told: await tell(engine, await open(engine, source)) }).toEqual({ options, told: expected }),
      );
    await withEngine({}, async (engine) => {
      const { partitions, issues, guardHours } = await open(engine, source, 'asked');
      expect([{ partitions: [...partitions], guardHours }]).toMatchObject([
        { partitions: (expected as [SourceInfo])[0].partitions, guardHours: (expected as [SourceInfo])[0].guardHours },
      ]);
      expect(issues.length).toBeGreaterThan(0);
    });
    expect(await countBusy(server)).toBe(0);
    await client.end();
  }, 240_000);

  it('opens again from what was kept, and reads only what is new, late rows too', async () => {
    const rows = randomRows(SEED + 7 * version, 700);
    const { client, source } = await makeStore('grown', rows);
    const kept = { dataDir: folder.file(`kept-${version}`), cacheBytes: 1e9 };
    await withEngine(kept, async (engine) => {
      await tell(engine, await open(engine, source));
      await engine.settle();
    });
    await withEngine(kept, async (engine) => {
      const again = await open(engine, source);
      expect(again.reading).toBe(null);
      expect(await tell(engine, again)).toEqual(await tellSnapshot(rows));
    });
    for (let step = 0; step < (version === VERSIONS[0] ? 4 : 2); step++) {
      const more = randomRows(SEED + 31 * step + version, 1 + 40 * step, rows).filter((row) => !needsAll(row, rows));
      await addModelRows(client, more);
      const [, all] = [rows.push(...more), rows];
      await withEngine(kept, async (engine) => {
        const grown = await open(engine, source);
        expect({ step, isGrown: grown.addedEvents !== undefined }).toEqual({ step, isGrown: true });
        expect(grown.addedEvents).toBeLessThanOrEqual(more.length);
        await engine.settle();
        expect(await tell(engine, grown)).toEqual(await tellSnapshot(all));
        await engine.settle();
      });
    }
    await client.end();
  }, 240_000);

  // Once: it takes longer than all the rest.
  it.each(VERSIONS.slice(0, 1).filter((first) => first === version))(
    'is read by two connections in one snapshot, and grows in place while others write (%i)',
    async () => {
      const rows = randomRows(SEED + 5 * version, 60_000);
      const { client, source } = await makeStore('large', rows);
      await withEngine({}, async (engine) => {
        const first = await open(engine, source);
        expect(await tell(engine, first)).toEqual(await tellSnapshot(rows));
        await engine.settle();
        const more = randomRows(SEED + 77, 500, rows).filter((row) => !needsAll(row, rows));
        await addModelRows(client, more);
        rows.push(...more);
        const second = await open(engine, source);
        expect(second.addedEvents).toBeGreaterThan(0);
        await engine.settle();
        expect(await tell(engine, second)).toEqual(await tellSnapshot(rows));
        await engine.settle();
        // Rows that are added the whole time.
        const stop = new AbortController();
        const writing = (async () => {
          for (let i = 0; !stop.signal.aborted; i++) await addModelRows(client, randomRows(SEED + 1_000 + i, 3));
        })().catch(() => undefined);
        const third = await open(engine, source);
        await engine.settle();
        const told = await tell(engine, third);
        expect(await tell(engine, third)).toEqual(told);
        stop.abort();
        await writing;
      });
      await client.end();
    },
    240_000,
  );

  it('is read anew when old rows were changed or removed', async () => {
    const rows = randomRows(SEED + 3 * version, 300);
    const { client, source } = await makeStore('changed', rows);
    await withEngine({}, async (engine) => {
      const first = await open(engine, source);
      await engine.settle();
      await client.query(
        `DELETE FROM global_events WHERE seq = (SELECT seq FROM global_events WHERE metadata ? 'user_id' ORDER BY seq OFFSET 100 LIMIT 1)`,
      );
      await client.query('SELECT pg_stat_force_next_flush()').catch(() => undefined);
      await addModelRows(client, randomRows(SEED + 99, 1, rows));
      const second = await open(engine, source);
      expect(second.addedEvents).toBe(undefined);
      expect(second.sourceId).not.toBe(first.sourceId);
      // What was read first stays one state of the source, whatever happens there.
      unwrap(await engine.run({ requestId: nextId(), sourceId: first.sourceId, analysis: { type: 'rollup' } }));
    });
    await client.end();
  }, 60_000);
});
