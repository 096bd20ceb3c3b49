import Database from 'better-sqlite3';
import { readMigrations } from '../migrations/read-migrations.ts';
import { PLAN_MIX } from './catalogue.ts';

export type Value = string | number | null;
/** Columns a row of each table is written with, in table order. */
export const WIDTH = { global_events: 6, users: 4, shops: 5, invoices: 7, payments: 5 } as const;
export type Table = keyof typeof WIDTH;
/** Rows a statement: one call into SQLite for many rows is twice as fast as one for each. */
const ROWS = 50;

/** What is only known at the end: deletions of users by id (ms), events per hour and type, the end of time (ms). */
export interface LateChanges {
  readonly userDeletions: ReadonlyMap<string, number>;
  readonly hourly: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly end: number;
}
/** Where rows go, in this thread or another. */
export interface RowSink {
  add(table: Table, row: readonly Value[]): void;
  /** Late changes, then a closed file. */
  finish(late: LateChanges): void;
  abandon(): void;
}

/** Appends rows of one table in order, many to a statement. */
class Appender {
  private readonly many: Database.Statement;
  private readonly one: Database.Statement;
  private readonly width: number;
  private values: Value[] = [];

  constructor(db: Database.Database, table: Table) {
    this.width = WIDTH[table];
    const row = `(${Array.from({ length: this.width }, () => '?').join(', ')})`;
    this.many = db.prepare(`INSERT INTO ${table} VALUES ${Array.from({ length: ROWS }, () => row).join(', ')}`);
    this.one = db.prepare(`INSERT INTO ${table} VALUES ${row}`);
  }

  add(row: readonly Value[]): void {
    for (const value of row) this.values.push(value);
    if (this.values.length >= ROWS * this.width) this.runFull();
  }

  /** Rows end to end. */
  addMany(values: readonly Value[]): void {
    for (const value of values) this.values.push(value);
    this.runFull();
  }

  private runFull(): void {
    const size = ROWS * this.width;
    let at = 0;
    for (; at + size <= this.values.length; at += size) this.many.run(this.values.slice(at, at + size));
    this.values = this.values.slice(at);
  }

  flush(): void {
    for (let at = 0; at < this.values.length; at += this.width) this.one.run(this.values.slice(at, at + this.width));
    this.values = [];
  }
}

/** Fills a new snapshot; fast because nothing else reads the file until it is renamed into place. */
export class SnapshotWriter implements RowSink {
  private readonly db: Database.Database;
  private readonly appenders: Readonly<Record<Table, Appender>>;
  private pending = 0;

  constructor(file: string) {
    const db = new Database(file);
    // No journal to speak of, as a half-written file is thrown away, never opened: our SQLite refuses to have none.
    db.pragma('journal_mode = MEMORY');
    db.pragma('synchronous = OFF');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('foreign_keys = OFF');
    db.pragma('cache_size = -131072');
    const migrations = readMigrations('sqlite');
    for (const migration of migrations) db.exec(migration.up);
    db.pragma(`user_version = ${migrations.length}`);
    const plan = db.prepare('INSERT INTO plans VALUES (?, ?, ?, ?)');
    for (const [p] of PLAN_MIX) plan.run(p.id, p.name, p.priceCents, p.period);
    const appender = (table: Table): Appender => new Appender(db, table);
    this.appenders = {
      global_events: appender('global_events'),
      users: appender('users'),
      shops: appender('shops'),
      invoices: appender('invoices'),
      payments: appender('payments'),
    };
    this.db = db;
    db.exec('BEGIN');
  }

  add(table: Table, row: readonly Value[]): void {
    this.appenders[table].add(row);
    this.commitSometimes(1);
  }

  addMany(table: Table, values: readonly Value[]): void {
    this.appenders[table].addMany(values);
    this.commitSometimes(values.length / WIDTH[table]);
  }

  private commitSometimes(rows: number): void {
    this.pending += rows;
    if (this.pending < 500_000) return;
    this.db.exec('COMMIT; BEGIN');
    this.pending = 0;
  }

  finish(late: LateChanges): void {
    for (const appender of Object.values(this.appenders)) appender.flush();
    const deletion = this.db.prepare('UPDATE users SET deleted_at = ? WHERE user_id = ?');
    // By key, so that a large table is walked once, not entered anywhere for each.
    for (const id of [...late.userDeletions.keys()].sort()) {
      deletion.run(late.userDeletions.get(id), id);
      this.commitSometimes(1);
    }
    const rollup = this.db.prepare('INSERT INTO rollup_hourly VALUES (?, ?, ?)');
    const hours = [...late.hourly.keys()].sort();
    for (const ts of hours) for (const [type, events] of late.hourly.get(ts) ?? []) rollup.run(ts, type, events);
    const last = hours.at(-1);
    if (last !== undefined)
      this.db.prepare('INSERT INTO rollup_watermarks VALUES (?, ?, ?)').run('hourly', last, late.end);
    this.db.exec('COMMIT');
    this.db.pragma('analysis_limit = 400');
    this.db.exec('ANALYZE');
    this.db.close();
  }

  abandon(): void {
    this.db.close();
  }
}
