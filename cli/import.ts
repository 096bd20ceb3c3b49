import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { TIME_FORMATS, type TimeFormat } from '../protocol/source-names.ts';
import type { ImportFormat, ImportSummary } from '../worker/source/import.ts';
import { endProgress, say, showProgress, writeJson, writeOut } from './console.ts';
import { onInterrupt } from './engine-session.ts';

const IMPORT_FORMATS: readonly ImportFormat[] = ['csv', 'jsonl'];

interface Flags {
  readonly out: string;
  readonly format?: ImportFormat;
  readonly delimiter?: string;
  readonly actor?: string;
  readonly event?: string;
  readonly eventConstant?: string;
  readonly time?: string;
  readonly timeFormat?: TimeFormat;
  readonly recordedAt?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addImport(program: Command): Command {
  return program
    .command('import')
    .description('bring a CSV or JSON Lines file into a snapshot')
    .argument('<file>', 'CSV (comma, semicolon, tab or bar) or JSON Lines, UTF-8')
    .requiredOption('--out <file>', 'the snapshot to make')
    .addOption(new Option('--format <format>', 'default: by the file').choices(IMPORT_FORMATS))
    .option('--delimiter <character>', 'CSV; default: what the first line has most of')
    .option('--actor <column>', 'column of the actor; default: by names and values')
    .option('--event <column>', 'column of the event name')
    .option('--event-constant <name>', 'one event name for every row')
    .option('--time <column>', 'column of the event time; times without an offset are UTC')
    .addOption(new Option('--time-format <format>', 'default: by the values').choices(TIME_FORMATS))
    .option('--recorded-at <column>', 'column of the time when a row became known')
    .option('--force', 'replace an existing snapshot')
    .option('--json', 'the summary as JSON')
    .action(runImport);
}

async function runImport(input: string, flags: Flags): Promise<void> {
  const { importFile } = await import('../worker/source/import.ts');
  const interrupts = onInterrupt(() => undefined);
  const startedAt = Date.now();
  try {
    const summary = await importFile(
      {
        ...flags,
        input: resolve(input),
        out: resolve(flags.out),
        delimiter: flags.delimiter === '\\t' ? '\t' : flags.delimiter,
        mapping: flags,
      },
      (bytes, total) => {
        const elapsed = Date.now() - startedAt;
        showProgress({
          requestId: '',
          phase: 'scan',
          done: bytes,
          total,
          unit: 'bytes',
          perSecond: (bytes * 1_000) / Math.max(1, elapsed),
          etaMs: (elapsed * (total - bytes)) / Math.max(1, bytes),
        });
        return interrupts.seen();
      },
    );
    endProgress();
    for (const { line, reason } of summary.rejectedRows) say(`line ${line} ${reason}`);
    if (summary.rejected > summary.rejectedRows.length)
      say(`… and ${(summary.rejected - summary.rejectedRows.length).toLocaleString('en-US')} more`);
    await (flags.json === true ? writeJson(summary) : writeOut(describeImport(summary)));
  } finally {
    endProgress();
    interrupts.stop();
  }
}

function describeImport(s: ImportSummary): string {
  const n = (value: number): string => value.toLocaleString('en-US');
  const event = s.columns.event === null ? `“${s.columns.eventConstant ?? ''}” for every row` : s.columns.event;
  return [
    `${s.out}: ${n(s.events)} events of ${n(s.actors)} actors, ${s.firstTime ?? ''} to ${s.lastTime ?? ''}`,
    `actor ${s.columns.actor}, event ${event}, time ${s.columns.time} (${s.columns.timeFormat})`,
    ...Object.entries(s.renamed).map(([from, to]) => `column ${from} is not the actor and became the property ${to}`),
    ...(s.rejectedFile === null
      ? []
      : [`${n(s.rejected)} of ${n(s.rows)} rows are no events; they are kept in ${s.rejectedFile}`]),
    `${s.seconds.toFixed(1)} s, ${n(s.rowsPerSecond)} rows a second`,
  ].join('\n');
}
