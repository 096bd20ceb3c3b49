import Database from 'better-sqlite3';
import { readMigrations } from '../../migrations/read-migrations.ts';

const ROWS_A_TRANSACTION = 200_000;
/** Rows a statement: one call into SQLite for many rows is twice as fast as one for each. */
const ROWS = 50;
const WIDTH = 6;

export interface ImportedEvent {
  readonly hour: string;
  readonly eventId: string;
  readonly time: number;
  readonly event: string;
  readonly metadata: string;
  readonly recordedAt: number | null;
  readonly actor: string;
}

/** A new snapshot of our model, filled in order of arrival. Nobody reads it before it is renamed into place. */
export class ImportWriter {
  readonly #db: Database.Database;
  readonly #insertMany: Database.Statement;
  readonly #insertOne: Database.Statement;
  #waiting: (string | number | null)[] = [];
  readonly #firstSeen = new Map<string, number>();
  readonly #hourly = new Map<string, Map<string, number>>();
  #pending = 0;
  events = 0;
  firstTime = Number.POSITIVE_INFINITY;
  lastTime = Number.NEGATIVE_INFINITY;

  constructor(file: string) {
    const db = new Database(file);
    // A half-written file is thrown away: no journal needed.
    for (const pragma of [
      'journal_mode = OFF',
      'synchronous = OFF',
      'locking_mode = EXCLUSIVE',
      'foreign_keys = OFF',
      'cache_size = -131072',
    ])
      db.pragma(pragma);
    const migrations = readMigrations('sqlite');
    for (const migration of migrations) db.exec(migration.up);
    db.pragma(`user_version = ${migrations.length}`);
    this.#db = db;
    const insert = (rows: number): Database.Statement =>
      db.prepare(
        `INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at) VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      );
    this.#insertMany = insert(ROWS);
    this.#insertOne = insert(1);
    db.exec('BEGIN');
  }

  get actors(): number {
    return this.#firstSeen.size;
  }

  add(e: ImportedEvent): void {
    this.#waiting.push(e.hour, e.eventId, e.time, e.event, e.metadata, e.recordedAt);
    if (this.#waiting.length === ROWS * WIDTH) {
      this.#insertMany.run(this.#waiting);
      this.#waiting = [];
    }
    const first = this.#firstSeen.get(e.actor);
    if (first === undefined || e.time < first) this.#firstSeen.set(e.actor, e.time);
    let types = this.#hourly.get(e.hour);
    if (types === undefined) this.#hourly.set(e.hour, (types = new Map()));
    types.set(e.event, (types.get(e.event) ?? 0) + 1);
    this.events++;
    if (e.time < this.firstTime) this.firstTime = e.time;
    if (e.time > this.lastTime) this.lastTime = e.time;
    if (++this.#pending < ROWS_A_TRANSACTION) return;
    this.#db.exec('COMMIT; BEGIN');
    this.#pending = 0;
  }

  /** Users by first appearance and rollups, then a closed file. */
  finish(): void {
    for (let at = 0; at < this.#waiting.length; at += WIDTH) this.#insertOne.run(this.#waiting.slice(at, at + WIDTH));
    this.#waiting = [];
    const user = this.#db.prepare('INSERT INTO users (user_id, created_at) VALUES (?, ?)');
    for (const [actor, first] of this.#firstSeen) user.run(actor, first);
    const rollup = this.#db.prepare('INSERT INTO rollup_hourly (ts, event_type, events) VALUES (?, ?, ?)');
    for (const [hour, types] of this.#hourly) for (const [event, events] of types) rollup.run(hour, event, events);
    this.#db.exec('COMMIT');
    this.#db.exec('ANALYZE');
    this.#db.close();
  }

  abandon(): void {
    this.#db.close();
  }
}
