import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AnalysisDocument, AnalysisResult } from '../protocol/index.ts';
import type { DataPaths, EngineName } from './bench-engine.ts';
import { choiceKey, type Choices } from './check-answers.ts';
import { COMPILE_CACHE } from './data.ts';
import { rawClickhouseSql } from './engine-clickhouse.ts';
import { rawSqliteSql } from './engine-sqlite.ts';
import { ROW_WINDOW } from './ordered-sql.ts';
import type { Formulation, Question } from './question.ts';
import { START_QUESTION, getQuestion } from './questions.ts';
import { startProcess, type Started } from './start-process.ts';
import { getMedian } from './stats.ts';

/** `known`: the engine's own files are there. `raw`: nothing but the snapshot. `payload`: that, with three more columns. */
export type Opening = 'known' | 'raw' | 'payload';
export type Starter = 'tributary' | 'duckdb' | 'clickhouse' | 'sqlite';
/** From the start of a process to its first answer (`START_QUESTION`), files in the page cache. */
export interface StartTimes {
  readonly engine: Starter;
  readonly opening: Opening;
  readonly roundsMs: readonly number[];
  readonly medianMs: number;
  readonly peakBytes: number;
}
interface StartOptions {
  readonly paths: DataPaths;
  readonly engines: readonly EngineName[];
  readonly threads: number;
  readonly rounds: number;
  readonly choices: Choices;
}

const here = import.meta.dirname;
const PEER = path.join(here, 'start-peer.mjs');
/** Ours as a user starts it: the built command line. */
const OURS = path.join(here, '../out/main/tributary.js');

/** Asked for columns whose values do not matter: each event has one or has none. */
const PAYLOAD = ['plan_id', 'amount_cents', 'shop_id'];
const withPayload = (analysis: AnalysisDocument): AnalysisDocument => ({
  ...analysis,
  where: PAYLOAD.map((prop) => ({
    or: [
      { prop, op: 'is_set' },
      { prop, op: 'is_not_set' },
    ],
  })),
});

/** What can open so. DuckDB's reader of SQLite is not in its npm package; Postgres is a server that is always there. */
const STARTERS: Readonly<Record<Opening, readonly Starter[]>> = {
  known: ['tributary', 'duckdb', 'clickhouse', 'sqlite'],
  raw: ['tributary', 'clickhouse', 'sqlite'],
  payload: ['tributary'],
};

/** Interleaved: each round starts every engine once, after one start that is not counted. The answers must be equal. */
export async function measureStarts(opening: Opening, options: StartOptions): Promise<readonly StartTimes[]> {
  const question = getQuestion(START_QUESTION);
  const started = new Map(
    STARTERS[opening].filter((name) => options.engines.includes(name)).map((engine) => [engine, [] as Started[]]),
  );
  const answers = new Set<string>();
  for (let round = -1; round < options.rounds; round++)
    for (const [engine, all] of started) {
      // SQL on the raw snapshot takes too long to be asked twice.
      if (engine === 'sqlite' && opening === 'raw' && round >= 0) continue;
      const once = await startOnce(engine, opening, question, options);
      answers.add(readAnswer(engine, once.text, question));
      if (round >= 0 || (engine === 'sqlite' && opening === 'raw')) all.push(once);
    }
  if (answers.size !== 1) throw new Error(`First answers differ: ${[...answers].join(' and ')}.`);
  return [...started].map(([engine, all]) => ({
    engine,
    opening,
    roundsMs: all.map((once) => once.ms),
    medianMs: getMedian(all.map((once) => once.ms)),
    peakBytes: Math.max(...all.map((once) => once.peakBytes)),
  }));
}

function readAnswer(engine: Starter, text: string, question: Question): string {
  const parsed: unknown = JSON.parse(text);
  return JSON.stringify(engine === 'tributary' ? question.rows(parsed as AnalysisResult) : parsed);
}

function startOnce(engine: Starter, opening: Opening, question: Question, options: StartOptions): Promise<Started> {
  if (engine === 'tributary') return startOurs(opening, question, options);
  const { paths, threads, choices } = options;
  const all = question.sql[engine];
  const wanted = engine === 'sqlite' && opening === 'raw' ? ROW_WINDOW : choices.get(choiceKey(engine, question.id));
  const formulation = all.find((f) => f.name === wanted) ?? all[0];
  if (formulation === undefined) throw new Error(`${engine} has no way to ask ${question.id}.`);
  const [file, sql, settings] =
    opening === 'raw' ? askRaw(engine, paths, formulation) : askKnown(engine, paths, formulation);
  return startProcess([PEER, engine, String(threads), file, sql, settings], COMPILE_CACHE);
}

type Arguments = readonly [file: string, sql: string, settings: string];
const askKnown = (
  engine: Exclude<Starter, 'tributary'>,
  paths: DataPaths,
  { sql, settings = '' }: Formulation,
): Arguments => [paths[engine], sql, settings];
/** In-order aggregation needs the sorted table. */
const askRaw = (engine: Starter, { snapshot }: DataPaths, { sql }: Formulation): Arguments =>
  engine === 'clickhouse' ? ['', rawClickhouseSql(sql, snapshot), ''] : [snapshot, rawSqliteSql(sql), ''];

function startOurs(opening: Opening, { analysis }: Question, { paths, threads }: StartOptions): Promise<Started> {
  const dataDir = `${paths.dataDir}-start`;
  // What an earlier opening left would make this one known.
  if (opening !== 'known') rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const document = `${paths.dataDir}-${opening}.json`;
  writeFileSync(document, JSON.stringify(opening === 'payload' ? withPayload(analysis) : analysis));
  const args = [
    'run',
    paths.snapshot,
    document,
    '--json',
    '--counts',
    '--data-dir',
    dataDir,
    '--threads',
    String(threads),
  ];
  return startProcess([OURS, ...args], COMPILE_CACHE);
}
