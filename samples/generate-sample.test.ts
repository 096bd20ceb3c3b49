import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIRT } from './dirt.ts';
import { ThreadedWriter } from './threaded-writer.ts';
import { generateSample, type SampleSummary } from './generate-sample.ts';

let folder: string;
let db: Database.Database;
let summary: SampleSummary;
const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get() as number;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-sample-'));
  summary = generateSample({ out: path.join(folder, 'a.db'), users: 6_000, seed: 11 });
  db = new Database(path.join(folder, 'a.db'), { readonly: true });
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

describe('the snapshot is one consistent world', () => {
  test('keys lead somewhere, and the summary counts what is there', () => {
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(count('SELECT count(*) FROM global_events')).toBe(summary.events);
    expect(count('SELECT count(*) FROM users')).toBe(summary.users);
    expect(count('SELECT count(*) FROM shops')).toBe(summary.shops);
    expect(count('SELECT count(*) FROM invoices')).toBe(summary.invoices);
    expect(count('SELECT count(*) FROM payments')).toBe(summary.payments);
    expect(count('SELECT sum(events) FROM rollup_hourly')).toBe(
      count('SELECT count(DISTINCT event_id) FROM global_events'),
    );
  });

  // Late rows may still be on their way at the end, so the tables may know a little more than the log.
  test.each([
    ['account_created', 'SELECT count(*) FROM users'],
    ['shop_created', 'SELECT count(*) FROM shops'],
    ['shop_deleted', 'SELECT count(*) FROM shops WHERE deleted_at IS NOT NULL'],
    ['account_deleted', 'SELECT count(*) FROM users WHERE deleted_at IS NOT NULL'],
    ['invoice_issued', 'SELECT count(*) FROM invoices'],
    ['payment_succeeded', "SELECT count(*) FROM payments WHERE status = 'succeeded'"],
    ['payment_failed', "SELECT count(*) FROM payments WHERE status = 'failed'"],
    ['payment_succeeded', 'SELECT count(*) FROM invoices WHERE paid_at IS NOT NULL'],
  ])('%s events agree with: %s', (type, sql) => {
    const events = count(`SELECT count(DISTINCT event_id) FROM global_events WHERE event_type = '${type}'`);
    const rows = count(sql);
    expect(rows).toBeGreaterThan(0);
    expect(rows - events).toBeGreaterThanOrEqual(0);
    expect(rows - events).toBeLessThanOrEqual(6);
  });

  test('an invoice is paid when its payment succeeded', () => {
    expect(
      count(
        "SELECT count(*) FROM payments p JOIN invoices i USING (invoice_id) WHERE status = 'succeeded' AND attempted_at <> paid_at",
      ),
    ).toBe(0);
    expect(count('SELECT count(*) FROM invoices i JOIN shops s USING (shop_id) WHERE issued_at < created_at')).toBe(0);
  });

  test('the journey has loops: payments after a deletion of the last shop', () => {
    expect(
      count('SELECT count(*) FROM shops a JOIN shops b ON a.user_id = b.user_id AND b.created_at > a.deleted_at'),
    ).toBeGreaterThan(10);
    expect(count('SELECT count(*) FROM invoices WHERE paid_at > due_at + 14 * 86400000')).toBeGreaterThan(10);
  });
});

describe('dirt', () => {
  test('falls in every kind, as counted', () => {
    expect(DIRT.filter((kind) => summary.dirt[kind] === 0)).toEqual([]);
    expect(
      count(
        `SELECT count(*) FROM global_events WHERE json_extract(metadata, '$.user_id') IS NULL AND json_extract(metadata, '$.shop_id') IS NULL`,
      ),
    ).toBeGreaterThan(0);
    expect(
      count("SELECT count(*) FROM global_events WHERE ts <> strftime('%Y-%m-%dT%H', event_time / 1000, 'unixepoch')"),
    ).toBeGreaterThanOrEqual(summary.dirt.wrongHour);
    expect(count('SELECT count(*) - count(DISTINCT event_id) FROM global_events')).toBeGreaterThan(0);
  });

  test('can be switched off, all of it', () => {
    const clean = generateSample({ out: path.join(folder, 'clean.db'), users: 1_500, seed: 11, clean: new Set(DIRT) });
    expect(Object.values(clean.dirt).every((n) => n === 0)).toBe(true);
    const other = new Database(path.join(folder, 'clean.db'), { readonly: true });
    const of = (sql: string): unknown => other.prepare(sql).pluck().get();
    expect(
      of("SELECT count(*) FROM global_events WHERE ts <> strftime('%Y-%m-%dT%H', event_time / 1000, 'unixepoch')"),
    ).toBe(0);
    expect(of('SELECT count(*) - count(DISTINCT event_id) FROM global_events')).toBe(0);
    expect(of("SELECT count(*) FROM global_events WHERE json_extract(metadata, '$.user_id') IS NULL")).toBe(0);
    expect(of('SELECT count(*) FROM global_events WHERE recorded_at - event_time > 3600000')).toBe(0);
    other.close();
  });
});

describe('the generator', () => {
  const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
  const writerThreadUrl = new URL('./writer-thread.ts', import.meta.url);

  test('makes the same bytes from the same seed, with one thread or two the same rows', () => {
    const at = (name: string): string => path.join(folder, name);
    generateSample({ out: at('b.db'), users: 6_000, seed: 11 });
    generateSample({ out: at('c.db'), users: 6_000, seed: 11, writerThreadUrl });
    generateSample({ out: at('d.db'), users: 6_000, seed: 11, writerThreadUrl });
    expect(digest(at('b.db'))).toBe(digest(at('a.db')));
    expect(digest(at('d.db'))).toBe(digest(at('c.db')));
    const rows = (file: string): unknown => {
      const other = new Database(file, { readonly: true });
      const all = other.prepare('SELECT * FROM global_events ORDER BY rowid').raw().all();
      other.close();
      return all;
    };
    expect(rows(at('c.db'))).toEqual(rows(at('a.db')));
  });

  test('refuses to overwrite, and leaves nothing behind when stopped', () => {
    expect(() => generateSample({ out: path.join(folder, 'a.db'), users: 10, seed: 1 })).toThrow(
      expect.objectContaining({ code: 'E_EXISTS' }),
    );
    const out = path.join(folder, 'stopped.db');
    expect(() => generateSample({ out, users: 20_000, seed: 1, onProgress: () => true })).toThrow(
      expect.objectContaining({ code: 'E_CANCELLED' }),
    );
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('a place that cannot be written is told, by the writer in a thread of its own too', () => {
    const writerThreadUrl = new URL('./writer-thread.ts', import.meta.url);
    expect(() =>
      generateSample({ out: path.join(folder, 'none', 'x.db'), users: 10, seed: 1, writerThreadUrl }),
    ).toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }));
    // The thread itself cannot open its file.
    const writer = new ThreadedWriter(path.join(folder, 'none', 'y.db'), writerThreadUrl);
    const noChanges = { userDeletions: new Map(), hourly: new Map(), end: 0 };
    expect(() => writer.finish(noChanges)).toThrow(expect.objectContaining({ code: 'E_DISK_FULL' }));
    writer.abandon();
  });
});
