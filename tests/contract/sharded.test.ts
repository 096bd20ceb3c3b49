import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AnalysisDocument, AnalysisResult } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { MODEL_DOCUMENTS } from '../support/model-documents.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { inOurWords, randomRows, writeModelSnapshot } from '../support/postgres-model.ts';
import { VERSIONS } from '../support/postgres.ts';
import { PARTITIONS, startShards, STORE, type Shards } from '../support/shards.ts';
import { SAMPLES } from './analyses.ts';
import { comparable, makeFolder, nextId, openRef, unwrap } from './log-files.ts';

/** What docs/scale.md promises of partitions on other servers, asked as the product asks: through the engine. */
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const EVENTS = 6_000;
const folder = makeFolder();
afterAll(() => folder.dispose());

const STEPS = [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }];
const RANGE = { from: '2024-02-03', to: '2024-02-20' };
const IN_RANGE = PARTITIONS.slice(1, 4);
const BY_PLAN: AnalysisDocument = {
  type: 'funnel',
  steps: STEPS,
  dateRange: RANGE,
  breakdown: { props: ['plan'], limit: 2 },
};
const FUNNELS: readonly AnalysisDocument[] = [
  BY_PLAN,
  {
    type: 'funnel',
    steps: STEPS,
    breakdown: { props: ['plan', 'country'], attribution: { type: 'step', step: 1 } },
    order: 'unordered',
  },
  { type: 'funnel', steps: STEPS, breakdown: { props: ['country'], attribution: { type: 'all_events' } } },
  {
    type: 'funnel',
    steps: STEPS,
    viz: 'timeToConvert',
    exclusions: [{ event: 'shop_deleted', fromStep: 0, toStep: 2 }],
    dateRange: RANGE,
  },
];
/** What comes first among equal times counts in these. */
const ORDERED: ReadonlySet<string> = new Set(['flow', 'transitions', 'stepMatrix', 'variants']);
const DOCUMENTS = [...SAMPLES.map(({ document }) => inOurWords(document)), ...FUNNELS, ...MODEL_DOCUMENTS];

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Remote SQL'?: string;
  readonly 'Async Capable'?: boolean;
  readonly Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
/** Reads of other servers in the plan of a statement. */
async function explain(client: Client, text: string): Promise<readonly PlanNode[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON, VERBOSE) ${text}`,
  );
  return rows
    .flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)))
    .filter((node) => node['Remote SQL'] !== undefined);
}

const RETURNED = 'SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS rows FROM pg_stat_user_tables';
const withoutWarnings = (result: AnalysisResult): unknown => {
  const { warnings: _warnings, ...rest } = comparable(result) as AnalysisResult;
  return rest;
};

describe.each(VERSIONS)(`three shards of PostgreSQL %i (TRIBUTARY_SEED=${SEED})`, (version) => {
  // All on the first, some on the others.
  const own = DOCUMENTS.filter((_, i) => version === VERSIONS[0] || i % 3 === 0);
  let shards: Shards;
  let engine: LocalEngine;
  let ofFile: string;
  let ofShards: string;
  beforeAll(async () => {
    const rows = randomRows(SEED + version, EVENTS);
    shards = await startShards(version, rows);
    engine = createEngine({ dataDir: folder.file(`data-${version}`), threads: 2, cacheBytes: 0 });
    const path = folder.file(`snapshot-${version}.db`);
    writeModelSnapshot(path, rows);
    ofFile = await openRef(engine, { kind: 'sqlite', path });
    const opened = unwrap(
      await engine.open({ requestId: nextId(), build: 'asked', ...serverSource(shards.coordinator.port, STORE) }),
    );
    ofShards = opened.sourceId;
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await shards.stop();
  }, 60_000);

  const ask = async (sourceId: string, analysis: AnalysisDocument, compute: 'auto' | 'pull' | 'pushdown') =>
    engine.run({ requestId: nextId(), sourceId, analysis, compute, confirmed: true });
  /** The statement with which the coordinator would answer. */
  async function sqlOf(analysis: AnalysisDocument): Promise<string> {
    const request = { requestId: nextId(), sourceId: ofShards, analysis, compute: 'pushdown' as const };
    const { compute } = unwrap(await engine.plan(request));
    if (typeof compute?.sql !== 'string') throw new Error(`no statement: ${compute?.why}`);
    return compute.sql;
  }

  test.each(own.map((document) => [document.type, JSON.stringify(document), document] as const))(
    'answer as a file with the same rows does, computed there and pulled: %s %s',
    async (_type, _text, document) => {
      const wanted = unwrap(await ask(ofFile, document, 'auto'));
      const pushed = unwrap(await ask(ofShards, document, 'pushdown'));
      expect(pushed.plan.compute?.way).toBe('pushdown');
      expect(withoutWarnings(pushed)).toEqual(withoutWarnings(wanted));
      const pulled = unwrap(await ask(ofShards, document, 'pull'));
      expect(comparable(pulled)).toEqual(comparable(wanted));
      expect(JSON.stringify(withoutWarnings(wanted))).toMatch(/:\[?[1-9]/);
    },
  );

  test.each(own.map((document) => [document.type, JSON.stringify(document), document] as const))(
    'are asked for exactly the planned partitions, with what filters them: %s %s',
    async (_type, _text, document) => {
      const request = { requestId: nextId(), sourceId: ofShards, analysis: document };
      const { partitions } = unwrap(await engine.partitions(request));
      const scans = await explain(shards.client, await sqlOf(document));
      const planned = partitions.flatMap((p) => (p.isRead ? [p.name] : []));
      expect(new Set(scans.map((scan) => scan['Relation Name']))).toEqual(new Set(planned));
      const isRanged = partitions.some((p) => !p.isRead);
      const open = scans.filter((scan) => !/WHERE .*ts [<>]=? '2024-/.test(scan['Remote SQL'] ?? ''));
      expect(isRanged ? open : []).toEqual([]);
    },
  );

  test('filter there, in the partitions that are needed only, and are asked at the same time', async () => {
    const scans = await explain(shards.client, await sqlOf(BY_PLAN));
    expect(new Set(scans.map((scan) => scan['Relation Name']))).toEqual(new Set(IN_RANGE));
    // One for the events; what tells copies apart is asked for once more, and is no event's.
    const events = scans.filter((scan) => scan['Remote SQL']?.includes('metadata'));
    expect(events).toHaveLength(IN_RANGE.length);
    for (const scan of events) {
      const remote = scan['Remote SQL'] ?? '';
      expect(remote).toMatch(/WHERE .*ts >= '2024-02-0/);
      expect(remote).toContain("ts <= '2024-02-2");
      expect(remote).toMatch(/event_time >= .*event_time < /);
      expect(remote).toContain(`seq <= ${EVENTS}`);
      expect(remote).toMatch(/event_type = ANY|event_type IN/);
      expect(scan['Async Capable']).toBe(true);
    }
  });

  test('do their part: a question that needs all of them reads on three servers', async () => {
    const ofEach = (sql: string) => Promise.all(shards.shards.map((shard) => shard.query(sql, STORE)));
    const read = async () => (await ofEach(RETURNED)).map(([row]) => Number(row?.['rows']));
    // What a session read is told when it ends.
    const end = () =>
      ofEach("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'postgres_fdw'");
    await end();
    const before = await read();
    unwrap(await ask(ofShards, { type: 'funnel', steps: STEPS, binCount: 7 }, 'pushdown'));
    await end();
    await vi.waitFor(async () => expect((await read()).every((rows, i) => rows > (before[i] ?? 0))).toBe(true), {
      timeout: 20_000,
      interval: 100,
    });
  });

  test('count where a statement groups by what a partition is made of', async () => {
    const scans = await explain(
      shards.client,
      "SELECT count(*), ts FROM global_events WHERE ts >= '2024-02-08' AND ts < '2024-03-01' GROUP BY ts",
    );
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) expect(scan['Remote SQL']).toMatch(/count\(\*\).*GROUP BY/);
  });

  test('are seen to have grown when they are opened again; what was open stays as it was', async () => {
    const before = unwrap(await ask(ofShards, BY_PLAN, 'pushdown'));
    const source = { build: 'all' as const, ...serverSource(shards.coordinator.port, STORE) };
    const kept = { dataDir: folder.file(`kept-${version}`), threads: 2, cacheBytes: 1e9 };
    const counts: number[] = [];
    for (const seq of [EVENTS + 1, EVENTS + 2]) {
      const other = createEngine(kept);
      counts.push(unwrap(await other.open({ requestId: nextId(), ...source })).events);
      await other.settle();
      await other.stop();
      await shards.client.query(
        `INSERT INTO global_events VALUES ('2024-02-10T00', gen_random_uuid(), '2024-02-10Z', 'account_created',
          '{"user_id": "later"}', NULL, ${seq})`,
      );
    }
    expect(counts).toEqual([counts[0], (counts[0] ?? 0) + 1]);
    expect(withoutWarnings(unwrap(await ask(ofShards, BY_PLAN, 'pushdown')))).toEqual(withoutWarnings(before));
  });

  test('whose numbers may be missing are pulled in the same order as they are asked about', async () => {
    await shards.client.query('ALTER TABLE global_events ALTER seq DROP NOT NULL');
    const source = { build: 'asked' as const, ...serverSource(shards.coordinator.port, STORE) };
    const other = createEngine({ dataDir: folder.file(`other-${version}`), threads: 2, cacheBytes: 0 });
    const { sourceId } = unwrap(await other.open({ requestId: nextId(), ...source }));
    for (const { document } of SAMPLES.filter(({ document }) => ORDERED.has(document.type))) {
      const request = { requestId: nextId(), sourceId, analysis: inOurWords(document), confirmed: true };
      const [pulled, pushed] = [
        unwrap(await other.run({ ...request, compute: 'pull' })),
        unwrap(await other.run({ ...request, requestId: nextId(), compute: 'pushdown' })),
      ];
      expect(withoutWarnings(pulled)).toEqual(withoutWarnings(pushed));
    }
    await other.stop();
  });
});
