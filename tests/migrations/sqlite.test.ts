import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import { migrate } from '../../worker/admin/migrate.ts';
import { readStatus } from '../../worker/admin/migration-store.ts';
import { openSqliteMigrations } from '../../worker/admin/sqlite-migrations.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-migrate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
let file = '';
beforeEach(() => {
  file = path.join(folder, `${made++}.db`);
});

async function run(direction: 'up' | 'down', options: { to?: number; loseEvents?: boolean } = {}) {
  const store = openSqliteMigrations(file, { create: direction === 'up' });
  try {
    return await migrate(store, direction, options);
  } finally {
    await store.close();
  }
}
function look<T>(work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const shape = (): unknown =>
  look((db) => db.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all());
const version = (): unknown => look((db) => db.pragma('user_version', { simple: true }));

/** A row of every table. */
const SOME_ROWS = `
  INSERT INTO plans VALUES ('p', 'Plan', 900, 'month');
  INSERT INTO users VALUES ('u', 'a@example.com', 1, NULL);
  INSERT INTO shops VALUES ('s', 'u', 'p', 1, NULL);
  INSERT INTO invoices VALUES ('i', 's', 'p', 900, 1, 2, NULL);
  INSERT INTO payments VALUES ('y', 'i', 900, 'failed', 2);
  INSERT INTO rollup_hourly VALUES ('2026-01-01T00', 'account_created', 1);
  INSERT INTO rollup_watermarks VALUES ('hourly', '2026-01-01T00', 3);
  INSERT INTO report_runs VALUES ('r', 'daily', 1, 2, NULL, 'running', NULL);`;
const EVENT = `INSERT INTO global_events (ts, event_id, event_time, event_type)
  VALUES ('2026-01-01T00', 'e', 1767225600000, 'account_created')`;
const TABLES = ['plans', 'users', 'shops', 'invoices', 'payments', 'rollup_hourly', 'rollup_watermarks', 'report_runs'];

test('0001 event store: up, down, up again, with data in it', async () => {
  await run('up', { to: 1 });
  const before = shape();
  const fill = (): void => look((db) => void db.exec(`${SOME_ROWS} ${EVENT}`));
  const counts = (): unknown =>
    look((db) =>
      [...TABLES, 'global_events'].map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()),
    );
  fill();
  expect(counts()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
  const add = (sql: string) => () => look((db) => db.exec(`PRAGMA foreign_keys = ON; ${sql}`));
  expect(add(EVENT)).toThrow('UNIQUE');
  expect(add("INSERT INTO plans VALUES ('q', 'Plan', -1, 'month')")).toThrow('CHECK');
  expect(add("INSERT INTO shops VALUES ('t', 'nobody', 'p', 1, NULL)")).toThrow('FOREIGN KEY');
  expect(add("INSERT INTO report_runs VALUES ('q', 'daily', 1, 2, NULL, 'running', NULL)")).toThrow('UNIQUE');
  await expect(run('down', { to: 0 })).rejects.toMatchObject({ code: 'E_REFUSED' });
  expect([shape(), counts()]).toEqual([before, [1, 1, 1, 1, 1, 1, 1, 1, 1]]);
  await run('down', { to: 0, loseEvents: true });
  expect(JSON.stringify(shape())).not.toMatch(new RegExp([...TABLES, 'global_events'].join('|')));
  expect(version()).toBe(0);
  await run('up', { to: 1 });
  expect([shape(), version()]).toEqual([before, 1]);
  expect(counts()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  fill();
});

test('0002: up, down, up again, with data in it', async () => {
  await run('up', { to: 1 });
  const first = shape();
  await run('up');
  const second = shape();
  look((db) => db.exec("INSERT INTO snapshot_info VALUES ('digest', 'x')"));
  expect(version()).toBe(2);
  await run('down');
  expect([shape(), version()]).toEqual([first, 1]);
  await run('up');
  expect(shape()).toEqual(second);
  expect(look((db) => db.prepare('SELECT * FROM snapshot_info').all())).toEqual([]);
});

test('a snapshot that was made with its steps is known by its number', async () => {
  look((db) => {
    db.exec(readMigrations('sqlite')[0]?.up ?? '');
    db.pragma('user_version = 1');
    db.exec("INSERT INTO global_events VALUES ('2026-01-01T00', 'e', 1, 'x', '{}', 1)");
  });
  const store = openSqliteMigrations(file, { create: false });
  expect(await readStatus(store)).toMatchObject({ current: 1, pending: ['0002-live-and-snapshot-info'] });
  await store.close();
  expect(JSON.stringify(shape())).not.toContain('schema_migrations');
  expect((await run('up')).steps).toEqual(['0002-live-and-snapshot-info']);
  await expect(run('down', { to: 0 })).rejects.toMatchObject({ code: 'E_REFUSED' });
  expect((await run('down', { to: 0, loseEvents: true })).status.current).toBe(0);
});

test('databases of other programs and missing files are refused', async () => {
  await expect(run('down')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  look((db) => db.exec('CREATE TABLE customers (id)'));
  await expect(run('up')).rejects.toMatchObject({ code: 'E_REFUSED' });
  expect(JSON.stringify(shape())).not.toContain('global_events');
});

test('a changed file is refused', async () => {
  await run('up');
  look((db) => db.exec("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1"));
  await expect(run('down')).rejects.toMatchObject({ code: 'E_REFUSED' });
});

test('another runner holds the file for one step at a time; nothing is applied twice', async () => {
  const [one, other] = [0, 1].map(() => openSqliteMigrations(file, { create: true }));
  if (one === undefined || other === undefined) throw new Error('two stores');
  await one.readApplied();
  const [first] = readMigrations('sqlite');
  if (first === undefined) throw new Error('no migration');
  await one.run(first, 'up');
  await other.run(first, 'up');
  expect(await other.readApplied()).toHaveLength(1);
  await one.close();
  await other.close();
});
