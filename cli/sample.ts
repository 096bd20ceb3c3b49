import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EngineError } from '../protocol/errors.ts';
import { DIRT, type Dirt } from '../samples/dirt.ts';
import type { SampleSummary } from '../samples/generate-sample.ts';
import { endProgress, showProgress, writeJson, writeOut } from './console.ts';
import { wholeNumber } from './flags.ts';
import { superviseChild } from './supervise.ts';

interface Flags {
  readonly out: string;
  readonly users: number;
  readonly seed: number;
  readonly months?: number;
  readonly end?: string;
  readonly clean?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addSample(program: Command): Command {
  return program
    .command('sample')
    .description('make a snapshot of made-up but realistic data; the same options make the same file')
    .requiredOption('--out <file>', 'where to put it')
    .option('--users <n>', 'accounts created', wholeNumber(1, 50_000_000), 10_000)
    .option('--seed <n>', 'another seed, other lives', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--months <n>', 'length of the history', wholeNumber(1, 240))
    .option('--end <date>', 'end of the history, YYYY-MM-DD')
    .option('--clean <kinds>', `dirt to leave out: all, or some of ${DIRT.join(',')}`)
    .option('--force', 'replace an existing file')
    .option('--json', 'the summary as JSON')
    .action(sample);
}

async function sample(flags: Flags): Promise<void> {
  const out = resolve(flags.out);
  // Generating never yields, so Ctrl-C would go unheard; the half-written file has the child's id in its name.
  if (await superviseChild(undefined, (pid) => removePartial(out, pid))) return;
  const { generateSample } = await import('../samples/generate-sample.ts');
  const startedAt = Date.now();
  const clean = parseDirt(flags.clean);
  const url = writerThreadUrl();
  try {
    const made = generateSample({
      out,
      users: flags.users,
      seed: flags.seed,
      clean,
      replace: flags.force === true,
      ...(flags.months === undefined ? {} : { months: flags.months }),
      ...(flags.end === undefined ? {} : { end: parseDay(flags.end) }),
      ...(url === undefined ? {} : { writerThreadUrl: url }),
      onProgress: (events, share) => {
        const seconds = (Date.now() - startedAt) / 1_000;
        showProgress({
          requestId: '',
          phase: 'sample',
          done: events,
          total: Math.round(events / Math.max(share, 1e-6)),
          unit: 'rows',
          perSecond: events / seconds,
          etaMs: (seconds * 1_000 * (1 - share)) / Math.max(share, 1e-6),
        });
      },
    });
    endProgress();
    await (flags.json === true ? writeJson(made) : writeOut(describeSample(made)));
  } finally {
    endProgress();
  }
}

function removePartial(out: string, pid: number): void {
  for (const suffix of ['', '-journal']) rmSync(`${out}.partial-${pid}${suffix}`, { force: true });
}

/** In a clone the source runs as it is; a build may lack the second thread, and then one does it all. */
function writerThreadUrl(): URL | undefined {
  if (import.meta.url.endsWith('.ts')) return new URL('../samples/writer-thread.ts', import.meta.url);
  const built = [new URL('writer-thread.js', import.meta.url), new URL('../writer-thread.js', import.meta.url)];
  return built.find((url) => existsSync(url));
}

function parseDirt(text: string | undefined): ReadonlySet<Dirt> {
  if (text === undefined) return new Set();
  if (text === 'all') return new Set(DIRT);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(DIRT as readonly string[]).includes(name));
  if (unknown === undefined) return new Set(names as Dirt[]);
  throw new EngineError('E_USAGE', `There is no dirt called “${unknown}”.`, {
    hint: `There are ${DIRT.join(', ')}, or all.`,
  });
}

function parseDay(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new EngineError('E_USAGE', `--end needs a day such as 2026-10-01, not “${text}”.`, { hint: 'Days are UTC.' });
}

function describeSample(made: SampleSummary): string {
  const n = (value: number): string => value.toLocaleString('en-US');
  const dirt = Object.entries(made.dirt).map(([kind, rows]) => `  ${kind} ${n(rows)}`);
  return [
    `${made.out}: ${n(made.events)} events, ${n(made.users)} users, ${n(made.shops)} shops, ${n(made.invoices)} invoices, ${n(made.payments)} payments, ${made.firstDay} to ${made.lastDay}`,
    'Dirt, as real stores have it:',
    ...dirt,
    `${made.seconds.toFixed(1)} s, ${n(made.eventsPerSecond)} events a second`,
  ].join('\n');
}
