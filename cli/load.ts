import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { TIME_FORMATS, type TimeFormat } from '../protocol/source-names.ts';
import type { LoadSummary } from '../worker/admin/load-summary.ts';
import { PARTITION_UNITS, type PartitionUnit } from '../worker/admin/partition-plan.ts';
import { endProgress, say, showProgress, writeJson, writeOut } from './console.ts';
import { onInterrupt } from './engine-session.ts';
import { resolveServer } from './server-source.ts';

interface Flags {
  readonly format?: 'csv' | 'jsonl';
  readonly delimiter?: string;
  readonly actor?: string;
  readonly event?: string;
  readonly eventConstant?: string;
  readonly time?: string;
  readonly timeFormat?: TimeFormat;
  readonly recordedAt?: string;
  readonly by?: PartitionUnit;
  readonly rejected?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addLoad(program: Command): Command {
  return program
    .command('load')
    .description('bring a snapshot, a CSV or a JSON Lines file into an event store on a server; again does no harm')
    .argument('<source>', 'postgres:// URL, or a saved connection')
    .argument('<file>', 'snapshot of our model, CSV or JSON Lines')
    .addOption(new Option('--format <format>', 'of a text file; default: by the file').choices(['csv', 'jsonl']))
    .option('--delimiter <character>', 'CSV; default: what the first line has most of')
    .option('--actor <column>', 'where the columns are not those of our model: the actor')
    .option('--event <column>', 'column of the event name')
    .option('--event-constant <name>', 'one event name for every row')
    .option('--time <column>', 'column of the event time; times without an offset are UTC')
    .addOption(new Option('--time-format <format>', 'default: by the values').choices(TIME_FORMATS))
    .option('--recorded-at <column>', 'column of the time when a row became known')
    .addOption(
      new Option('--by <unit>', 'missing partitions (default: as the newest there is)').choices(PARTITION_UNITS),
    )
    .option(
      '--rejected <file>',
      'where rows go that are no events; .rejected.csv or .jsonl is added (default: the name of the file, here)',
    )
    .option('--data-dir <folder>', 'where saved connections are')
    .option('--json', 'the summary as JSON')
    .action(runLoad);
}

async function runLoad(source: string, file: string, flags: Flags): Promise<void> {
  const { target, password } = await resolveServer(source, flags);
  const { loadFile } = await import('../worker/admin/load-any.ts');
  const interrupts = onInterrupt(() => undefined);
  const startedAt = Date.now();
  try {
    const done = await loadFile(target, { password }, resolve(file), {
      ...flags,
      mapping: flags,
      delimiter: flags.delimiter === '\\t' ? '\t' : flags.delimiter,
      unit: flags.by,
      rejected: resolve(flags.rejected ?? basename(file)),
      onProgress: (rows, total, unit) => {
        const elapsed = Math.max(1, Date.now() - startedAt);
        const perSecond = (rows * 1_000) / elapsed;
        const etaMs = (elapsed * (total - rows)) / Math.max(1, rows);
        showProgress({ requestId: '', phase: 'scan', done: rows, total, unit, perSecond, etaMs });
        return interrupts.seen();
      },
    });
    endProgress();
    for (const { line, reason } of done.rejectedRows) say(line === 0 ? `a row ${reason}` : `line ${line} ${reason}`);
    await (flags.json === true ? writeJson(done) : writeOut(describe(done)));
  } finally {
    endProgress();
    interrupts.stop();
  }
}

const n = (value: number): string => value.toLocaleString('en-US');

function describe(done: LoadSummary): string {
  const tables = Object.entries(done.tables)
    .filter(([, { added, updated, rejected }]) => added + updated + rejected > 0)
    .map(
      ([name, { added, updated, unchanged }]) =>
        `${name} ${n(added)} new, ${n(updated)} changed, ${n(unchanged)} as they were`,
    );
  return [
    `${n(done.loaded)} of ${n(done.rows)} events loaded, ${n(done.duplicate)} were there already, ${n(done.rejected)} rejected`,
    ...(done.rekeyed > 0 ? [`${n(done.rekeyed)} lay under an hour that is not theirs and were put right`] : []),
    ...(done.late > 0 ? [`${n(done.late)} belong to hours that were complete; their rollups count them now`] : []),
    ...tables,
    ...(done.partitions.length > 0 ? [`${n(done.partitions.length)} partitions made`] : []),
    ...(done.rejectedFile === null ? [] : [`rejected rows are kept in ${done.rejectedFile}`]),
    `${done.seconds.toFixed(1)} s, ${n(done.eventsPerSecond)} events a second`,
  ].join('\n');
}
