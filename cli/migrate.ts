import { resolve } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import type { MigrateSummary } from '../worker/admin/migrate.ts';
import type { MigrationStatus } from '../worker/admin/migration-status.ts';
import type { MigrationStore } from '../worker/admin/migration-store.ts';
import { PARTITION_UNITS, type PartitionUnit } from '../worker/admin/partition-plan.ts';
import { say, writeJson, writeOut } from './console.ts';
import { wholeNumber } from './flags.ts';
import { SOURCE_HELP } from './source-flags.ts';
import { resolveSource, type SourceRequest } from './source-request.ts';
import { formatTable } from './text-table.ts';

const ACTIONS = ['up', 'down', 'status', 'new'] as const;
interface Flags {
  readonly to?: number;
  readonly by: PartitionUnit;
  readonly yes?: boolean;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addMigrate(program: Command): Command {
  return program
    .command('migrate')
    .description('make or change the tables of an event store: what is pending, apply it, take it back')
    .argument('<source>', SOURCE_HELP)
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('[name]', 'new: what the migration is about, like refund-events')
    .option('--to <number>', 'stop at this number (default: up = the newest, down = one less)', wholeNumber(0, 9_999))
    .addOption(new Option('--by <unit>', 'partitions of a new store').choices(PARTITION_UNITS).default('month'))
    .option('--yes', 'down: remove the tables although there are events in them')
    .option('--data-dir <folder>', 'where saved connections are')
    .option('--json', 'JSON')
    .action(runMigrate);
}

async function runMigrate(
  source: string,
  action: (typeof ACTIONS)[number],
  name: string | undefined,
  flags: Flags,
): Promise<void> {
  if ((action === 'new') !== (name !== undefined))
    throw new EngineError('E_USAGE', 'Only `migrate SOURCE new NAME` takes a name, and needs one.', {
      hint: 'For example `tributary migrate shop.db new refund-events`.',
    });
  if (name !== undefined) return makeNew(name, flags);
  const request = await resolveSource(source, { dataDir: flags.dataDir });
  const store = await openStore(request, action === 'up');
  try {
    if (action === 'status' || action === 'new') return await showStatus(store, flags);
    const { migrate } = await import('../worker/admin/migrate.ts');
    const done = await migrate(store, action, { to: flags.to, loseEvents: flags.yes });
    await (flags.json === true ? writeJson(done) : writeOut(describe(done)));
    if (done.steps.includes('0001-event-store') && action === 'up') await makePartitions(request, flags);
  } finally {
    await store.close();
  }
}

async function makeNew(name: string, flags: Flags): Promise<void> {
  const { makeMigration } = await import('../worker/admin/new-migration.ts');
  const files = makeMigration(name);
  await (flags.json === true ? writeJson({ files }) : writeOut(files.join('\n')));
}

async function openStore({ ref, password }: SourceRequest, create: boolean): Promise<MigrationStore> {
  if (ref.kind === 'postgres') {
    const { openPostgresMigrations } = await import('../worker/admin/postgres-migrations.ts');
    return openPostgresMigrations(ref.target, { password });
  }
  const { openSqliteMigrations } = await import('../worker/admin/sqlite-migrations.ts');
  return openSqliteMigrations(resolve(ref.path), { create });
}

async function showStatus(store: MigrationStore, flags: Flags): Promise<void> {
  const { readStatus } = await import('../worker/admin/migration-store.ts');
  const status = await readStatus(store);
  await (flags.json === true ? writeJson(status) : writeOut(describeStatus(status)));
}

/** A new store can take events at once. */
async function makePartitions({ ref, password }: SourceRequest, flags: Flags): Promise<void> {
  if (ref.kind !== 'postgres') return;
  const { withAdminClient } = await import('../worker/admin/admin-client.ts');
  const { ensurePartitions } = await import('../worker/admin/partitions.ts');
  const { created } = await withAdminClient(ref.target, { password }, (client) =>
    ensurePartitions(client, { unit: flags.by }),
  );
  const [first, last] = [created[0]?.name, created.at(-1)?.name];
  if (first !== undefined) say(`note: made ${created.length} partitions, ${first} to ${last}`);
}

function describe({ direction, steps, status }: MigrateSummary): string {
  if (steps.length === 0) return `Nothing to do: the store is at ${status.current}.`;
  const verb = direction === 'up' ? 'Applied' : 'Took back';
  return `${verb} ${steps.join(', ')}. The store is at ${status.current}.`;
}

const describeStatus = ({ steps, pending }: MigrationStatus): string =>
  [
    formatTable([
      ['migration', 'state', 'since'],
      ...steps.map((s) => [s.id, s.state, s.appliedAt?.slice(0, 16) ?? '']),
    ]),
    pending.length === 0 ? 'Nothing is pending.' : `${pending.length} pending: tributary migrate SOURCE up`,
  ].join('\n');
