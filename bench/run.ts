// npm run bench [-- --quick | --size 10M] [--rounds N] [--questions a,b] [--engines a,b] [--warm] [--remove]: the usual questions
// to us and to our peers on the same data; prints one table of ratios and writes bench/results.json.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SIZES, ensureData, removeData, type Size } from './data.ts';
import { ENGINE_NAMES, type DataPaths, type EngineName } from './bench-engine.ts';
import { measureStarts, type StartTimes } from './measure-start.ts';
import { measureWarm, type QuestionTimes, type WarmOptions } from './measure-warm.ts';
import { QUESTIONS } from './questions.ts';
import { OMISSIONS, getCommit, getLoad, getMachine, type BenchResults } from './results.ts';
import { formatTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    size: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    questions: { type: 'string' },
    engines: { type: 'string' },
    /** Two threads only, nothing from process start. */
    warm: { type: 'boolean', default: false },
    /** Remove the data behind the run; else it waits for the next one in node_modules/.cache/bench. */
    remove: { type: 'boolean', default: false },
  },
});
const here = import.meta.dirname;
const OPENINGS = { raw: 'First open', known: 'Reopen' } as const;
const say = (text: string): void => console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${text}`);

/** Peers are heavy, so they are not among the project's own dependencies. */
function installPeers(): void {
  if (existsSync(path.join(here, 'node_modules/.package-lock.json'))) return;
  say('installing the peers (once)');
  execFileSync('npm', ['ci', '--prefix', here, '--no-fund', '--no-audit'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}

function getSize(): Size {
  const size = options.size ?? '1M';
  if (!(size in SIZES)) throw new Error(`--size is one of ${Object.keys(SIZES).join(', ')}.`);
  return size as Size;
}

async function measureAlone(
  wanted: Pick<WarmOptions, 'paths' | 'questions' | 'rounds' | 'engines' | 'choices'>,
): Promise<readonly QuestionTimes[]> {
  say('one thread');
  const rounds = options.quick ? Math.min(3, wanted.rounds) : wanted.rounds;
  const engines = wanted.engines.filter((name) => name !== 'sqlite');
  const measure = await measureWarm({ ...wanted, engines, rounds, threads: 1, say: () => undefined });
  return measure.questions;
}

async function measureAllStarts(
  paths: DataPaths,
  engines: readonly EngineName[],
  rounds: number,
): Promise<readonly StartTimes[]> {
  say('from process start');
  const start = { paths, engines, threads: 2, rounds: options.quick ? 2 : rounds };
  // Raw first: it leaves behind what a known opening finds.
  const raw = await measureStarts('raw', start);
  return [...(await measureStarts('known', start)), ...raw];
}

async function run(): Promise<BenchResults> {
  const size = getSize();
  const before = getLoad();
  const engines = ENGINE_NAMES.filter((name) => options.engines?.split(',').includes(name) ?? true);
  const questions = QUESTIONS.filter(({ id }) => options.questions?.split(',').includes(id) ?? true);
  const paths = await ensureData(size, engines, say);
  const rounds = Number(options.rounds);

  say('two threads');
  const common = { paths, questions, rounds };
  const warm = await measureWarm({ ...common, engines, threads: 2, choices: new Map(), say });
  const alone = options.warm ? [] : await measureAlone({ ...common, engines, choices: warm.choices });
  const starts = options.warm ? [] : await measureAllStarts(paths, engines, rounds);
  return {
    size,
    events: warm.opened.tributary?.events ?? 0,
    commit: getCommit(),
    date: new Date().toISOString(),
    machine: getMachine(),
    node: process.version,
    load: [before, getLoad()],
    engines: warm.opened,
    questions: [...warm.questions, ...alone],
    starts,
    memory: warm.memory,
    omissions: [
      ...OMISSIONS,
      ...warm.omissions,
      ...starts.flatMap((s) => (s.omitted === undefined ? [] : [`${OPENINGS[s.opening]}: ${s.omitted}.`])),
    ],
  };
}

installPeers();
const results = await run();
writeFileSync(path.join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
console.log(formatTable(results));
if (options.remove) removeData();
