// npm run bench [-- --quick | --size 10M] [--rounds N] [--questions a,b] [--engines a,b] [--warm] [--remove] [--report]:
// the usual questions to us and to our peers on the same data; prints one table, writes bench/results/<size>.json and,
// of a run in full, docs/performance.md. --report only writes that again. --postgres [--size 10M] measures an event store
// on a server instead: results/postgres-<size>.json and the table of docs/postgres.md. --partitions measures what planning
// costs by the size of partitions: the table of docs/event-store.md.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfOlder } from '../scripts/build-if-older.ts';
import { ENGINE_NAMES, ROW_STORES, TITLES } from './bench-engine.ts';
import type { Choices } from './check-answers.ts';
import { SIZES, ensureData, removeData, type Data, type Size } from './data.ts';
import { measureMemory } from './measure-memory.ts';
import { measureNewDay } from './measure-new-day.ts';
import { measureStarts, type StartTimes } from './measure-start.ts';
import { measureWarm, type QuestionTimes } from './measure-warm.ts';
import { QUESTIONS } from './questions.ts';
import { measurePartitions } from './partition-cost.ts';
import { measurePostgres } from './postgres.ts';
import { writeReport } from './report.ts';
import { getCommit, getLoad, getMachine, readChoices, writeResults, type BenchResults } from './results.ts';
import { describeRun, formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    size: { type: 'string', default: '1M' },
    rounds: { type: 'string' },
    questions: { type: 'string' },
    engines: { type: 'string' },
    /** Two threads only, nothing from process start, nothing appended. */
    warm: { type: 'boolean', default: false },
    /** Remove the data behind the run; else it waits for the next one in node_modules/.cache/bench. */
    remove: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    partitions: { type: 'boolean', default: false },
  },
});
const here = import.meta.dirname;
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
const THREADS = 2;
const isPart = options.questions !== undefined || options.warm;
const say = (text: string): void => console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${text}`);

/** Peers are heavy, so they are not among the project's own dependencies. */
function installPeers(): void {
  if (existsSync(path.join(here, 'node_modules/pg'))) return;
  say('installing the peers (once)');
  execFileSync('npm', ['ci', '--prefix', here, '--no-fund', '--no-audit'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}

function getSize(): Size {
  const { size } = options;
  if (!(size in SIZES)) throw new Error(`--size is one of ${Object.keys(SIZES).join(', ')}.`);
  return size as Size;
}

async function measureAlone({ paths, engines }: Data, choices: Choices): Promise<readonly QuestionTimes[]> {
  if (options.warm) return [];
  say('one thread');
  const measure = await measureWarm({
    paths,
    engines: engines.filter((name) => !ROW_STORES.includes(name)),
    questions: QUESTIONS.filter(isWanted),
    rounds: options.quick ? 1 : rounds,
    threads: 1,
    choices,
    say: () => undefined,
  });
  return measure.questions;
}

async function measureAllStarts({ paths, engines }: Data, choices: Choices): Promise<readonly StartTimes[]> {
  if (isPart) return [];
  say('from process start');
  const start = { paths, engines, threads: THREADS, rounds: options.quick ? 2 : rounds, choices };
  const payload = await measureStarts('payload', start);
  // Raw behind payload and before known: it leaves behind what a known opening finds.
  const raw = await measureStarts('raw', start);
  return [...(await measureStarts('known', start)), ...raw, ...payload];
}
const isWanted = ({ id }: { readonly id: string }): boolean => options.questions?.split(',').includes(id) ?? true;

async function run(): Promise<BenchResults> {
  const size = getSize();
  const before = getLoad();
  const wanted = ENGINE_NAMES.filter((name) => options.engines?.split(',').includes(name) ?? true);
  const data = await ensureData(size, wanted, say);
  const { paths, engines } = data;
  say('two threads');
  const questions = QUESTIONS.filter(isWanted);
  const known: Choices = options.quick ? readChoices(size) : new Map();
  const warm = await measureWarm({ paths, engines, questions, rounds, threads: THREADS, choices: known, say });
  const alone = await measureAlone(data, warm.choices);
  const starts = await measureAllStarts(data, warm.choices);
  if (!isPart) say('new days');
  const newDay = isPart || size === '50M' ? null : await measureNewDay(paths, THREADS);
  const memory = options.warm
    ? {}
    : await measureMemory({ paths, engines, questions, threads: THREADS, choices: warm.choices });
  const { versions, held, scrub } = warm;
  return {
    size,
    quick: options.quick || isPart,
    commit: getCommit(),
    date: new Date().toISOString(),
    machine: getMachine(),
    node: process.version,
    load: [before, getLoad()],
    seconds: performance.now() / 1000,
    versions,
    held,
    questions: [...warm.questions, ...alone],
    scrub,
    starts,
    newDay,
    memory,
    omissions: [
      ...ENGINE_NAMES.filter((name) => !wanted.includes(name)).map((name) => `${TITLES[name]}: not asked in this run.`),
      ...data.omissions,
      ...warm.omissions,
    ],
  };
}

if (options.partitions) await measurePartitions(say);
else if (options.postgres) {
  const { paths } = await ensureData(getSize(), [], say);
  await measurePostgres(getSize(), paths.snapshot, say);
} else if (!options.report) {
  if (!buildIfOlder()) process.exit(1);
  installPeers();
  const results = await run();
  writeResults(results);
  console.log([describeRun(results), '', formatTable(results), ...results.omissions.map((o) => `- ${o}`)].join('\n'));
  if (options.remove) removeData(results.size);
}
if (options.report || !(options.quick || isPart || options.postgres || options.partitions)) writeReport();
