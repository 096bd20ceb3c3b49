import { migrationId, type Migration } from '../../migrations/read-migrations.ts';
import { EngineError } from '../../protocol/errors.ts';

/** A step as the store remembers it. */
export interface AppliedStep {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  /** ISO, UTC; null = made together with the file. */
  readonly appliedAt: string | null;
}

/** `changed`: applied from another text than the file has now. `unknown`: applied by a newer Tributary. */
export type StepState = 'applied' | 'pending' | 'changed' | 'unknown';
export interface MigrationStep {
  /** `0001-event-store` */
  readonly id: string;
  readonly number: number;
  readonly state: StepState;
  readonly appliedAt: string | null;
}

export interface MigrationStatus {
  /** Newest applied number; 0 = no event store of ours. */
  readonly current: number;
  /** All steps of this program and of the store, ascending. */
  readonly steps: readonly MigrationStep[];
  /** Ids, in the order in which they would be applied. */
  readonly pending: readonly string[];
}

/** What is applied, held against what there is. Pure: nothing is applied by looking. */
export function compareMigrations(known: readonly Migration[], applied: readonly AppliedStep[]): MigrationStatus {
  const byNumber = new Map(applied.map((step) => [step.number, step]));
  const steps: MigrationStep[] = known.map((migration) => {
    const done = byNumber.get(migration.number);
    const same = done?.checksum === migration.checksum && done.name === migration.name;
    const state = done === undefined ? 'pending' : same ? 'applied' : 'changed';
    return { id: migrationId(migration), number: migration.number, state, appliedAt: done?.appliedAt ?? null };
  });
  const newest = known.at(-1)?.number ?? 0;
  for (const step of applied)
    if (step.number > newest)
      steps.push({ id: migrationId(step), number: step.number, state: 'unknown', appliedAt: step.appliedAt });
  return {
    current: Math.max(0, ...applied.map((step) => step.number)),
    steps,
    pending: steps.filter(({ state }) => state === 'pending').map(({ id }) => id),
  };
}

/** Nothing may be applied to or taken from a store whose past this program does not know. Throws E_REFUSED, E_UNSUPPORTED. */
export function refuseUnknownPast({ steps }: MigrationStatus): void {
  const changed = steps.find(({ state }) => state === 'changed');
  if (changed !== undefined)
    throw new EngineError('E_REFUSED', `Migration ${changed.id} was applied from another text than its file has now.`, {
      hint: 'Released migrations never change: put the file back, and write what is new as a migration of its own.',
    });
  const unknown = steps.find(({ state }) => state === 'unknown');
  if (unknown !== undefined)
    throw new EngineError(
      'E_UNSUPPORTED',
      `This store has migration ${unknown.id}, which this program does not know.`,
      {
        hint: 'Use the newer Tributary that applied it.',
      },
    );
}
