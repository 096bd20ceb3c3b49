import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { readMigrations } from '../../migrations/read-migrations.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { guardRead } from '../source/sqlite-errors.ts';
import type { CopyRow } from './copy-reader.ts';
import type { SnapshotPart } from './snapshot-source.ts';

const ManifestSchema = z.object({
  version: z.literal(1),
  /** Of what was asked: only the same question goes on with this file. */
  question: z.string(),
  /** Fingerprints of the parts that are in the file, by name. */
  parts: z.record(z.string(), z.string()),
});

/**
 * A snapshot being made: a hidden file beside its final name, and a list of the parts that are in it, so that an
 * interrupted one goes on. It gets its name when it is complete.
 */
export class SnapshotFile {
  readonly #out: string;
  readonly #partial: string;
  readonly #manifest: string;
  readonly #question: string;
  readonly db: Database.Database;
  #parts: Record<string, string> = {};

  /** Throws E_BUSY when another process makes the same snapshot, and the errors of files. */
  constructor(out: string, question: unknown) {
    this.#out = out;
    this.#partial = path.join(path.dirname(out), `.${path.basename(out)}.partial`);
    this.#manifest = `${this.#partial}.json`;
    this.#question = createHash('sha256').update(JSON.stringify(question)).digest('hex');
    this.db = guardRead(() => this.#open());
    try {
      const known = hasTables(this.db) ? this.#readManifest() : null;
      if (known === null) this.#begin();
      this.#parts = known ?? {};
    } catch (thrown) {
      this.db.close();
      throw thrown;
    }
  }

  /** Parts that an earlier run has left. */
  get begun(): number {
    return Object.keys(this.#parts).length;
  }

  has(part: SnapshotPart, fingerprint: string | null): boolean {
    return fingerprint !== null && this.#parts[part.name] === fingerprint;
  }

  #readManifest(): Record<string, string> | null {
    if (!existsSync(this.#manifest)) return null;
    try {
      const found = ManifestSchema.parse(JSON.parse(readFileSync(this.#manifest, 'utf8')));
      return found.question === this.#question ? found.parts : null;
    } catch {
      return null;
    }
  }

  /** Locked before anything of it is looked at or removed: another process may be making it. */
  #open(): Database.Database {
    // Events are not for everybody on this machine; who shares the file gives it away knowingly.
    closeSync(openSync(this.#partial, 'a', 0o600));
    const db = new Database(this.#partial, { timeout: 0 });
    try {
      for (const pragma of [
        'locking_mode = EXCLUSIVE',
        'foreign_keys = OFF',
        'cache_size = -131072',
        'synchronous = NORMAL',
      ])
        db.pragma(pragma);
      db.exec('BEGIN EXCLUSIVE; COMMIT');
      return db;
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  }

  /** What is there answered another question, or nothing is. */
  #begin(): void {
    rmSync(this.#manifest, { force: true });
    const tables = this.db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
    for (const table of tables) this.db.exec(`DROP TABLE "${table.replaceAll('"', '""')}"`);
    if (tables.length > 0) this.db.exec('VACUUM');
    makeTables(this.db);
  }

  /** Fills one part in one transaction; what an earlier run had of it goes first. Answers how many rows it has. */
  async fill(
    part: SnapshotPart,
    others: readonly SnapshotPart[],
    fingerprint: string | null,
    batches: AsyncIterable<readonly CopyRow[]>,
  ): Promise<number> {
    let rows = 0;
    await this.#transaction(async () => {
      this.#clear(part, others);
      const insert = this.db.prepare(
        'INSERT INTO global_events (rowid, ts, event_id, event_time, event_type, metadata, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      );
      for await (const batch of batches) {
        for (const row of batch) insert.run(row);
        rows += batch.length;
      }
    });
    if (fingerprint !== null) this.#parts[part.name] = fingerprint;
    await writeFileAtomic(this.#manifest, JSON.stringify({ version: 1, question: this.#question, parts: this.#parts }));
    return rows;
  }

  #clear({ name, hours }: SnapshotPart, others: readonly SnapshotPart[]): void {
    delete this.#parts[name];
    if (hours !== null) {
      this.db.prepare('DELETE FROM global_events WHERE ts >= ? AND ts < ?').run(hours.from, hours.to);
      return;
    }
    const ranges = others.flatMap((other) => other.hours ?? []);
    const inOthers = ranges.map(() => '(ts >= ? AND ts < ?)').join(' OR ');
    const sql = `DELETE FROM global_events${ranges.length === 0 ? '' : ` WHERE NOT (${inOthers})`}`;
    this.db.prepare(sql).run(...ranges.flatMap(({ from, to }) => [from, to]));
  }

  /** Small tables are fetched whole, in the last run. */
  async refill(table: string, width: number, batches: AsyncIterable<readonly CopyRow[]>): Promise<number> {
    let rows = 0;
    await this.#transaction(async () => {
      this.db.exec(`DELETE FROM ${table}`);
      const insert = this.db.prepare(
        `INSERT INTO ${table} VALUES (${Array.from({ length: width }, () => '?').join(', ')})`,
      );
      for await (const batch of batches) {
        for (const row of batch) insert.run(row);
        rows += batch.length;
      }
    });
    return rows;
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    this.db.exec('BEGIN');
    try {
      await work();
      this.db.exec('COMMIT');
    } catch (thrown) {
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      throw thrown;
    }
  }

  writeInfo(info: Readonly<Record<string, string>>): void {
    this.db.exec('DELETE FROM snapshot_info');
    const insert = this.db.prepare('INSERT INTO snapshot_info VALUES (?, ?)');
    for (const [key, value] of Object.entries(info)) insert.run(key, value);
  }

  /** On the disk first, then under its name. */
  publish(): void {
    this.db.exec('ANALYZE');
    this.db.close();
    const fd = openSync(this.#partial, 'r+');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(this.#partial, this.#out);
    rmSync(this.#manifest, { force: true });
  }

  /** Leaves what is there for the next run. */
  close(): void {
    if (this.db.open) this.db.close();
  }
}

function makeTables(db: Database.Database): void {
  const migrations = readMigrations('sqlite');
  for (const migration of migrations) db.exec(migration.up);
  db.pragma(`user_version = ${migrations.length}`);
}

const hasTables = (db: Database.Database): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'global_events'").get() !== undefined;
