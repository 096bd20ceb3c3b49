import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readMigrations } from './read-migrations.ts';

const schemaOf = (db: Database.Database): unknown =>
  db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all();

test('numbers are consecutive from 1', () => {
  expect(readMigrations('sqlite').map((m) => m.number)).toEqual(readMigrations('sqlite').map((_, i) => i + 1));
});

test('0001 event store: up, down, up again, with data in it', () => {
  const [first] = readMigrations('sqlite');
  if (first === undefined) throw new Error('no migration 1');
  const db = new Database(':memory:');
  db.exec(first.up);
  const before = schemaOf(db);
  db.exec(`INSERT INTO plans VALUES ('p', 'Plan', 100, 'month'); INSERT INTO users VALUES ('u', 'a@b.test', 1, NULL);
    INSERT INTO shops VALUES ('s', 'u', 'p', 1, NULL); INSERT INTO invoices VALUES ('i', 's', 'p', 100, 1, 2, NULL);
    INSERT INTO payments VALUES ('y', 'i', 100, 'failed', 2);
    INSERT INTO global_events VALUES ('2026-01-01T00', 'e', 1, 'account_created', '{}', 1);
    INSERT INTO rollup_hourly VALUES ('2026-01-01T00', 'account_created', 1);
    INSERT INTO report_runs VALUES ('r', 'weekly', 1, 1, NULL, 'running', NULL);`);
  expect(() =>
    db.exec("INSERT INTO global_events VALUES ('2026-01-01T00', 'e', 1, 'account_created', '{}', 1)"),
  ).toThrow('UNIQUE');
  expect(() => db.exec("INSERT INTO plans VALUES ('q', 'Plan', -1, 'month')")).toThrow('CHECK');
  db.exec(first.down);
  expect(schemaOf(db)).toEqual([]);
  db.exec(first.up);
  expect(schemaOf(db)).toEqual(before);
  expect(db.prepare('SELECT count(*) FROM global_events').pluck().get()).toBe(0);
});
