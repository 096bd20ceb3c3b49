import { readMigrations, type Dialect, type Migration } from '../../migrations/read-migrations.ts';
import { compareMigrations, type AppliedStep, type MigrationStatus } from './migration-status.ts';

export type Direction = 'up' | 'down';

/** Where migrations are applied: a database with a table of what was applied to it. */
export interface MigrationStore {
  readonly dialect: Dialect;
  /** Changes nothing, and works before the first migration. */
  readApplied(): Promise<readonly AppliedStep[]>;
  /** One step and its entry in one transaction: after a failure or a crash the store is as before the step. */
  run(migration: Migration, direction: Direction): Promise<void>;
  /** Whether the store holds events that going back to nothing would destroy. */
  hasEvents(): Promise<boolean>;
  /** Runs `work` while no other runner can. Throws E_BUSY when another one does not end. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Of applied steps; the columns are the same in both dialects. */
export const APPLIED_TABLE = 'schema_migrations';

/** What is applied to a store and what is pending; changes nothing. */
export const readStatus = async (store: MigrationStore): Promise<MigrationStatus> =>
  compareMigrations(readMigrations(store.dialect), await store.readApplied());
