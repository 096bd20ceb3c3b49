import type Database from 'better-sqlite3';
import { describeMigration, migrationId, readMigrations, type Dialect } from '../../migrations/read-migrations.ts';
import type { StoreMigrations } from '../../protocol/index.ts';

/** Of a store without a step of ours nothing is pending: it was made by somebody else. */
export const NOT_OURS: StoreMigrations = { current: 0, pending: [] };

/** `applied`: numbers of steps. */
export function holdAgainst(dialect: Dialect, applied: readonly number[]): StoreMigrations {
  if (applied.length === 0) return NOT_OURS;
  const pending = readMigrations(dialect).filter(({ number }) => !applied.includes(number));
  return {
    current: Math.max(...applied),
    pending: pending.map((migration) => ({ id: migrationId(migration), brings: describeMigration(migration) })),
  };
}

/** Every step leaves its number in the file's header; the table of steps may be anybody's. */
export function readFileMigrations(db: Database.Database): StoreMigrations {
  const version = Number(db.pragma('user_version', { simple: true }));
  return holdAgainst(
    'sqlite',
    Array.from({ length: Math.max(0, Math.min(version, MOST)) }, (_, i) => i + 1),
  );
}
/** What is no number of ours is no reason to make a list of it. */
const MOST = 9_999;
