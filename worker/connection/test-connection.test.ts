import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FindingCode, FindingSeverity } from '../../protocol/connections.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import type { Mapping } from '../../protocol/source.ts';
import { PASSWORD, startPostgres, VERSIONS, type TestPostgres } from '../../tests/support/postgres.ts';
import { parseTarget } from './parse-target.ts';
import { testConnection, type TestOptions } from './test-connection.ts';

let server: TestPostgres;
let target: PostgresTarget;

const MAPPING: Mapping = {
  table: 'clicks',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' },
};

async function codes(changed: Partial<PostgresTarget>, options: TestOptions = {}): Promise<string[]> {
  const user = changed.user ?? 'reader';
  const found = await testConnection(
    { ...target, ...changed },
    { password: user === 'postgres' ? PASSWORD : user, ...options },
  );
  expect(found.error).toBeNull();
  return found.findings.map(({ code, severity }) => `${severity} ${code}`);
}
const is = (severity: FindingSeverity, code: FindingCode): string => `${severity} ${code}`;

describe.each(VERSIONS)('a test of a connection to PostgreSQL %i', (version) => {
  beforeAll(async () => {
    server = await startPostgres({ version });
    ({ target } = parseTarget(`postgres://reader@127.0.0.1:${server.port}/events`, {}));
    await server.createDatabase('events');
    await server.query(
      `CREATE ROLE reader LOGIN PASSWORD 'reader'; CREATE ROLE writer LOGIN PASSWORD 'writer';
     CREATE SCHEMA store; GRANT USAGE ON SCHEMA store TO PUBLIC;
     CREATE TABLE store.global_events (ts text, event_id uuid, event_time timestamptz, PRIMARY KEY (ts, event_id)) PARTITION BY RANGE (ts);
     CREATE TABLE store.global_events_default PARTITION OF store.global_events DEFAULT;
     GRANT SELECT ON ALL TABLES IN SCHEMA store TO PUBLIC;
     CREATE TABLE public.clicks (who text, what text, at timestamptz);
     CREATE TABLE public.secrets (at timestamptz);
     GRANT SELECT ON public.clicks TO reader, writer; GRANT INSERT ON public.clicks TO writer;
     CREATE SCHEMA empty; GRANT USAGE ON SCHEMA empty TO PUBLIC; GRANT CREATE ON SCHEMA empty TO writer;
     CREATE SCHEMA bare; GRANT USAGE ON SCHEMA bare TO PUBLIC;
     CREATE TABLE bare.global_events (ts text, event_id uuid) PARTITION BY RANGE (ts); GRANT SELECT ON bare.global_events TO PUBLIC`,
      'events',
    );
  }, 60_000);
  afterAll(() => server.stop());

  test('a reader of a store is in order', async () => {
    const found = await codes({ schema: 'store' });
    expect(found.filter((each) => !/^(?:good|note)/.test(each))).toEqual([]);
    expect(found).toEqual(
      expect.arrayContaining([
        is('good', 'read_only'),
        is('good', 'event_table'),
        is('good', 'version'),
        is('good', 'clock_skew'),
      ]),
    );
  });
  test('a superuser comes first', async () => {
    expect((await codes({ user: 'postgres', schema: 'store' }))[0]).toBe(is('danger', 'superuser'));
  });
  test('a role that can write', async () => {
    const found = await testConnection({ ...target, user: 'writer' }, { password: 'writer', mapping: MAPPING });
    expect(found.findings[0]).toMatchObject({
      code: 'can_write',
      severity: 'danger',
      text: 'writer may change the table clicks.',
    });
    expect(found.findings[0]?.howToMend).toContain('GRANT SELECT ON ALL TABLES IN SCHEMA "public"');
  });
  test('a role that can make tables', async () => {
    expect(await codes({ user: 'writer', schema: 'empty' })).toContain(is('warning', 'can_create'));
  });
  test('a table without an index on the time, read through a mapping', async () => {
    const found = await codes({}, { mapping: MAPPING });
    expect(found).toContain(is('warning', 'missing_index'));
    await server.query('CREATE INDEX ON clicks (at)', 'events');
    expect(await codes({}, { mapping: MAPPING })).not.toContain(is('warning', 'missing_index'));
  });
  test('tables that need a mapping, but none that the role cannot read', async () => {
    const found = await testConnection(target, { password: 'reader' });
    expect(found.eventTables).toEqual(['public.clicks']);
    expect(found.findings).toContainEqual(expect.objectContaining({ code: 'needs_mapping' }));
  });
  test('nothing to read at all', async () => {
    expect(await codes({ schema: 'empty' })).toContain(is('danger', 'no_event_table'));
    expect(await codes({ schema: 'gone' })).toContain(is('danger', 'no_event_table'));
  });
  test('a mapping to what is not there', async () => {
    expect(await codes({}, { mapping: { ...MAPPING, table: 'gone' } })).toContain(is('danger', 'no_event_table'));
    expect(await codes({}, { mapping: { ...MAPPING, time: { column: 'gone', format: 'auto' } } })).toContain(
      is('danger', 'no_event_table'),
    );
  });
  test('a partitioned table without partitions', async () => {
    expect(await codes({ schema: 'bare' })).toContain(is('danger', 'no_partitions'));
  });
  test('rows in the default partition', async () => {
    await server.query(`INSERT INTO store.global_events VALUES ('2026-01-01T00', gen_random_uuid(), now())`, 'events');
    expect(await codes({ schema: 'store' })).toContain(is('warning', 'default_partition'));
    await server.query('DELETE FROM store.global_events', 'events');
  });
  test('pending migrations, of a store of ours alone', async () => {
    const readMigrations = () => Promise.resolve({ current: 1, pending: ['0002-more'] });
    expect(await codes({ schema: 'store' }, { readMigrations })).toContain(is('warning', 'pending_migrations'));
    expect(await codes({}, { readMigrations })).not.toContain(is('warning', 'pending_migrations'));
    const none = () => Promise.resolve({ current: 0, pending: ['0001-event-store'] });
    expect(await codes({ schema: 'store' }, { readMigrations: none })).not.toContain(
      is('warning', 'pending_migrations'),
    );
  });
  test('few connections left for the role', async () => {
    await server.query(`CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 2`);
    expect(await codes({ user: 'few', schema: 'store' })).toContain(is('warning', 'few_connections'));
  });
  test('a wrong password and an absent server are answers', async () => {
    expect(await testConnection(target, { password: 'wrong' })).toMatchObject({
      error: { code: 'E_AUTH' },
      findings: [],
    });
    const absent = { ...target, hosts: [{ host: '127.0.0.1', port: 1 }] };
    expect(await testConnection(absent, { password: 'reader' })).toMatchObject({ error: { code: 'E_CONNECT' } });
  });
  test('leaves nothing behind', async () => {
    const left = await server.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'tributary'`,
    );
    expect(left).toEqual([{ n: 0 }]);
  });
});
