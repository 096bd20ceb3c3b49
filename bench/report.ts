import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PEERS, TITLES, type Contestant } from './bench-engine.ts';
import { drawRatios, drawStarts, drawTimes } from './charts.ts';
import { getQuestion } from './questions.ts';
import { readResults, type BenchResults } from './results.ts';
import { describeRun, formatTable } from './table.ts';

const here = import.meta.dirname;
const DOCS = path.join(here, '../docs');
const PICTURES = 'performance';
/** Written by hand: what bounds a goal that is not reached, and what was tried. */
const NOTES = path.join(here, 'notes.md');

/** docs/performance.md and its pictures, from the results of the runs in full. Nothing is measured here. */
export function writeReport(): void {
  const all = readResults();
  const main = all.find(({ size }) => size === '10M') ?? all[0];
  if (main === undefined) throw new Error('There are no results of a run in full: npm run bench -- --size 10M.');
  mkdirSync(path.join(DOCS, PICTURES), { recursive: true });
  const pictures = { ratios: drawRatios(main), times: drawTimes(main), start: drawStarts(main) };
  for (const [name, svg] of Object.entries(pictures)) writeFileSync(path.join(DOCS, PICTURES, `${name}.svg`), svg);
  writeFileSync(path.join(DOCS, 'performance.md'), `${formatReport(main, all).trim()}\n`);
}

const formatReport = (main: BenchResults, all: readonly BenchResults[]): string =>
  [
    '# Performance',
    'Made by `npm run bench -- --report` from `bench/results/*.json`; change those scripts, not this text.',
    INTRODUCTION,
    `![Ratios to the best peer](${PICTURES}/ratios.svg)`,
    `![Times of all engines](${PICTURES}/times.svg)`,
    `![From process start, and memory](${PICTURES}/start.svg)`,
    ...all.map(formatRun),
    METHOD,
    '## How each engine is asked',
    `The formulation that won at ${main.size}; \`bench/question*.ts\` has them all.`,
    formatFormulations(main),
    CAVEATS,
    ...(existsSync(NOTES) ? [readFileSync(NOTES, 'utf8').trim()] : []),
  ].join('\n\n');

const formatRun = (results: BenchResults): string =>
  [
    `## ${results.size} events`,
    describeRun(results),
    formatTable(results),
    ...(results.omissions.length === 0 ? [] : [results.omissions.map((text) => `- ${text}`).join('\n')]),
  ].join('\n\n');

const INTRODUCTION = `Milliseconds, medians, two threads unless said. *By scan* is Tributary without anything derived from its columns (first
occurrences, counters); *Tributary* uses them; *in full* is the same with averages, medians and histograms, which no peer
computes. Ratios are the best peer's time over ours. Goals are for 10M events; within 20 % of one counts as reached,
because machines are noisy. The mean *of six* is that of both funnels of 7 and 30 days, hourly counts, daily actors,
transitions and the state at T.`;

const METHOD = `## Method

- \`npm run bench -- --size 1M|10M|50M\` (\`--quick\`: 1M, three rounds, the formulations that won before). Data are those of
  \`tributary sample --seed 7 --clean all\` with 160,000, 1,616,000 or 8,080,000 users: the same command makes the same events.
- **Ours** reads the SQLite snapshot as a user has it. **DuckDB** has a table sorted by (user, time) with integer users and
  enum types; **ClickHouse** (chdb, in process) the same as a MergeTree of one part ordered by (user, time); **SQLite** a
  WITHOUT ROWID table clustered by (user, time); **Postgres** an unlogged table in that order with a covering index, 1 GB of
  shared buffers, 512 MB for sorts, no fsync. Making these tables is not timed.
- Every formulation of every engine is asked once and its rows are compared with ours, all of them, as text. One difference
  and nothing is timed. Then the fastest formulation of each peer takes part.
- Each engine is a process of its own; only one works at a time. Of ours the threads are the built ones, as users have them. A round asks every engine in turn; a turn asks until
  60 ms are over (at most 15 times, one right after the other), and its median counts. The figure is the median of the rounds. Ours keeps no answers.
- Row stores need seconds a question: they are asked once.
- The two hourly questions are timed without fetching their rows from peers (a sum over them instead), ours with them; one
  line fetches them from all.
  At every hour, the running sum over the hours is left out of the peers' time.
- From process start: the least code that asks the engine, plain JavaScript, against our built command line; the clock
  stops at the last byte of the answer. Files are in the page cache; one start of each comes first and is not counted.
- First open with three columns: the same funnel with a condition on plan, amount and shop that every event meets.
- Memory is the peak resident size of a new process that opens and answers every question twice, without fetching rows.
- Scrubbing: 60 moments over 18 months, each equal to a scan's answer. A new day: the last day's events appended once more,
  five times; from asking to open the changed file until the funnel over it is answered; equal to a fresh engine's.`;

const CAVEATS = `## Caveats

- Peers hold five columns of each event and no actor names; ours holds names too, and reads any property on demand.
- DuckDB's reader of SQLite is not in its npm package, so it has no first open; Postgres is a server that is always there.
- Data of a clean sample: with late, doubled and misplaced rows ours answers by its own rules, which SQL would have to learn.
- A load above the number of cores, printed above each table, makes its ratios doubtful.`;

function formatFormulations({ questions }: BenchResults): string {
  const most = Math.max(...questions.map((q) => q.threads));
  const rows = questions
    .filter((q) => q.threads === most)
    .map((q) => {
      const nameOf = (peer: Contestant): string => q.engines[peer]?.formulation ?? '';
      return `| ${[getQuestion(q.question).name, ...PEERS.map(nameOf)].join(' | ')} |`;
    });
  const titles = PEERS.map((peer) => TITLES[peer]);
  return [`| | ${titles.join(' | ')} |`, `|---|${titles.map(() => '---|').join('')}`, ...rows].join('\n');
}
