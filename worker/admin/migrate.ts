import { Umzug } from 'umzug';
import { migrationId, readMigrations } from '../../migrations/read-migrations.ts';
import { EngineError } from '../../protocol/errors.ts';
import { compareMigrations, refuseUnknownPast, type MigrationStatus } from './migration-status.ts';
import type { Direction, MigrationStore } from './migration-store.ts';

export interface MigrateOptions {
  /** The newest number that shall be applied afterwards. Default: up = all there are, down = one less than now. */
  readonly to?: number | undefined;
  /** Allows going back to a store without tables although there are events. */
  readonly loseEvents?: boolean | undefined;
}
export interface MigrateSummary {
  readonly direction: Direction;
  /** Ids of the steps taken, in order. */
  readonly steps: readonly string[];
  readonly status: MigrationStatus;
}

/**
 * Applies pending steps or takes applied ones back, one transaction a step, while no other runner can. Throws E_BUSY,
 * E_REFUSED (a changed file, events that would be lost), E_UNSUPPORTED (a newer store), E_USAGE, and what the store says.
 */
export function migrate(
  store: MigrationStore,
  direction: Direction,
  options: MigrateOptions = {},
): Promise<MigrateSummary> {
  return store.exclusively(async () => {
    const known = readMigrations(store.dialect);
    const before = compareMigrations(known, await store.readApplied());
    refuseUnknownPast(before);
    const goal = options.to ?? (direction === 'up' ? known.length : Math.max(0, before.current - 1));
    if (goal > known.length)
      throw new EngineError('E_USAGE', `There is no migration ${goal}.`, { hint: `The newest is ${known.length}.` });
    if (direction === 'down' && goal === 0 && before.current > 0 && options.loseEvents !== true)
      await refuseLoss(store);
    const steps = await takeSteps(store, direction, goal);
    return { direction, steps, status: compareMigrations(known, await store.readApplied()) };
  });
}

async function refuseLoss(store: MigrationStore): Promise<void> {
  if (!(await store.hasEvents())) return;
  throw new EngineError(
    'E_REFUSED',
    'Taking back the first migration removes the tables, and there are events in them.',
    {
      hint: 'Take a snapshot first (`tributary snapshot`). Then add --yes to remove them.',
    },
  );
}

async function takeSteps(store: MigrationStore, direction: Direction, goal: number): Promise<readonly string[]> {
  const known = readMigrations(store.dialect);
  const taken: string[] = [];
  const applied = (await store.readApplied()).map(migrationId);
  const umzug = new Umzug({
    migrations: known.map((migration) => {
      const name = migrationId(migration);
      const run = (towards: Direction) => async (): Promise<void> => {
        await store.run(migration, towards);
        taken.push(name);
      };
      return { name, up: run('up'), down: run('down') };
    }),
    // A step and its entry are one transaction, so the entry is made where the step is run.
    storage: {
      executed: () => Promise.resolve(applied),
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.resolve(),
    },
    logger: undefined,
  });
  const wanted = known
    .filter(({ number }) => (direction === 'up') === number <= goal)
    .map(migrationId)
    .filter((name) => applied.includes(name) === (direction === 'down'));
  if (wanted.length === 0) return [];
  try {
    await (direction === 'up' ? umzug.up({ migrations: wanted }) : umzug.down({ migrations: wanted.toReversed() }));
  } catch (thrown) {
    // umzug wraps what a step throws.
    throw thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  }
  return taken;
}
