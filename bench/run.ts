// npm run bench [-- --quick | --size 10M] [--rounds N] [--questions a,b] [--engines a,b] [--keep]: the usual questions
// to us and to our peers on the same data; prints one table of ratios and writes bench/results.json.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SIZES, ensureData, removeData, type Size } from './data.ts';
import { ENGINE_NAMES, type EngineName } from './bench-engine.ts';
import { measureStarts } from './measure-start.ts';
import { measureWarm } from './measure-warm.ts';
import { QUESTIONS } from './questions.ts';
import { formatTable, getLoad, getMachine, type BenchResults } from './report.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    size: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    questions: { type: 'string' },
    engines: { type: 'string' },
    /** Comma-separated thread counts; the first one also opens. */
    threads: { type: 'string', default: '2,1' },
    /** Leave the data for the next run. */
    keep: { type: 'boolean', default: false },
  },
});
const here = import.meta.dirname;
const say = (text: string): void => console.error(text);

/** Peers are heavy, so they are not among the project's own dependencies. */
function installPeers(): void {
  if (existsSync(path.join(here, 'node_modules'))) return;
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
const listed = <T extends string>(text: string | undefined, all: readonly T[]): readonly T[] =>
  text === undefined ? all : all.filter((name) => text.split(',').includes(name));
const getCommit = (): string =>
  execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: here }).trim();

async function run(): Promise<BenchResults> {
  const size = getSize();
  const before = getLoad();
  const engines = listed<EngineName>(options.engines, ENGINE_NAMES);
  const questions = QUESTIONS.filter(({ id }) =>
    listed(
      options.questions,
      QUESTIONS.map((q) => q.id),
    ).includes(id),
  );
  const paths = await ensureData(size, engines, say);
  const [threads = 2, ...otherThreads] = options.threads.split(',').map(Number);
  const rounds = Number(options.rounds);

  const common = { paths, questions, rounds, say };
  const warm = await measureWarm({ ...common, engines, threads });
  const others = [];
  const withoutRowStore = engines.filter((name) => name !== 'sqlite');
  for (const count of otherThreads)
    others.push(await measureWarm({ ...common, engines: withoutRowStore, threads: count }));
  const startRounds = options.quick ? 3 : rounds;
  // Raw first: it leaves behind what a known opening finds.
  const raw = await measureStarts('raw', { paths, engines, threads, rounds: startRounds });
  const known = await measureStarts('known', { paths, engines, threads, rounds: startRounds });
  return {
    size,
    events: warm.events,
    commit: getCommit(),
    date: new Date().toISOString(),
    machine: getMachine(),
    node: process.version,
    versions: warm.versions,
    load: [before, getLoad()],
    questions: [warm, ...others].flatMap((w) => w.questions),
    starts: [...known, ...raw],
    memory: warm.memory,
  };
}

installPeers();
try {
  const results = await run();
  writeFileSync(path.join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log(formatTable(results));
} finally {
  if (!options.keep) removeData();
}
