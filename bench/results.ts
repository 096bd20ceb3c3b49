import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { runStep } from '../scripts/run-tool.ts';
import { PEERS, type EngineName } from './bench-engine.ts';
import { choiceKey, type Choices } from './check-answers.ts';
import { SIZES, type Size } from './data.ts';
import type { MemoryUses } from './measure-memory.ts';
import type { NewDayTimes } from './measure-new-day.ts';
import type { ScrubTimes } from './measure-scrub.ts';
import type { StartTimes } from './measure-start.ts';
import type { HeldBytes, QuestionTimes } from './measure-warm.ts';

/** `results/<size>.json`: everything the table and docs/performance.md are made from. Times in ms, sizes in bytes. */
export interface BenchResults {
  readonly size: Size;
  readonly quick: boolean;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** Load average of a minute, before and behind the run: above the number of cores the ratios are doubtful. */
  readonly load: readonly [before: number, after: number];
  readonly seconds: number;
  readonly versions: Partial<Record<EngineName, string>>;
  readonly held: HeldBytes | null;
  readonly questions: readonly QuestionTimes[];
  readonly scrub: ScrubTimes | null;
  readonly starts: readonly StartTimes[];
  readonly newDay: NewDayTimes | null;
  readonly memory: MemoryUses;
  /** What was not asked, and why. */
  readonly omissions: readonly string[];
}

export const getLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;
export const getMachine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`;
export const getCommit = (): string =>
  execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();

const FOLDER = path.join(import.meta.dirname, 'results');
const fileOf = (name: string): string => path.join(FOLDER, `${name}.json`);

/** A quick run has a file of its own, which is not kept in the repository. */
export function writeResults(results: BenchResults): void {
  mkdirSync(FOLDER, { recursive: true });
  const round = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
  const file = fileOf(results.quick ? 'quick' : results.size);
  writeFileSync(file, `${JSON.stringify(results, round, 2)}\n`);
  if (!results.quick) runStep({ label: 'format the results', tool: ['oxfmt', 'oxfmt'], args: [file] });
}

/** Of the runs in full, by size. */
export function readResults(): readonly BenchResults[] {
  return Object.keys(SIZES)
    .filter((size) => existsSync(fileOf(size)))
    .map((size) => JSON.parse(readFileSync(fileOf(size), 'utf8')) as BenchResults);
}

/** The formulations that won in the last run in full of this size (else of any): a quick run tries no others. */
export function readChoices(size: Size): Choices {
  const all = readResults();
  const { questions = [] } = all.find((results) => results.size === size) ?? all[0] ?? {};
  return new Map(
    questions.flatMap(({ question, engines }) =>
      PEERS.flatMap((peer) => {
        const formulation = engines[peer]?.formulation;
        return formulation === undefined ? [] : [[choiceKey(peer, question), formulation] as const];
      }),
    ),
  );
}
