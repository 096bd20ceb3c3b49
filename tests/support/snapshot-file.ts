import Database from 'better-sqlite3';
import { readMigrations } from '../../migrations/read-migrations.ts';

/** A row of global_events as tests write it. Missing: event_type `e`, the ts of the time, recorded at once. */
export interface SnapshotRow {
  readonly id: string;
  readonly time: number | string | null;
  readonly ts?: string;
  readonly type?: string | null;
  readonly metadata?: object | string;
  readonly recordedAt?: number | null;
}

/** A snapshot of our model with exactly these rows, in this order of arrival. */
export function writeSnapshot(
  file: string,
  rows: readonly SnapshotRow[],
  shops: Readonly<Record<string, string>> = {},
): string {
  const db = new Database(file);
  for (const migration of readMigrations('sqlite')) db.exec(migration.up);
  db.pragma('foreign_keys = OFF');
  const shop = db.prepare("INSERT INTO shops VALUES (?, ?, 'free', 0, NULL)");
  for (const [id, user] of Object.entries(shops)) shop.run(id, user);
  const event = db.prepare('INSERT INTO global_events VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const { id, time, ts, type = 'e', metadata = { user_id: 'u' }, recordedAt } of rows) {
      const ms = typeof time === 'number' ? time : 0;
      event.run(
        ts ?? new Date(ms).toISOString().slice(0, 13),
        id,
        time,
        type,
        typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
        recordedAt === undefined ? ms : recordedAt,
      );
    }
  })();
  db.close();
  return file;
}

/** Any database, by a script; a script of thousands of statements should begin a transaction. */
export function writeDatabase(file: string, script: string): string {
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  db.exec(script);
  db.close();
  return file;
}
