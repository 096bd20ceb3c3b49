// npm run bench [-- --users N] [--threads N]: opens a generated snapshot and asks the usual questions; prints a table
// and writes bench/results.json. Peers and the full protocol come with the performance issue; SQLite's own SQL is here.
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Reply } from '../protocol/index.ts';
import { DIRT } from '../samples/dirt.ts';
import { generateSample } from '../samples/generate-sample.ts';
import { createEngine } from '../worker/host.ts';
import { QUESTIONS, type Question } from './questions.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '160000' },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});
const users = Number(options.users);
const rounds = Number(options.rounds);
const threads = options.threads === undefined ? cpus().length : Number(options.threads);
const cache = path.join(import.meta.dirname, '../node_modules/.cache/bench');
const file = path.join(cache, `sample-${users}.db`);
const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-bench-'));

function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message}`);
}
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
async function timed<T>(work: () => Promise<T> | T): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

if (!existsSync(file)) {
  mkdirSync(cache, { recursive: true });
  const made = generateSample({
    out: file,
    users,
    seed: 7,
    clean: new Set(DIRT),
    writerThreadUrl: new URL('../samples/writer-thread.ts', import.meta.url),
  });
  console.log(
    `sample: ${made.events.toLocaleString('en')} events in ${made.seconds.toFixed(1)} s (${made.eventsPerSecond.toLocaleString('en')}/s)`,
  );
}

const engine = createEngine({ dataDir, threads });
const sql = new Database(file, { readonly: true });
let peakRss = 0;
const watch = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 20);
const [source, openMs] = await timed(async () =>
  unwrap(await engine.open({ requestId: 'open', ref: { kind: 'sqlite', path: file } })),
);
const openPeak = peakRss;

/** A far as-of of its own makes each document new, so that no answer comes from the cache. */
async function ask(question: Question, round: number): Promise<[readonly number[], number]> {
  const document = { ...question.analysis, asOf: `2030-01-01T00:00:0${round % 10}Z` };
  const [result, ms] = await timed(async () =>
    unwrap(await engine.run({ requestId: `q${round}`, sourceId: source.sourceId, analysis: document })),
  );
  return [question.figures(result), ms];
}

const rows = [];
for (const question of QUESTIONS) {
  const [figures, firstMs] = await ask(question, 0);
  const warm: number[] = [];
  for (let round = 1; round <= rounds; round++) warm.push((await ask(question, round))[1]);
  let sqlMs: number | null = null;
  if (question.sql !== undefined) {
    const statement = sql.prepare(question.sql).raw();
    const [answer, ms] = await timed(() => (statement.all() as number[][]).flat());
    if (JSON.stringify(answer) !== JSON.stringify(figures))
      throw new Error(`${question.name}: SQL says ${answer.slice(0, 8).join()}, we say ${figures.slice(0, 8).join()}`);
    sqlMs = ms;
  }
  const warmMs = median(warm);
  rows.push({
    question: question.name,
    firstMs: Math.round(firstMs),
    warmMs: Number(warmMs.toFixed(1)),
    nsPerEvent: Number(((warmMs * 1e6) / source.events).toFixed(1)),
    sqlMs: sqlMs === null ? null : Math.round(sqlMs),
    ratio: sqlMs === null ? null : Math.round(sqlMs / warmMs),
  });
}
clearInterval(watch);

const summary = {
  events: source.events,
  actors: source.actors,
  fileMb: Math.round(statSync(file).size / 1e6),
  threads,
  openSeconds: Number((openMs / 1000).toFixed(2)),
  openRowsPerSecond: Math.round((source.events / openMs) * 1000),
  segmentBytesPerEvent: Number((source.memoryBytes / source.events).toFixed(2)),
  peakRssOpen: megabytes(openPeak),
  peakRss: megabytes(peakRss),
};
console.log(summary);
console.table(rows);
writeFileSync(
  path.join(import.meta.dirname, 'results.json'),
  `${JSON.stringify({ ...summary, node: process.version, rows }, null, 2)}\n`,
);
sql.close();
await engine.stop();
rmSync(dataDir, { recursive: true, force: true });
