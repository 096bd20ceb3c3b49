import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { readMigrations, type Migration } from '../../migrations/read-migrations.ts';
import { EngineError } from '../../protocol/errors.ts';
import { checkFile } from '../source/check-file.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import type { AppliedStep } from './migration-status.ts';
import { APPLIED_TABLE, type Direction, type MigrationStore } from './migration-store.ts';

/** Waiting for another runner or writer, ms. */
const BUSY_TIMEOUT = 10_000;

/** Opens a snapshot for `migrate`; with `create` a missing file is made. Throws E_NOT_FOUND and the errors of files. */
export function openSqliteMigrations(path: string, options: { readonly create: boolean }): MigrationStore {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 || !options.create) checkFile(path);
  return guardRead(() => new SqliteMigrations(new Database(path, { timeout: BUSY_TIMEOUT })));
}

class SqliteMigrations implements MigrationStore {
  readonly dialect = 'sqlite';
  readonly #db: Database.Database;

  constructor(db: Database.Database) {
    this.#db = db;
    db.pragma('synchronous = FULL');
  }

  readApplied(): Promise<readonly AppliedStep[]> {
    return Promise.resolve(guardRead(() => this.#applied()));
  }

  /** Snapshots are made with all steps of their day and carry only their number, as `user_version`. */
  #applied(): readonly AppliedStep[] {
    if (this.#has(APPLIED_TABLE)) {
      const sql = `SELECT number, name, checksum, applied_at AS appliedAt FROM ${APPLIED_TABLE} ORDER BY number`;
      return this.#db.prepare(sql).all() as AppliedStep[];
    }
    const version = this.#has('global_events') ? Number(this.#db.pragma('user_version', { simple: true })) : 0;
    return readMigrations('sqlite')
      .filter(({ number }) => number <= version)
      .map(({ number, name, checksum }) => ({ number, name, checksum, appliedAt: null }));
  }

  #has(table: string): boolean {
    return this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
  }

  run(migration: Migration, direction: Direction): Promise<void> {
    const step = this.#db.transaction(() => {
      const before = this.#applied();
      // Another runner was faster while this one waited for the file.
      if (before.some(({ number }) => number === migration.number) === (direction === 'up')) return;
      if (before.length === 0) this.#refuseForeign();
      this.#remember(before);
      this.#db.exec(migration[direction]);
      const version = direction === 'up' ? migration.number : migration.number - 1;
      if (direction === 'down') this.#db.prepare(`DELETE FROM ${APPLIED_TABLE} WHERE number = ?`).run(migration.number);
      else this.#insert({ ...migration, appliedAt: new Date().toISOString() });
      this.#db.pragma(`user_version = ${version}`);
    });
    return Promise.resolve(guardRead(() => step.exclusive()));
  }

  #remember(applied: readonly AppliedStep[]): void {
    if (this.#has(APPLIED_TABLE)) return;
    this.#db.exec(
      `CREATE TABLE ${APPLIED_TABLE} (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT)`,
    );
    applied.forEach((step) => this.#insert(step));
  }

  #insert({ number, name, checksum, appliedAt }: AppliedStep): void {
    this.#db.prepare(`INSERT INTO ${APPLIED_TABLE} VALUES (?, ?, ?, ?)`).run(number, name, checksum, appliedAt);
  }

  #refuseForeign(): void {
    const table = this.#db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> ?")
      .get(APPLIED_TABLE);
    if (table === undefined) return;
    throw new EngineError('E_REFUSED', 'This file is a database of another program.', {
      hint: 'Only snapshots of our model are migrated; other files are opened with a mapping and never changed.',
    });
  }

  hasEvents(): Promise<boolean> {
    const any = (): boolean =>
      this.#has('global_events') && this.#db.prepare('SELECT 1 FROM global_events').get() !== undefined;
    return Promise.resolve(guardRead(any));
  }

  /** Each step is a transaction that holds the whole file and looks again: no lock is needed around them. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  close(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }
}
