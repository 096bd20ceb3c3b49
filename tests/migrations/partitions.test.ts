import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAdminClient } from '../../worker/admin/admin-client.ts';
import {
  attachPartitions,
  detachPartitions,
  dropPartitions,
  ensurePartitions,
  repairDefault,
} from '../../worker/admin/partitions.ts';
import { readPartitions } from '../../worker/admin/read-partitions.ts';
import { CREDENTIALS, targetOf } from '../support/store-target.ts';
import { describeStores } from '../support/store-tests.ts';

const YEAR = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 11, 31) };

describeStores('partitions', (given) => {
  let client: Client;
  beforeEach(async () => {
    client = await openAdminClient(given.store.target, CREDENTIALS);
  });
  afterEach(() => client.end());

  const add = (ts: string, n = 1) =>
    client.query(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       SELECT $1::text, gen_random_uuid(), ($1 || ':00Z')::timestamptz, 'account_created' FROM generate_series(1, $2)`,
      [ts, n],
    );
  const names = async () => (await readPartitions(client)).partitions.map(({ name }) => name);
  const events = async () => (await client.query('SELECT seq, ts FROM global_events ORDER BY seq')).rows;

  test('are made ahead, once, and the planner reads those of a range alone', async () => {
    expect((await ensurePartitions(client, { ...YEAR, dryRun: true })).created).toHaveLength(12);
    expect(await names()).toEqual([]);
    expect((await ensurePartitions(client, YEAR)).created).toHaveLength(12);
    expect((await ensurePartitions(client, YEAR)).created).toEqual([]);
    const { rows } = await client.query(
      "EXPLAIN SELECT FROM global_events WHERE ts >= '2026-02-01T00' AND ts < '2026-04-01T00'",
    );
    const read = new Set(JSON.stringify(rows).match(/global_events_2026_\d+\b/g));
    expect([...read].toSorted()).toEqual(['global_events_2026_02', 'global_events_2026_03']);
  });

  test('from now on by default, in the unit of the newest', async () => {
    expect((await ensurePartitions(client, { unit: 'day', ahead: 2 })).created).toHaveLength(3);
    const { created } = await ensurePartitions(client, { ahead: 3 });
    expect(created).toHaveLength(1);
    expect(created[0]?.name).toMatch(/^global_events_\d{4}_\d\d_\d\d$/);
  });

  test('other units fill the gaps', async () => {
    await ensurePartitions(client, { unit: 'day', from: Date.UTC(2026, 0, 10), to: Date.UTC(2026, 0, 11) });
    await ensurePartitions(client, { unit: 'month', from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1) });
    expect(await names()).toEqual([
      'global_events_2026_01_01t00_to_2026_01_10t00',
      'global_events_2026_01_10',
      'global_events_2026_01_11',
      'global_events_2026_01_12t00_to_2026_02_01t00',
    ]);
  });

  test('a default partition that is not empty is told, stands in the way, and is repaired', async () => {
    await add('2026-01-01T05', 3);
    await add('2026-03-01T00', 2);
    const before = await events();
    expect((await readPartitions(client)).default?.rows).toBe(5);
    await expect(ensurePartitions(client, YEAR)).rejects.toMatchObject({ code: 'E_REFUSED' });
    await client.query(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       VALUES ('2026-99-01T00', gen_random_uuid(), now(), 'account_created')`,
    );
    const planned = await repairDefault(client, { dryRun: true });
    expect((await readPartitions(client)).default?.rows).toBe(6);
    const done = await repairDefault(client, {});
    expect(done).toEqual(planned);
    expect(done.moved.map(({ name, events: n }) => [name, n])).toEqual([
      ['global_events_2026_01', 3],
      ['global_events_2026_03', 2],
    ]);
    expect(done.left).toBe(1);
    expect((await events()).slice(0, 5)).toEqual(before);
    await add('2026-01-02T00');
    expect((await readPartitions(client)).default?.rows).toBe(1);
    expect((await client.query('SELECT FROM global_events_2026_01')).rowCount).toBe(4);
  });

  test('are detached, attached again and dropped', async () => {
    await ensurePartitions(client, YEAR);
    await add('2026-01-01T05', 3);
    const [first] = (await readPartitions(client)).partitions;
    if (first === undefined) throw new Error('no partition');
    await detachPartitions(client, [first]);
    expect(await events()).toEqual([]);
    const [detached] = (await readPartitions(client)).detached;
    expect(detached).toMatchObject({ name: 'global_events_2026_01', from: '2026-01-01T00', to: '2026-02-01T00' });
    await attachPartitions(client, detached === undefined ? [] : [detached]);
    expect(await events()).toHaveLength(3);
    await add('2026-01-01T06');
    expect((await events()).at(-1)).toEqual({ seq: '4', ts: '2026-01-01T06' });
    expect((await readPartitions(client)).detached).toEqual([]);
    await dropPartitions(client, [first]);
    expect(await names()).toHaveLength(11);
    expect(await events()).toEqual([]);
  });

  test('work waits for a reader only so long', async () => {
    await ensurePartitions(client, YEAR);
    const reader = await openAdminClient(given.store.target, CREDENTIALS, 'read');
    await reader.query('BEGIN');
    await reader.query('SELECT FROM global_events');
    await client.query("SET lock_timeout = '200ms'");
    const { partitions } = await readPartitions(client);
    await expect(detachPartitions(client, partitions.slice(0, 1))).rejects.toMatchObject({ code: 'E_BUSY' });
    await reader.end();
    expect(await names()).toHaveLength(12);
  });

  test('a database without a store says so', async () => {
    const other = await openAdminClient(targetOf(given.server, 'postgres'), CREDENTIALS);
    await expect(readPartitions(other)).rejects.toMatchObject({ code: 'E_NO_SUCH_TABLE' });
    await other.query('CREATE TEMP TABLE global_events ()');
    await expect(ensurePartitions(other, {})).rejects.toMatchObject({ code: 'E_UNSUPPORTED' });
    await other.end();
  });
});
