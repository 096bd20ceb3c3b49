import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import type { AnalysisDocument, Mapping, RollupResult } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

/** What a server reads for a statement that the product gives it, by its own EXPLAIN: these partitions and indexes, no others. */
const folder = makeFolder();
afterAll(() => folder.dispose());

const STEPS = [{ event: 'account_created' }, { event: 'shop_created' }];
const PAID = { event: 'payment_succeeded' };
type Range = { readonly from: string; readonly to: string };
const questionsOf = (dateRange: Range): readonly AnalysisDocument[] => [
  { type: 'funnel', steps: STEPS, dateRange },
  { type: 'funnel', steps: STEPS, order: 'strict', breakdown: { props: ['plan'] }, dateRange },
  { type: 'flow', dateRange },
  { type: 'transitions', dateRange },
  { type: 'stepMatrix', dateRange },
  { type: 'variants', dateRange },
  { type: 'stickiness', event: PAID, dateRange },
  { type: 'rollup', by: '$event', dateRange },
];
/** These look back to the first event. */
const ofAllBefore = (dateRange: Range): readonly AnalysisDocument[] => [
  { type: 'funnel', steps: [{ event: 'account_created', firstTimeOnly: true }, PAID], dateRange },
];

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

describe.each(VERSIONS)('a pushed statement on PostgreSQL %i', (version) => {
  let server: TestPostgres;
  let engine: LocalEngine;
  const clients: Client[] = [];
  beforeAll(async () => {
    server = await startPostgres({ version });
    engine = createEngine({ dataDir: folder.file(`data-${version}`), threads: 1, cacheBytes: 0 });
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await Promise.all(clients.map((client) => client.end()));
    await server.stop();
  }, 60_000);

  async function connect(database: string): Promise<Client> {
    const client = new Client({ connectionString: server.url(await server.createDatabase(database)) });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }
  const open = async (database: string, mapping?: Mapping): Promise<string> =>
    unwrap(await engine.open({ requestId: nextId(), build: 'asked', ...serverSource(server.port, database, mapping) }))
      .sourceId;

  /** Plan of the statement that would be run; nodes that read a table. */
  async function explain(client: Client, sourceId: string, analysis: AnalysisDocument): Promise<readonly PlanNode[]> {
    const request = { requestId: nextId(), sourceId, analysis, compute: 'pushdown' as const };
    const { compute } = unwrap(await engine.plan(request));
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${compute?.sql ?? ''}`,
    );
    return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)));
  }
  const tablesOf = (nodes: readonly PlanNode[]): readonly string[] =>
    [...new Set(nodes.flatMap(({ 'Relation Name': name }) => name ?? []))].toSorted();

  const DAY = 86_400_000;
  const CUTS = ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01', '2024-05-01'];
  test.each([
    ['timestamps', 'timestamptz', (cut: string) => `'${cut}Z'`, "timestamptz '2024-01-01Z' + i * interval '1 hour'"],
    [
      'times without a zone',
      'timestamp',
      (cut: string) => `'${cut}'`,
      "timestamp '2024-01-01' + i * interval '1 hour'",
    ],
    ['days', 'date', (cut: string) => `'${cut}'`, "date '2024-01-01' + i / 24"],
    [
      'milliseconds',
      'bigint',
      (cut: string) => `${Date.parse(cut)}`,
      `${Date.parse('2024-01-01')} + i * 3600000::bigint`,
    ],
    [
      'seconds',
      'bigint',
      (cut: string) => `${Date.parse(cut) / 1000}`,
      `${Date.parse('2024-01-01') / 1000} + i * 3600::bigint`,
    ],
  ] as const)(
    'reads exactly the partitions of its range, of a mapped table by %s',
    async (format, type, bound, time) => {
      const client = await connect(format);
      const counter = version >= 17 ? 'id bigint GENERATED ALWAYS AS IDENTITY, ' : '';
      await client.query(
        `CREATE TABLE log (${counter}who text, what text, plan text, at ${type} NOT NULL) PARTITION BY RANGE (at)`,
      );
      for (const [i, to] of CUTS.slice(1).entries())
        await client.query(
          `CREATE TABLE log_${i + 1} PARTITION OF log FOR VALUES FROM (${bound(CUTS[i] ?? '')}) TO (${bound(to)})`,
        );
      if (counter !== '') await client.query('CREATE INDEX ON log (id)');
      await client.query(
        `INSERT INTO log (who, what, plan, at) SELECT 'u' || i % 9, (ARRAY['account_created', 'shop_created', 'payment_succeeded'])[1 + i % 3],
        'pro', ${time} FROM generate_series(0, ${((Date.parse('2024-05-01') - Date.parse('2024-01-01')) / DAY) * 24 - 1}) i`,
      );
      await client.query('ANALYZE');
      const sourceId = await open(format, {
        table: 'log',
        actor: 'who',
        event: { column: 'what' },
        time: { column: 'at', format: format === 'milliseconds' || format === 'seconds' ? format : 'iso' },
        properties: ['plan'],
      });
      const expectRead = async (documents: readonly AnalysisDocument[], tables: readonly string[]): Promise<void> => {
        for (const document of documents)
          expect({ document, read: tablesOf(await explain(client, sourceId, document)) }).toEqual({
            document,
            read: tables,
          });
      };
      await expectRead(questionsOf({ from: '2024-02-03', to: '2024-02-20' }), ['log_2']);
      await expectRead(questionsOf({ from: '2024-02-20', to: '2024-03-05' }), ['log_2', 'log_3']);
      await expectRead(ofAllBefore({ from: '2024-02-03', to: '2024-02-20' }), ['log_1', 'log_2']);
      await expectRead([{ type: 'rollup' }], ['log_1', 'log_2', 'log_3', 'log_4']);
      // To the last event inside.
      for (const dateRange of [
        { from: '2024-02-03', to: '2024-02-20' },
        { from: '2024-02-03T10:00:00', to: '2024-02-04T00:00:00' },
      ]) {
        const analysis: AnalysisDocument = { type: 'rollup', interval: 'total', dateRange };
        const run = async (compute: 'pull' | 'pushdown'): Promise<number> => {
          const answer = unwrap(
            await engine.run({ requestId: nextId(), sourceId, analysis, compute, confirmed: true }),
          );
          return (answer as RollupResult).total.totalEvents;
        };
        expect(await run('pushdown')).toBe(await run('pull'));
        expect(await run('pushdown')).toBeGreaterThan(10);
      }
    },
  );

  describe('of our own store', () => {
    const MONTH = 'events_2024-01';
    let client: Client;
    let sourceId: string;
    beforeAll(async () => {
      client = await connect('store');
      for (const migration of readMigrations('postgres')) await client.query(migration.up);
      await client.query(
        `CREATE TABLE "${MONTH}" PARTITION OF global_events FOR VALUES FROM ('2024-01') TO ('2024-02')`,
      );
      // One in a thousand lies under the hour after its own, half of them a second time.
      await client.query(
        `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata)
          SELECT hour_key(at + CASE WHEN copy OR i % 1000 = 1 THEN interval '1 hour' ELSE interval '0' END), md5(i::text)::uuid, at,
            'shop_created', jsonb_build_object('user_id', 'u' || i % 900)
          FROM (SELECT i, timestamptz '2024-01-01Z' + i * interval '60 s' AS at FROM generate_series(0, 40000) i) e,
            LATERAL (SELECT false AS copy UNION ALL SELECT true WHERE i % 1000 = 0) c ORDER BY i`,
      );
      await client.query('ANALYZE');
      sourceId = await open('store');
    }, 60_000);
    const narrow: Range = { from: '2024-01-10', to: '2024-01-10' };

    test.each([...questionsOf(narrow)].map((document) => [document.type, document] as const))(
      'reads a day by the key of its hours, and rows under other hours by their index: %s',
      async (_type, document) => {
        const nodes = await explain(client, sourceId, document);
        const events = nodes.filter((node) => node['Relation Name']?.startsWith('events_') === true);
        expect(events.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
        const used = new Set(nodes.flatMap(({ 'Index Name': index }) => index ?? []));
        expect([...used]).toEqual(
          expect.arrayContaining([`${MONTH}_pkey`, expect.stringMatching(/event_id_ts_event_time_idx/)]),
        );
      },
    );

    test('reads all of it without an index where all is asked for', async () => {
      const nodes = await explain(client, sourceId, { type: 'rollup' });
      expect(nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === MONTH)).toBe(true);
    });
  });
});
