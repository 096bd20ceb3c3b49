import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { EngineName } from './bench-engine.ts';
import type { Opened } from './engine-process.ts';
import type { StartTimes } from './measure-start.ts';
import type { QuestionTimes, WarmMeasure } from './measure-warm.ts';

/** `results.json`: everything the table and docs/performance.md are made from. Times in ms, sizes in bytes. */
export interface BenchResults {
  readonly size: string;
  readonly events: number;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  /** Load average of a minute, before and behind the run: above the number of cores the ratios are doubtful. */
  readonly load: readonly [before: number, after: number];
  readonly engines: Partial<Record<EngineName, Opened>>;
  readonly questions: readonly QuestionTimes[];
  readonly starts: readonly StartTimes[];
  readonly memory: WarmMeasure['memory'];
  /** What was not asked, and why. */
  readonly omissions: readonly string[];
}

/** True of every run. */
export const OMISSIONS: readonly string[] = [
  'PostgreSQL: its packaged server does not run as root without adding a user to the system; as a row store it is among the slowest.',
  'Peers are timed without fetching the rows of the two hourly questions; ours fetches them, and unique actors with them.',
  'State at every hour: the running sum over the hours is left out of the peers’ time.',
];
export const getLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;
export const getMachine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`;
export const getCommit = (): string =>
  execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
