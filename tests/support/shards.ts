import { Client } from 'pg';
import { PASSWORD, startPostgres, type PostgresVersion, type TestPostgres } from './postgres.ts';
import { SHOPS, type ModelRow } from './postgres-model.ts';

/** Beyond one machine: `global_events` with its partitions as foreign tables on three servers, as docs/scale.md sets it up. */
export interface Shards {
  readonly coordinator: TestPostgres;
  readonly shards: readonly TestPostgres[];
  /** A session with the coordinator. */
  readonly client: Client;
  readonly stop: () => Promise<void>;
}
/** On the coordinator, and on each shard. */
export const STORE = 'store';
/** Where the partitions of `randomRows` begin, and where the last one ends. */
export const BOUNDS = [
  '2024-01-20',
  '2024-02-01',
  '2024-02-08',
  '2024-02-15',
  '2024-02-22',
  '2024-03-01',
  '2024-03-20',
];
export const PARTITIONS: readonly string[] = BOUNDS.slice(0, -1).map((from) => `events_${from}`);

const SHARDS = 3;
const SMALL = ['shared_buffers=16MB', 'max_connections=20'];
/** As text: a type of one's own is no type of the other server. */
const COLUMNS = `ts text COLLATE "C" NOT NULL, event_id uuid NOT NULL, event_time timestamptz(3) NOT NULL, event_type text NOT NULL,
  metadata jsonb NOT NULL, recorded_at timestamptz(3), seq bigint NOT NULL`;

export async function startShards(version: PostgresVersion, rows: readonly ModelRow[]): Promise<Shards> {
  const start = (): Promise<TestPostgres> => startPostgres({ version, settings: SMALL });
  const [coordinator, ...shards] = (await Promise.all(Array.from({ length: 1 + SHARDS }, start))) as [
    TestPostgres,
    ...TestPostgres[],
  ];
  const client = await connect(coordinator);
  await makeCoordinator(client, shards);
  for (const [i, shard] of shards.entries()) await fillShard(shard, rows, (partition) => partition % SHARDS === i);
  return {
    coordinator,
    shards,
    client,
    stop: async () => {
      await client.end();
      await Promise.all([coordinator, ...shards].map((server) => server.stop()));
    },
  };
}

async function connect(server: TestPostgres): Promise<Client> {
  const client = new Client({ connectionString: server.url(await server.createDatabase(STORE)) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Partitions go round the shards. */
async function makeCoordinator(client: Client, shards: readonly TestPostgres[]): Promise<void> {
  await client.query('CREATE EXTENSION postgres_fdw');
  await client.query(`CREATE TABLE global_events (${COLUMNS}) PARTITION BY RANGE (ts)`);
  await client.query('CREATE TABLE shops (shop_id text PRIMARY KEY, user_id text NOT NULL)');
  for (const { shop, user } of SHOPS) await client.query('INSERT INTO shops VALUES ($1, $2)', [shop, user]);
  for (const [i, { port }] of shards.entries()) {
    await client.query(
      `CREATE SERVER shard_${i} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '${port}',
        dbname '${STORE}', async_capable 'true', fetch_size '10000', use_remote_estimate 'true')`,
    );
    await client.query(
      `CREATE USER MAPPING FOR CURRENT_USER SERVER shard_${i} OPTIONS (user 'postgres', password '${PASSWORD}')`,
    );
  }
  for (const [i, name] of PARTITIONS.entries())
    await client.query(
      `CREATE FOREIGN TABLE "${name}" PARTITION OF global_events FOR VALUES FROM ('${BOUNDS[i]}') TO ('${BOUNDS[i + 1]}')
        SERVER shard_${i % SHARDS}`,
    );
  for (const what of ['aggregate', 'join']) {
    await client.query(`ALTER ROLE CURRENT_USER SET enable_partitionwise_${what} = on`);
    await client.query(`SET enable_partitionwise_${what} = on`);
  }
}

/** Its partitions as plain tables; a row's place in the list, from 1, is its number of arrival. */
async function fillShard(
  shard: TestPostgres,
  rows: readonly ModelRow[],
  holds: (partition: number) => boolean,
): Promise<void> {
  const client = await connect(shard);
  for (const [i, name] of PARTITIONS.entries()) {
    if (!holds(i)) continue;
    await client.query(
      `CREATE TABLE "${name}" (${COLUMNS}, PRIMARY KEY (ts, event_id)); CREATE INDEX ON "${name}" (seq)`,
    );
    const own = rows.flatMap((row, seq) =>
      row.ts >= (BOUNDS[i] ?? '') && row.ts < (BOUNDS[i + 1] ?? '') ? [toColumns(row, seq + 1)] : [],
    );
    await client.query(`INSERT INTO "${name}" SELECT * FROM jsonb_populate_recordset(NULL::"${name}", $1::jsonb)`, [
      JSON.stringify(own),
    ]);
  }
  await client.query('ANALYZE');
  await client.end();
}

const toColumns = ({ ts, id, time, type, metadata, recordedAt }: ModelRow, seq: number): object => ({
  ts,
  event_id: id,
  event_time: new Date(time).toISOString(),
  event_type: type,
  metadata,
  recorded_at: recordedAt === null ? null : new Date(recordedAt).toISOString(),
  seq,
});
