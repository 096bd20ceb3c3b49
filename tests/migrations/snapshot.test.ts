import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateSample } from '../../samples/generate-sample.ts';
import { Anonymizer } from '../../worker/admin/anonymize.ts';
import { loadFile } from '../../worker/admin/load-any.ts';
import { ensurePartitions } from '../../worker/admin/partitions.ts';
import { snapshotPostgres } from '../../worker/admin/snapshot-postgres.ts';
import { snapshotSqlite } from '../../worker/admin/snapshot-sqlite.ts';
import type { TimeRange } from '../../worker/admin/snapshot-source.ts';
import { takeSnapshot, type SnapshotOptions } from '../../worker/admin/snapshot.ts';
import { verifySnapshot } from '../../worker/admin/verify-snapshot.ts';
import { copyStore, makeStore, type TestStore } from '../support/event-store.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';
import { CREDENTIALS } from '../support/store-target.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-snapshot-test-'));
const sample = path.join(folder, 'sample.db');
generateSample({ out: sample, users: 150, seed: 3 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const ALL: TimeRange = { from: null, to: null };
const MARCH: TimeRange = { from: Date.UTC(2026, 2, 1, 0, 30), to: Date.UTC(2026, 3, 1) };
const EVENTS =
  'SELECT rowid, ts, event_id, event_time, event_type, metadata, recorded_at FROM global_events ORDER BY rowid';

function read<T>(file: string, sql: string): T[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}
const newFile = (): string => path.join(folder, `${files++}.db`);
const verify = (file: string) => verifySnapshot(file, folder);

describe.each(VERSIONS)('snapshots of PostgreSQL %i', (version) => {
  let server: TestPostgres;
  let store: TestStore;
  let made = 0;
  beforeAll(async () => {
    server = await startPostgres({ version });
    const filled = await makeStore(server, 'filled');
    await loadFile(filled.target, CREDENTIALS, sample, { rejected: path.join(folder, 'rejected'), mapping: {} });
    await filled.close();
  }, 60_000);
  afterAll(() => server.stop(), 60_000);
  beforeEach(async () => {
    store = await copyStore(server, `snapshot_${made++}`, 'filled');
  });
  afterEach(() => store.close());

  const take = async (
    options: Partial<SnapshotOptions> = {},
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ) => {
    const range = options.range ?? ALL;
    const source = await snapshotPostgres(store.target, CREDENTIALS, range);
    try {
      await meanwhile();
      return await takeSnapshot(source, { out: newFile(), range, ...options });
    } finally {
      await source.close();
    }
  };
  const inStore = (where = 'true') =>
    store.rows(
      `SELECT seq::int AS rowid, ts, event_id::text, (extract(epoch FROM event_time) * 1000)::float8 AS event_time,
         event_type::text, metadata::text, (extract(epoch FROM recorded_at) * 1000)::float8 AS recorded_at
       FROM global_events WHERE ${where} ORDER BY seq`,
    );
  const addEvent = (ts: string, time: string) =>
    store.rows(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       VALUES ($1, gen_random_uuid(), $2, 'account_created') RETURNING seq::int`,
      [ts, time],
    );

  test('all of it: every row as it is, arrival order kept, tables and rollups beside it, and a digest that holds', async () => {
    const done = await take();
    expect(read(done.out, EVENTS)).toEqual(await inStore());
    expect(read(done.out, 'SELECT * FROM users ORDER BY user_id')).toEqual(
      read(sample, 'SELECT * FROM users ORDER BY user_id'),
    );
    expect(done.tables).toMatchObject({ users: 150, plans: 6 });
    expect(read(done.out, 'SELECT sum(events) AS n FROM rollup_hourly')).toEqual([{ n: done.events }]);
    expect(verify(done.out).digest).toBe(done.digest);
    expect((await take()).digest).toBe(done.digest);
    const db = new Database(done.out);
    db.exec("UPDATE users SET email = 'x' WHERE rowid IN (SELECT rowid FROM users LIMIT 1)".replace(/WHERE.*/, ''));
    db.close();
    expect(() => verify(done.out)).toThrow('digest');
  });

  test('a range is by event time, wherever a row lies', async () => {
    await store.rows('DELETE FROM global_events_2026_05');
    const [inside] = await addEvent('2026-05-02T00', '2026-03-09T00:00:00Z');
    await addEvent('2026-03-09T00', '2026-05-02T00:00:00Z');
    const done = await take({ range: MARCH });
    const wanted = await inStore("event_time >= '2026-03-01T00:30Z' AND event_time < '2026-04-01'");
    expect(read(done.out, EVENTS)).toEqual(wanted);
    expect(wanted.map(({ rowid }) => rowid)).toContain(inside?.['seq']);
    const late = read<{ created_at: number }>(done.out, 'SELECT max(created_at) AS created_at FROM users')[0];
    expect(late?.created_at).toBeLessThan(MARCH.to ?? 0);
    const hours = read<{ ts: string }>(done.out, 'SELECT ts FROM rollup_hourly ORDER BY ts').map(({ ts }) => ts);
    expect([hours[0]?.slice(0, 7), hours.at(-1)?.slice(0, 7)]).toEqual(['2026-03', '2026-03']);
    expect(hours).not.toContain('2026-03-01T00');
  });

  test('is of one moment: what is committed while it is taken is not in it', async () => {
    const before = await inStore();
    const done = await take({}, () => addEvent('2026-03-09T00', '2026-03-09T00:00:00Z'));
    expect(read(done.out, EVENTS)).toEqual(before);
  });

  test('interrupted, it goes on; parts that changed since are fetched again', async () => {
    const out = newFile();
    let batches = 0;
    await expect(take({ out, onProgress: () => ++batches > 9 })).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(existsSync(out)).toBe(false);
    await store.rows('UPDATE global_events_2025_04 SET metadata = metadata || \'{"edited": true}\'');
    await addEvent('2025-05-09T00', '2025-05-09T00:00:00Z');
    await store.rows('DELETE FROM global_events_2025_06 WHERE seq = (SELECT min(seq) FROM global_events_2025_06)');
    const done = await take({ out });
    expect(done.resumedParts).toBeGreaterThan(3);
    expect(done.resumedParts).toBeLessThan(9);
    expect(read(out, EVENTS)).toEqual(await inStore());
    expect(done.digest).toBe((await take()).digest);
    expect(existsSync(path.join(folder, `.${path.basename(out)}.partial.json`))).toBe(false);
  });

  test('another question does not go on with the file of the first', async () => {
    const out = newFile();
    let batches = 0;
    await expect(take({ out, onProgress: () => ++batches > 5 })).rejects.toMatchObject({ code: 'E_CANCELLED' });
    const done = await take({ out, range: MARCH });
    expect(done.resumedParts).toBe(0);
    expect(read(out, EVENTS)).toEqual(await inStore("event_time >= '2026-03-01T00:30Z' AND event_time < '2026-04-01'"));
  });

  test('anonymous: no address is left, what belongs together still does, and the key is not in it', async () => {
    const key = 'a key that nobody knows, 32 or more';
    const done = await take({ anonymizer: new Anonymizer(key) });
    const bytes = JSON.stringify([
      read(done.out, EVENTS),
      ...['users', 'snapshot_info'].map((t) => read(done.out, `SELECT * FROM ${t}`)),
    ]);
    expect(bytes).not.toMatch(/\w@\w/);
    expect(bytes).not.toContain(key);
    expect(JSON.stringify(await inStore())).toMatch(/\w@\w/);
    const joined = read<{ n: number }>(
      done.out,
      `SELECT count(*) AS n FROM global_events e JOIN users u ON u.user_id = json_extract(metadata, '$.user_id')
       WHERE json_extract(metadata, '$.email') = u.email`,
    );
    expect(joined[0]?.n).toBeGreaterThan(0);
    expect(verify(done.out).digest).toBe(done.digest);
  });

  test('events in the default partition are in it', async () => {
    await addEvent('2019-01-01T00', '2019-01-01T00:00:00Z');
    const done = await take();
    expect(read(done.out, EVENTS)).toEqual(await inStore());
  });

  test('an existing file and another run in the same place are refused', async () => {
    const out = newFile();
    await take({ out });
    await expect(take({ out })).rejects.toMatchObject({ code: 'E_EXISTS' });
    await expect(take({ out: path.join(folder, 'nowhere', 'x.db') })).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    const other = newFile();
    const runs = await Promise.allSettled([take({ out: other }), take({ out: other })]);
    const refused = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: 'E_BUSY' }]);
    expect(verify(other).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('of a snapshot: the same rows as of the store, and a store filled from it is the same again', async () => {
    const full = await take();
    const source = snapshotSqlite(full.out, MARCH);
    const part = await takeSnapshot(source, { out: newFile(), range: MARCH });
    await source.close();
    expect(read(part.out, EVENTS)).toEqual(read((await take({ range: MARCH })).out, EVENTS));
    const again = await makeStore(server, `snapshot_again_${made}`);
    await ensurePartitions(again.client, { unit: 'day', from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 3) });
    const loaded = await loadFile(again.target, CREDENTIALS, full.out, {
      rejected: path.join(folder, 'again'),
      mapping: {},
    });
    expect(loaded).toMatchObject({ loaded: full.events, duplicate: 0, rejected: 0 });
    const sql = 'SELECT event_id, event_time, event_type, metadata, recorded_at FROM global_events ORDER BY seq';
    expect(await again.rows(sql)).toEqual(await store.rows(sql));
    await again.close();
  });
});
