import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { EngineError } from '../../protocol/errors.ts';
import { openDatabase } from '../source/open-database.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import type { CopyRow } from './copy-reader.ts';
import type { ModelTable } from './model-tables.ts';
import type { SnapshotPart, SnapshotSource, TimeRange } from './snapshot-source.ts';

/** Rows given on at once. */
const ROWS = 5_000;
const ALL: SnapshotPart = { name: 'global_events', hours: null, rows: 0 };

/** A snapshot of our model as the source of a smaller or an anonymous one. Nothing appears beside it. */
export function snapshotSqlite(file: string, range: TimeRange): SnapshotSource {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tributary-snapshot-'));
  try {
    const { db } = openDatabase(file, scratch);
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'global_events'").get() === undefined)
      throw new EngineError('E_UNSUPPORTED', 'This database is no snapshot of our model.', {
        hint: 'Snapshots are taken of event stores and of other snapshots.',
      });
    return new SqliteSnapshot(db, scratch, file, range);
  } catch (thrown) {
    rmSync(scratch, { recursive: true, force: true });
    throw thrown;
  }
}

class SqliteSnapshot implements SnapshotSource {
  readonly address: string;
  readonly #db: Database.Database;
  readonly #scratch: string;
  readonly #range: readonly [number, number];

  constructor(db: Database.Database, scratch: string, file: string, { from, to }: TimeRange) {
    this.address = path.basename(file);
    this.#db = db;
    this.#scratch = scratch;
    this.#range = [from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER];
    db.exec('BEGIN');
  }

  parts(): Promise<readonly SnapshotPart[]> {
    const rows = guardRead(() => Number(this.#db.prepare('SELECT count(*) FROM global_events').pluck().get()));
    return Promise.resolve([{ ...ALL, rows }]);
  }

  /** A file is read again from the start: that is quick. */
  fingerprint(): Promise<null> {
    return Promise.resolve(null);
  }

  events(): AsyncIterable<readonly CopyRow[]> {
    return this.#read(
      `SELECT rowid, ts, event_id, event_time, event_type, metadata, recorded_at FROM global_events
       WHERE event_time >= ? AND event_time < ? ORDER BY rowid`,
      this.#range,
    );
  }

  rows({ name, columns, since, key }: ModelTable): AsyncIterable<readonly CopyRow[]> {
    const list = columns.map(([column]) => column).join(', ');
    const [from, to] = this.#range;
    if (since !== null) return this.#read(`SELECT ${list} FROM ${name} WHERE ${since} < ? ORDER BY ${key}`, [to]);
    if (name !== 'rollup_hourly') return this.#read(`SELECT ${list} FROM ${name} ORDER BY ${key}`, []);
    const start = "(unixepoch(ts || ':00') * 1000)";
    const sql = `SELECT ${list} FROM ${name} WHERE ${start} >= ? AND ${start} + 3600000 <= ? ORDER BY ${key}`;
    return this.#read(sql, [from, to]);
  }

  async *#read(sql: string, values: readonly number[]): AsyncGenerator<readonly CopyRow[]> {
    const rows = this.#db
      .prepare(sql)
      .raw()
      .iterate(...values) as IterableIterator<CopyRow>;
    let some: CopyRow[] = [];
    for (const row of rows) {
      if (some.push(row) < ROWS) continue;
      yield some;
      some = [];
    }
    yield some;
  }

  close(): Promise<void> {
    this.#db.close();
    rmSync(this.#scratch, { recursive: true, force: true });
    return Promise.resolve();
  }
}
