import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { DEFAULT_AHEAD, PARTITION_UNITS, startOf, type PartitionUnit } from '../worker/admin/partition-plan.ts';
import type { PartitionInfo, PartitionList } from '../worker/admin/read-partitions.ts';
import { writeJson, writeOut } from './console.ts';
import { parseHour } from './hour-flag.ts';
import { wholeNumber } from './flags.ts';
import { openServer } from './server-source.ts';
import { formatTable } from './text-table.ts';

const ACTIONS = ['ls', 'ensure', 'detach', 'attach', 'drop', 'repair'] as const;
type Action = (typeof ACTIONS)[number];
interface Flags {
  readonly by?: PartitionUnit;
  readonly ahead?: number;
  readonly from?: number;
  readonly to?: number;
  readonly before?: number;
  readonly keep?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly dataDir?: string;
  readonly json?: boolean;
}
type Client = Awaited<ReturnType<typeof openServer>>;

export function addPartitions(program: Command): Command {
  return program
    .command('partitions')
    .description('the partitions of an event store on a server: see them, make them ahead, take old ones out')
    .argument('<source>', 'postgres:// URL, or a saved connection')
    .addArgument(new Argument('<action>').choices(ACTIONS))
    .argument('[name...]', 'detach, attach, drop: these partitions')
    .addOption(new Option('--by <unit>', 'ensure, repair (default: as the newest there is)').choices(PARTITION_UNITS))
    .option(
      '--ahead <n>',
      `ensure: how many after the present one (default: ${describeAhead()})`,
      wholeNumber(0, 20_000),
    )
    .option('--from <time>', 'ensure: from this hour, day or month on, UTC', parseHour)
    .option('--to <time>', 'ensure: up to the one that holds this', parseHour)
    .option('--before <time>', 'detach, drop: all that end by then, UTC', parseHour)
    .option('--keep <age>', 'detach, drop: all that are older than this, like 24months or 90days', parseAge)
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'drop: yes, remove the events')
    .option('--data-dir <folder>', 'where saved connections are')
    .option('--json', 'JSON')
    .action(runPartitions);
}

const describeAhead = (): string => PARTITION_UNITS.map((unit) => `${DEFAULT_AHEAD[unit]} ${unit}s`).join(', ');

/** `24months`: the start of the unit so long ago, ms. */
function parseAge(text: string): number {
  const match = /^(\d{1,5})\s*(month|day|hour)s?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('An age like 24months, 90days or 72hours is needed.');
  return startOf(match[2] as PartitionUnit, Date.now(), -Number(match[1]));
}

async function runPartitions(source: string, action: Action, names: readonly string[], flags: Flags): Promise<void> {
  const client = await openServer(source, flags);
  const { closeClient } = await import('../worker/connection/close-client.ts');
  try {
    if (action === 'ls') await list(client, flags);
    else if (action === 'ensure') await ensure(client, flags);
    else if (action === 'repair') await repair(client, flags);
    else await move(client, action, names, flags);
  } finally {
    await closeClient(client);
  }
}

async function list(client: Client, flags: Flags): Promise<void> {
  const { readPartitions } = await import('../worker/admin/read-partitions.ts');
  const found = await readPartitions(client);
  await (flags.json === true ? writeJson(found) : writeOut(describeList(found)));
}

function describeList({ partitions, detached, default: home }: PartitionList): string {
  const row =
    (state: string) =>
    (p: PartitionInfo): string[] => [
      p.name,
      p.from,
      p.to,
      p.rows < 0 ? '' : p.rows.toLocaleString('en-US'),
      `${(p.bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`,
      p.foreign ? 'on another server' : state,
    ];
  const cells = [...partitions.map(row('')), ...detached.map(row('detached'))];
  const notes =
    home === null
      ? ['There is no default partition: events of other hours are refused.']
      : home.rows === 0
        ? []
        : [
            `${home.name} holds ${home.rows.toLocaleString('en-US')} events and must be empty: tributary partitions SOURCE repair`,
          ];
  return [formatTable([['partition', 'from', 'to', 'about rows', 'size', ''], ...cells]), ...notes].join('\n');
}

async function ensure(client: Client, flags: Flags): Promise<void> {
  const { ensurePartitions } = await import('../worker/admin/partitions.ts');
  const { created } = await ensurePartitions(client, { ...flags, unit: flags.by });
  if (flags.json === true) return writeJson({ dryRun: flags.dryRun === true, created });
  await writeOut(created.length === 0 ? 'Nothing is missing.' : `${would(flags, 'Made')} ${nameThem(created)}.`);
}

async function repair(client: Client, flags: Flags): Promise<void> {
  const { repairDefault } = await import('../worker/admin/partitions.ts');
  const { moved, left } = await repairDefault(client, { unit: flags.by, dryRun: flags.dryRun });
  if (flags.json === true) return writeJson({ dryRun: flags.dryRun === true, moved, left });
  const lines = moved.map(
    ({ name, events }) => `${would(flags, 'Moved')} ${events.toLocaleString('en-US')} events to ${name}.`,
  );
  if (left > 0) lines.push(`${left.toLocaleString('en-US')} events stay: their ts is no hour.`);
  await writeOut(lines.length === 0 ? 'The default partition is empty, as it must be.' : lines.join('\n'));
}

async function move(
  client: Client,
  action: 'detach' | 'attach' | 'drop',
  names: readonly string[],
  flags: Flags,
): Promise<void> {
  const { readPartitions } = await import('../worker/admin/read-partitions.ts');
  const { attachPartitions, detachPartitions, dropPartitions } = await import('../worker/admin/partitions.ts');
  const { partitions, detached } = await readPartitions(client);
  const from = { attach: detached, detach: partitions, drop: [...partitions, ...detached] }[action];
  const chosen = names.length > 0 ? pickByName(from, names) : pickByAge(from, action, flags);
  if (flags.dryRun !== true && chosen.length > 0) {
    if (action === 'drop') refuseDrop(chosen, flags);
    await { attach: attachPartitions, detach: detachPartitions, drop: dropPartitions }[action](client, chosen);
  }
  if (flags.json === true) return writeJson({ dryRun: flags.dryRun === true, action, partitions: chosen });
  const verb = { attach: 'Attached', detach: 'Detached', drop: 'Dropped' }[action];
  await writeOut(chosen.length === 0 ? 'Nothing to do.' : `${would(flags, verb)} ${nameThem(chosen)}.`);
}

function pickByName(from: readonly PartitionInfo[], names: readonly string[]): readonly PartitionInfo[] {
  return names.map((name) => {
    const found = from.find((partition) => partition.name === name);
    if (found !== undefined) return found;
    throw new EngineError('E_NO_SUCH_TABLE', `There is no such partition: ${name}.`, {
      hint: '`tributary partitions SOURCE ls` shows those that are there, and those that are detached.',
    });
  });
}

function pickByAge(from: readonly PartitionInfo[], action: string, { before, keep }: Flags): readonly PartitionInfo[] {
  const until = before ?? keep;
  if (until === undefined || action === 'attach')
    throw new EngineError('E_USAGE', `${action} needs to know which partitions.`, {
      hint: action === 'attach' ? 'Name them.' : 'Name them, or use --before 2025-01 or --keep 24months.',
    });
  const key = new Date(until).toISOString().slice(0, 13);
  return from.filter(({ to }) => to <= key);
}

function refuseDrop(chosen: readonly PartitionInfo[], flags: Flags): void {
  if (flags.yes === true) return;
  throw new EngineError('E_REFUSED', `This removes the events of ${nameThem(chosen)} for ever.`, {
    hint: 'Look at it with --dry-run, take a snapshot of them if need be, then add --yes.',
  });
}

const would = (flags: Flags, verb: string): string => (flags.dryRun === true ? `Not yet: ${verb}` : verb);

function nameThem(partitions: readonly { readonly name: string }[]): string {
  const [first, last] = [partitions[0]?.name ?? '', partitions.at(-1)?.name ?? ''];
  if (partitions.length <= 4) return partitions.map(({ name }) => name).join(', ');
  return `${partitions.length.toLocaleString('en-US')} partitions, ${first} to ${last}`;
}
