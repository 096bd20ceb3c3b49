import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { addModelRows, makeModel, writeModelSnapshot, type ModelRow } from '../support/postgres-model.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

const folder = makeFolder();
afterAll(() => folder.dispose());

const row = (n: number, time: string, ts = time.slice(0, 13)): ModelRow => ({
  ts,
  id: `00000000-0000-4000-8000-00000000000${n}`,
  time: Date.parse(time),
  type: 'account_created',
  metadata: { user_id: `u${n}` },
  recordedAt: null,
});
const ROWS = [row(1, '2024-01-15T10:00:00Z'), row(2, '2024-02-15T10:00:00Z'), row(3, '2024-03-15T10:00:00Z')];
const MONTHS = ['events_2024-01', 'events_2024-02', 'events_2024-03'];
/** Rows of the plan, and the names of what is read. */
type Read = (analysis: AnalysisDocument) => Promise<readonly (number | string)[]>;
const rollup = (from?: string, to?: string): AnalysisDocument => ({
  type: 'rollup',
  interval: 'day',
  ...(from === undefined || to === undefined ? {} : { dateRange: { from, to } }),
});

async function open(engine: Engine, source: object): Promise<string> {
  return unwrap(await engine.open({ requestId: nextId(), build: 'asked', ...source } as never)).sourceId;
}
const ask = async (engine: Engine, sourceId: string, analysis: AnalysisDocument) =>
  unwrap(await engine.partitions({ requestId: nextId(), sourceId, analysis }));

describe.each(VERSIONS)('what a question reads on PostgreSQL %i', (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version });
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  async function withStore(
    name: string,
    rows: readonly ModelRow[],
    work: (read: Read) => Promise<void>,
  ): Promise<void> {
    const client = new Client({ connectionString: server.url(await server.createDatabase(name)) });
    await client.connect();
    await makeModel(client);
    await addModelRows(client, rows);
    await client.end();
    const engine = createEngine({ dataDir: folder.file(`${name}-${version}`), threads: 1, cacheBytes: 0 });
    try {
      const sourceId = await open(engine, serverSource(server.port, name));
      await work(async (analysis) => {
        const { plan, partitions } = await ask(engine, sourceId, analysis);
        expect(plan.compute?.rowsToMove).toBe(plan.rowsRead);
        expect(partitions.map((p) => p.name).toSorted()).toEqual([...MONTHS, 'global_events_default']);
        expect(partitions.every(({ bytes }) => bytes > 0)).toBe(true);
        return [
          plan.rowsRead,
          ...partitions
            .filter((p) => p.isRead)
            .map((p) => p.name)
            .toSorted(),
        ];
      });
    } finally {
      await engine.stop();
    }
  }

  it('is exactly the partitions of its hours', () =>
    withStore('plain', ROWS, async (read) => {
      expect(await read(rollup('2024-02-01', '2024-02-29'))).toEqual([1, 'events_2024-02']);
      expect(await read(rollup('2024-02-20', '2024-03-16'))).toEqual([1, 'events_2024-02', 'events_2024-03']);
      expect(await read(rollup())).toEqual([3, ...MONTHS, 'global_events_default']);
    }));

  it('is those of the guard band too, where a row lies under another hour', () =>
    withStore('late', [...ROWS, row(4, '2024-01-31T23:30:00Z', '2024-02-01T00')], async (read) => {
      expect(await read(rollup('2024-02-01', '2024-02-29'))).toContain('events_2024-01');
    }));
});

it('a file has hours only', async () => {
  const path = folder.file('file.db');
  writeModelSnapshot(path, ROWS);
  const engine = createEngine({ dataDir: folder.file('file'), threads: 1, cacheBytes: 0 });
  const sourceId = await open(engine, { ref: { kind: 'sqlite', path } });
  const { plan, partitions } = await ask(engine, sourceId, rollup('2024-02-01', '2024-02-29'));
  expect([plan.partitionsRead, plan.partitionsTotal, plan.compute, partitions]).toEqual([1, 3, undefined, []]);
  await engine.stop();
});
