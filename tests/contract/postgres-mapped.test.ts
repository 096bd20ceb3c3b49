import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mapping, RollupResult } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { PASSWORD, startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

const folder = makeFolder();
afterAll(() => folder.dispose());

const MAPPING: Mapping = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' },
};
/** More than one connection reads: see WORTH_CUTTING. */
const ROWS = 60_000;
const fill = (from: number, rows: number): string =>
  `INSERT INTO log (who, what, at) SELECT 'u' || i % 701, CASE WHEN i % 3 = 0 THEN 'buy' ELSE 'view' END,
    timestamptz '2024-01-01 00:00Z' + (i * 7919 % 86400 * 50) * interval '1 s' + i * interval '1 ms'
    FROM generate_series(${from}, ${from + rows - 1}) AS i`;

describe.each(VERSIONS)('a mapped table on PostgreSQL %i', (version) => {
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

  async function make(
    name: string,
    table: string,
  ): Promise<{ client: Client; open: () => ReturnType<typeof openLog> }> {
    const client = new Client({ connectionString: server.url(await server.createDatabase(name)) });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(table);
    await client.query(fill(0, ROWS));
    await client.query('ANALYZE');
    return { client, open: () => openLog(name) };
  }

  const openLog = async (name: string) =>
    unwrap(await engine.open({ requestId: nextId(), ...serverSource(server.port, name, MAPPING) }));

  /** Events and actors by day and type, by the engine and by the server itself. */
  async function compare(client: Client, sourceId: string, from = '2024-01-01', to = '2024-12-31'): Promise<void> {
    const analysis = { type: 'rollup', interval: 'day', by: 'what', dateRange: { from, to } } as const;
    const request = { requestId: nextId(), sourceId, analysis, compute: 'pull' as const, confirmed: true };
    const answer = unwrap(await engine.run(request)) as RollupResult;
    const told = answer.series.flatMap(({ value, events, actors }) =>
      answer.periods.flatMap((day, i) => (events[i] === 0 ? [] : [[day, value, events[i], actors[i]].join(' ')])),
    );
    const { rows } = await client.query<{ line: string }>(
      `SELECT concat_ws(' ', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), what, count(*), count(DISTINCT who)) AS line
        FROM log WHERE at >= $1::timestamp AT TIME ZONE 'UTC' AND at < ($2::timestamp + interval '1 day') AT TIME ZONE 'UTC'
        GROUP BY to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), what`,
      [from, to],
    );
    expect(told.toSorted()).toEqual(rows.map(({ line }) => line).toSorted());
  }

  it('that the server counts up is read in pieces, grows, and sees what was changed', async () => {
    const { client, open } = await make(
      'counted',
      'CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text, what text, at timestamptz)',
    );
    const first = await open();
    expect(first.events).toBe(ROWS);
    await compare(client, first.sourceId);
    await engine.settle();
    await client.query(fill(ROWS, 300));
    const grown = await open();
    expect({ events: grown.events, added: grown.addedEvents }).toEqual({ events: ROWS + 300, added: 300 });
    await engine.settle();
    await compare(client, grown.sourceId);
    await client.query(`UPDATE log SET what = 'buy' WHERE id = 5`);
    await client.query('SELECT pg_stat_force_next_flush()');
    await client.query(fill(ROWS + 300, 1));
    const changed = await open();
    expect(changed.addedEvents).toBe(undefined);
    await compare(client, changed.sourceId);
    await client.end();
  }, 120_000);

  it('is read for some days alone, and of its partitions those that hold them', async () => {
    // Postgres counts partitioned tables up from 17 on.
    const isPartitioned = version >= 17;
    const { client } = await make(
      'pruned',
      `CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY, who text, what text, at timestamptz NOT NULL) ${isPartitioned ? 'PARTITION BY RANGE (at)' : ''};
        CREATE INDEX ON log (id);
        ${isPartitioned ? `CREATE TABLE log_january PARTITION OF log FOR VALUES FROM ('2024-01-01Z') TO ('2024-02-01Z');CREATE TABLE log_later PARTITION OF log FOR VALUES FROM ('2024-02-01Z') TO (MAXVALUE);` : ''}`,
    );
    const source = serverSource(server.port, 'pruned', MAPPING);
    const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ...source, build: 'asked' }));
    const analysis = { type: 'rollup', interval: 'day', dateRange: { from: '2024-02-03', to: '2024-02-04' } } as const;
    const planned = unwrap(await engine.partitions({ requestId: nextId(), sourceId, analysis }));
    expect(planned.plan.rowsRead).toBeLessThan(ROWS / 5);
    // Of a table without partitions that is the table itself.
    const expected = isPartitioned ? ['log_january false', 'log_later true'] : ['log true'];
    expect(planned.partitions.map(({ name, isRead }) => `${name} ${isRead}`)).toEqual(expected);
    await compare(client, sourceId, '2024-02-03', '2024-02-04');
    await client.end();
  }, 120_000);

  it('whose numbers somebody chooses is read in one piece and anew', async () => {
    const { client, open } = await make(
      'chosen',
      `CREATE SEQUENCE chosen; CREATE TABLE log (id bigint PRIMARY KEY DEFAULT -nextval('chosen'), who text, what text, at timestamptz)`,
    );
    const first = await open();
    await compare(client, first.sourceId);
    await engine.settle();
    await client.query(fill(ROWS, 10));
    // What the server counts of added rows is all that tells: else some seconds late.
    await client.query('SELECT pg_stat_force_next_flush()');
    const again = await open();
    expect({ events: again.events, added: again.addedEvents }).toEqual({ events: ROWS + 10, added: undefined });
    await compare(client, again.sourceId);
    await client.end();
  }, 120_000);

  it.each([
    ['a view', 'CREATE TABLE rows (who text, what text, at timestamptz); CREATE VIEW log AS SELECT * FROM rows'],
    [
      'a view of a view of partitions',
      `CREATE TABLE rows (who text, what text, at timestamptz) PARTITION BY HASH (who);
       CREATE TABLE all_rows PARTITION OF rows FOR VALUES WITH (MODULUS 1, REMAINDER 0);
       CREATE VIEW inner_log AS SELECT * FROM rows; CREATE VIEW log AS SELECT * FROM inner_log`,
    ],
    [
      'a table of another server',
      `CREATE TABLE rows (who text, what text, at timestamptz); CREATE EXTENSION postgres_fdw;
       CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$PORT', dbname '$NAME');
       CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (user 'postgres', password '${PASSWORD}');
       CREATE FOREIGN TABLE log (who text, what text, at timestamptz) SERVER other OPTIONS (table_name 'rows')`,
    ],
  ])('that is %s is read anew when rows were added, kept or not', async (what, make) => {
    const name = what.replaceAll(' ', '_');
    const client = new Client({ connectionString: server.url(await server.createDatabase(name)) });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(make.replace('$PORT', String(server.port)).replace('$NAME', name));
    const counts: number[] = [];
    for (let rows = 1; rows < 4; rows++) {
      await client.query(fill(rows, 1).replace('INTO log', 'INTO rows'));
      await client.query('SELECT pg_stat_force_next_flush()');
      const dataDir = folder.file(`${name}-${version}`);
      const other = createEngine({ dataDir, threads: 1, cacheBytes: 1e9 });
      counts.push(
        unwrap(await other.open({ requestId: nextId(), ...serverSource(server.port, name, MAPPING) })).events,
      );
      await other.settle();
      await other.stop();
    }
    expect(counts).toEqual([1, 2, 3]);
    await client.end();
  });
});
