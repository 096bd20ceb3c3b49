import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnalysis, type AnalysisDocument } from '../../protocol/index.ts';
import { resolveContext } from '../../worker/compute/resolve-context.ts';
import { getNeededHistory } from '../../worker/plan/needed-history.ts';
import { getNeededHours } from '../../worker/plan/plan-partitions.ts';
import type { PushdownContext } from '../../worker/pushdown/pushdown-context.ts';
import { pushDown, type PushedDown } from '../../worker/pushdown/pushdown.ts';
import type { ResultRow } from '../../worker/pushdown/question.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { randomOf } from '../support/random-log.ts';

/**
 * Beyond one machine: the partitions of `global_events` as foreign tables on three servers of their own, as docs/scale.md
 * sets it up.
 */
const SHARDS = ['shard_1', 'shard_2', 'shard_3'];
const SMALL = ['shared_buffers=16MB', 'max_connections=20'];
const MONTHS = ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06', '2024-07'];
const START = Date.UTC(2024, 0, 1);
const DAYS = 181;
const EVENTS = 6_000;
const TYPES = ['account_created', 'shop_created', 'plan_changed', 'payment_succeeded', 'payment_failed'];
/** As text: a type of one's own is no type of the other server. */
const COLUMNS = `ts text COLLATE "C" NOT NULL, event_id text NOT NULL, event_time timestamptz(3) NOT NULL, event_type text NOT NULL,
  metadata jsonb NOT NULL, recorded_at timestamptz(3), seq bigint NOT NULL`;

let servers: readonly TestPostgres[] = [];
let whole: Client;
let sharded: Client;
beforeAll(async () => {
  // One for the coordinator, one for each shard.
  servers = await Promise.all(['coordinator', ...SHARDS].map(() => startPostgres({ settings: SMALL })));
  whole = await connect(0, 'whole');
  await whole.query(`CREATE TABLE global_events (${COLUMNS}, PRIMARY KEY (ts, event_id)) PARTITION BY RANGE (ts)`);
  for (const [from, to] of ranges())
    await whole.query(
      `CREATE TABLE "events_${from}" PARTITION OF global_events FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  await whole.query('CREATE TABLE shops (shop_id text PRIMARY KEY, user_id text NOT NULL)');
  await whole.query("INSERT INTO shops SELECT 's' || i, 'u' || i FROM generate_series(0, 9) AS i");
  await fill(whole);
  sharded = await connect(0, 'coordinator');
  await makeCoordinator();
}, 120_000);
afterAll(async () => {
  await whole.end();
  await sharded.end();
  await Promise.all(servers.map((server) => server.stop()));
}, 60_000);

const ranges = (): readonly (readonly [from: string, to: string])[] =>
  MONTHS.slice(1).map((to, i) => [MONTHS[i] ?? '', to] as const);

async function connect(nth: number, database: string): Promise<Client> {
  const server = servers[nth];
  if (server === undefined) throw new Error(`there is no server ${nth}`);
  const client = new Client({ connectionString: server.url(await server.createDatabase(database)) });
  await client.connect();
  return client;
}

async function fill(to: Client): Promise<void> {
  const random = randomOf(7);
  const rows = Array.from({ length: EVENTS }, (_, seq) => {
    const time = new Date(START + Math.floor(random() * DAYS * 86_400) * 1000).toISOString();
    const user = `u${Math.floor(random() * 300)}`;
    const metadata = random() < 0.1 ? { shop_id: `s${Math.floor(random() * 10)}` } : { user_id: user };
    return {
      ts: time.slice(0, 13),
      event_id: `e${seq}`,
      event_time: time,
      event_type: TYPES[Math.floor(random() * TYPES.length)],
      metadata: { ...metadata, plan: ['pro', 'basic', 'free'][Math.floor(random() * 3)] },
      recorded_at: time,
      seq,
    };
  });
  await to.query('INSERT INTO global_events SELECT * FROM jsonb_populate_recordset(NULL::global_events, $1::jsonb)', [
    JSON.stringify(rows),
  ]);
}

/** Months go round the shards; each holds its months as plain tables. */
async function makeCoordinator(): Promise<void> {
  await sharded.query('CREATE EXTENSION postgres_fdw');
  await sharded.query(`CREATE TABLE global_events (${COLUMNS}) PARTITION BY RANGE (ts)`);
  await sharded.query('CREATE TABLE shops (shop_id text PRIMARY KEY, user_id text NOT NULL)');
  await sharded.query("INSERT INTO shops SELECT 's' || i, 'u' || i FROM generate_series(0, 9) AS i");
  const shards = new Map<string, Client>();
  for (const [i, shard] of SHARDS.entries()) {
    shards.set(shard, await connect(i + 1, 'events'));
    await sharded.query(
      `CREATE SERVER ${shard} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${servers[i + 1]?.port}',
        dbname 'events', async_capable 'true', fetch_size '10000', use_remote_estimate 'true')`,
    );
    await sharded.query(
      `CREATE USER MAPPING FOR CURRENT_USER SERVER ${shard} OPTIONS (user 'postgres', password '${PASSWORD}')`,
    );
  }
  for (const [i, [from, to]] of ranges().entries()) {
    const shard = SHARDS[i % SHARDS.length] ?? '';
    const { rows } = await whole.query(`SELECT * FROM "events_${from}"`);
    await shards.get(shard)?.query(`CREATE TABLE "events_${from}" (${COLUMNS}, PRIMARY KEY (ts, event_id))`);
    await shards
      .get(shard)
      ?.query(
        `INSERT INTO "events_${from}" SELECT * FROM jsonb_populate_recordset(NULL::"events_${from}", $1::jsonb)`,
        [JSON.stringify(rows)],
      );
    await sharded.query(
      `CREATE FOREIGN TABLE "events_${from}" PARTITION OF global_events FOR VALUES FROM ('${from}') TO ('${to}') SERVER ${shard}`,
    );
  }
  for (const client of shards.values()) {
    await client.query('ANALYZE');
    await client.end();
  }
  await sharded.query('SET enable_partitionwise_aggregate = on');
  await sharded.query('SET enable_partitionwise_join = on');
}

const RETURNED = 'SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS rows FROM pg_stat_user_tables';
const STEPS = [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }];
const RANGE = { from: '2024-02-10', to: '2024-04-20' };
const DOCUMENTS: Readonly<Record<string, AnalysisDocument>> = {
  'an ordered funnel': { type: 'funnel', steps: STEPS, window: { value: 30, unit: 'day' } },
  'a funnel of a range by plan': {
    type: 'funnel',
    steps: STEPS,
    dateRange: RANGE,
    breakdown: { props: ['plan'], limit: 2 },
  },
  'a strict funnel': { type: 'funnel', steps: STEPS, order: 'strict', dateRange: RANGE },
  'a trend': { type: 'funnel', steps: STEPS, viz: 'trend', interval: 'month', timezone: 'Europe/Berlin' },
  'counts by day': { type: 'rollup', interval: 'day', by: '$event', dateRange: RANGE },
  retention: {
    type: 'retention',
    cohortEvent: { event: 'account_created' },
    returnEvent: { event: 'payment_succeeded' },
    interval: 'month',
    intervals: 4,
    cohortRule: 'everyInterval',
  },
};

function push(document: AnalysisDocument): PushedDown {
  const analysis = parseAnalysis(document);
  const moments = resolveContext(analysis);
  const context: PushdownContext = {
    dialect: 'postgres',
    schema: 'public',
    mapping: null,
    columns: [],
    arrival: null,
    frozen: { lastSeq: EVENTS, gaps: [] },
    isForeign: true,
    hours: getNeededHours(getNeededHistory(analysis, moments)),
    guardHours: 0,
    firstEventMs: START,
    lastEventMs: START + DAYS * 86_400_000,
    moments,
  };
  const pushed = pushDown(analysis, context);
  if ('reason' in pushed) throw new Error(pushed.reason);
  return pushed;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Remote SQL'?: string;
  readonly 'Async Capable'?: boolean;
  readonly Plans?: readonly PlanNode[];
}
const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
async function explain(client: Client, text: string, params: readonly string[]): Promise<readonly PlanNode[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON, VERBOSE) ${text}`,
    [...params],
  );
  return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)));
}

describe('the same statement on three shards', () => {
  test.each(Object.entries(DOCUMENTS))('answers the same: %s', async (_, document) => {
    const { statement, read } = push(document);
    const [one, three] = await Promise.all(
      [whole, sharded].map(async (client) =>
        read((await client.query(statement.text, [...statement.params])).rows as ResultRow[]),
      ),
    );
    expect(three).toEqual(one);
    expect(JSON.stringify(one)).toMatch(/[1-9]\d/);
  });

  test('filters at the shards, of the months that are needed only, and asks them at the same time', async () => {
    const { statement } = push(DOCUMENTS['a funnel of a range by plan'] ?? { type: 'journey' });
    const scans = (await explain(sharded, statement.text, statement.params)).filter(
      (node) => node['Remote SQL'] !== undefined,
    );
    expect(scans).toHaveLength(3);
    for (const scan of scans) {
      const remote = scan['Remote SQL'] ?? '';
      expect(remote).toMatch(/WHERE .*ts >= '2024-02-10T00'/);
      expect(remote).toContain("ts <= '2024-04-20T23'");
      expect(remote).toContain('event_time >= ');
      expect(remote).toContain(`seq <= ${EVENTS}`);
      expect(remote).toMatch(/event_type = ANY|event_type IN/);
      expect(scan['Async Capable']).toBe(true);
    }
  });

  test('each shard does its part: a statement that needs all of them asks three servers', async () => {
    const { statement } = push(DOCUMENTS['an ordered funnel'] ?? { type: 'journey' });
    const read = async (): Promise<readonly number[]> =>
      Promise.all(
        servers.slice(1).map(async (server) => Number((await server.query(RETURNED, 'events'))[0]?.['rows'])),
      );
    const before = await read();
    await sharded.query(statement.text, [...statement.params]);
    // A session reports what it read when it is idle, or ends.
    await sharded.query('SELECT postgres_fdw_disconnect_all()');
    await expect
      .poll(async () => (await read()).every((rows, i) => rows > (before[i] ?? 0)), { timeout: 20_000 })
      .toBe(true);
  });

  test('counts at the shards where a statement groups by what a partition is made of', async () => {
    const text = `SELECT substr(ts, 1, 7) AS month, event_type, count(*) FROM global_events
      WHERE ts >= '2024-02' AND ts < '2024-05' GROUP BY ts, event_type`;
    const scans = (await explain(sharded, text, [])).filter((node) => node['Remote SQL'] !== undefined);
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) expect(scan['Remote SQL']).toMatch(/count\(\*\).*GROUP BY/);
  });
});
