import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import { openAdminClient } from '../../worker/admin/admin-client.ts';
import { migrate } from '../../worker/admin/migrate.ts';
import { readStatus } from '../../worker/admin/migration-store.ts';
import { openPostgresMigrations } from '../../worker/admin/postgres-migrations.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { CREDENTIALS, targetOf } from '../support/store-target.ts';

const SOME_ROWS = `
  INSERT INTO plans VALUES ('p', 'Plan', 100, 'month'); INSERT INTO users VALUES ('u', 'a@b.test', now(), NULL);
  INSERT INTO shops VALUES ('s', 'u', 'p', now(), NULL); INSERT INTO invoices VALUES ('i', 's', 'p', 100, now(), now(), NULL);
  INSERT INTO payments VALUES ('y', 'i', 100, 'failed', now());
  INSERT INTO rollup_hourly VALUES ('2026-01-01T00', 'account_created', 1);
  INSERT INTO rollup_watermarks VALUES ('hourly', '2026-01-01T00');
  INSERT INTO report_runs VALUES ('r', 'weekly', now(), now(), NULL, 'running', NULL);`;
const EVENT = `INSERT INTO global_events (ts, event_id, event_time, event_type)
  VALUES ('2026-01-01T00', '00000000-0000-4000-8000-000000000001', '2026-01-01T00:00:00.001Z', 'account_created')`;

/** All that migrations make: tables, columns, indexes, constraints, types, functions and triggers. */
const SHAPE = `
  SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull AS line
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
  UNION ALL SELECT typname || ' ' || enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    WHERE t.typnamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
  ORDER BY 1`;

describe.each(VERSIONS)('PostgreSQL %i', (version) => {
  let server: TestPostgres;
  let database = '';
  let made = 0;
  const query = (sql: string) => server.query(sql, database);
  const open = () => openPostgresMigrations(targetOf(server, database), CREDENTIALS);
  const run = async (direction: 'up' | 'down', options = {}) => {
    const store = await open();
    try {
      return await migrate(store, direction, options);
    } finally {
      await store.close();
    }
  };

  beforeAll(async () => {
    server = await startPostgres({ version });
  }, 60_000);
  afterAll(() => server.stop(), 60_000);
  beforeEach(async () => {
    database = await server.createDatabase(`store_${made++}`);
  });

  test('0001 event store: up, down, up again, with data in it', async () => {
    await run('up', { to: 1 });
    const before = await query(SHAPE);
    await query(SOME_ROWS);
    await query(EVENT);
    await expect(query(EVENT)).rejects.toThrow('duplicate key');
    await expect(query("INSERT INTO plans VALUES ('q', 'Plan', -1, 'month')")).rejects.toThrow('check constraint');
    await expect(query("INSERT INTO shops VALUES ('t', 'nobody', 'p', now())")).rejects.toThrow('foreign key');
    await expect(query(EVENT.replace('account_created', 'renamed'))).rejects.toThrow('enum');
    await expect(query(EVENT.replace("'2026-01-01T00'", "'2026-01-01'"))).rejects.toThrow('check constraint');
    const [row] = await query('SELECT seq, recorded_at, metadata, hour_key(event_time) AS hour FROM global_events');
    expect(row).toMatchObject({ seq: '1', metadata: {}, hour: '2026-01-01T00', recorded_at: expect.any(Date) });
    await run('down', { loseEvents: true });
    expect((await query(SHAPE)).filter(({ line }) => !String(line).includes('schema_migrations'))).toEqual([]);
    await run('up', { to: 1 });
    expect(await query(SHAPE)).toEqual(before);
    expect(await query('SELECT FROM global_events')).toEqual([]);
  });

  test('0002 tells listeners of new events once a transaction; down, and up again', async () => {
    await run('up');
    const shape = await query(SHAPE);
    const client = await openAdminClient(targetOf(server, database), CREDENTIALS);
    const heard: unknown[] = [];
    client.on('notification', ({ channel, payload }) => heard.push([channel, payload]));
    await client.query('LISTEN tributary_events');
    await query(`BEGIN; ${EVENT}; ${EVENT.replace('0001', '0002')}; COMMIT`);
    await hear(client);
    expect(heard).toEqual([['tributary_events', 'public']]);
    await run('down', { to: 1 });
    await query(EVENT.replace('0001', '0003'));
    await hear(client);
    expect(heard).toHaveLength(1);
    await client.end();
    await run('up');
    expect(await query(SHAPE)).toEqual(shape);
    expect(await query('SELECT FROM global_events')).toHaveLength(3);
  });

  test('rows outside their hour are found by an index', async () => {
    await run('up');
    await query(
      `INSERT INTO global_events (ts, event_id, event_time, event_type) SELECT to_char(t, 'YYYY-MM-DD"T"HH24'),
         gen_random_uuid(), t, 'account_created' FROM generate_series(timestamp '2026-01-01', '2026-01-31', '5 min') t`,
    );
    await query(EVENT.replace('2026-01-01T00', '2026-01-01T05'));
    await query('ANALYZE global_events');
    const sql = 'SELECT event_id FROM global_events WHERE ts <> hour_key(event_time)';
    expect(await query(sql)).toHaveLength(1);
    expect(JSON.stringify(await query(`EXPLAIN ${sql}`))).toContain('Index Only Scan');
  });

  test('status changes nothing and tells what is pending', async () => {
    const status = async () => {
      const store = await open();
      const found = await readStatus(store);
      await store.close();
      return found;
    };
    expect(await status()).toMatchObject({ current: 0, pending: ['0001-event-store', '0002-live-and-snapshot-info'] });
    expect(await query(SHAPE)).toEqual([]);
    await run('up', { to: 1 });
    expect(await status()).toMatchObject({ current: 1, pending: ['0002-live-and-snapshot-info'] });
  });

  test('a changed file, a newer store and lost events are refused', async () => {
    await run('up');
    await query(EVENT);
    await expect(run('down', { to: 0 })).rejects.toMatchObject({ code: 'E_REFUSED' });
    expect(await query('SELECT FROM global_events')).toHaveLength(1);
    await query("INSERT INTO schema_migrations VALUES (99, 'from-the-future', 'x')");
    await expect(run('up')).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
    await query(
      "DELETE FROM schema_migrations WHERE number = 99; UPDATE schema_migrations SET checksum = 'other' WHERE number = 1",
    );
    await expect(run('up')).rejects.toMatchObject({ code: 'E_REFUSED', message: expect.stringContaining('0001') });
  });

  test('a step that fails leaves the store as it was', async () => {
    await query('CREATE TABLE users ()');
    await expect(run('up')).rejects.toMatchObject({ code: 'E_EXISTS' });
    expect(await query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([
      { relname: 'users' },
    ]);
  });

  test('two runners at once: each step once', async () => {
    const done = await Promise.all([run('up'), run('up')]);
    expect(done.map(({ steps }) => steps.length).toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect(await query('SELECT FROM schema_migrations')).toHaveLength(readMigrations('postgres').length);
  });

  test('a runner that does not end makes others give up', async () => {
    const store = await open();
    await store.exclusively(async () => {
      await expect(run('up')).rejects.toMatchObject({ code: 'E_BUSY' });
    });
    await store.close();
  });

  test('a schema of its own is made', async () => {
    const store = await openPostgresMigrations(targetOf(server, database, 'Team "A"'), CREDENTIALS);
    await migrate(store, 'up');
    await store.close();
    expect(await query(`SELECT FROM "Team ""A""".global_events`)).toEqual([]);
    expect(await query(SHAPE)).toEqual([]);
  });
});

/** Notifications arrive with the answer of the next statement at the latest. */
const hear = (client: Client): Promise<unknown> => client.query('SELECT 1');
