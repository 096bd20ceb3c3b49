import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type ErrorCode, type Reply } from '../../protocol/errors.ts';
import type { Mapping } from '../../protocol/index.ts';
import { mapPostgresError } from '../../worker/connection/map-error.ts';
import type { RunnerTestSuite } from 'vitest';
import type { TestPostgres } from '../support/postgres.ts';

/** What the product holds: an error is there this long after a fault, and an answer this long after its end, ms. */
const ERROR_MS = 2_000;
const RETURN_MS = 3_000;
/** What a machine may add on which other tests want the same cores: the code itself gives up after 1.6 s. */
const ROOM_MS = 1_000;

/** The line broke, there is none, or what came over it makes no sense (which may be where TLS would begin). */
export const LOST: readonly ErrorCode[] = ['E_SERVER_LOST', 'E_CONNECT', 'E_TLS'];
/** Computes without a word; and says nothing while it waits. */
export const COMPUTING = 'SELECT count(*) FROM generate_series(1, 1000000000)';
export const SILENT = 'SELECT pg_sleep(20)';

export interface Failure {
  readonly code: ErrorCode;
  readonly ms: number;
}

/** What was thrown, and when: `ms` of `performance.now()`. */
export const asFailure = (thrown: unknown): Failure => ({ code: mapPostgresError(thrown).code, ms: performance.now() });

/** The failure and how long after `since` it came. */
export async function failureOf(work: Promise<unknown>, since = performance.now()): Promise<Failure> {
  try {
    await work;
  } catch (thrown) {
    const { code, ms } = asFailure(thrown);
    return { code, ms: ms - since };
  }
  throw new Error('This should have failed.');
}

/** A reply as a value, or thrown. */
export async function valueOf<T>(reply: Promise<Reply<T>>): Promise<T> {
  const settled = await reply;
  if (settled.ok) return settled.value;
  throw EngineError.fromData(settled.error);
}

/** For `toSatisfy`: one of these codes, in the time that is promised. */
export const inTime =
  (codes: readonly ErrorCode[] = LOST) =>
  ({ code, ms }: Failure): boolean => {
    figures.errors.push(ms);
    return codes.includes(code) && ms < ERROR_MS + ROOM_MS;
  };

/** All that was measured here, ms; `tests/perf/faults.ts` measures each kind on a quiet machine. */
const figures = { errors: [] as number[], returns: [] as number[] };
/** Faults of these files after which the next question was answered: 60 together are promised, within three minutes. */
export const FAULTS = { line: 29, query: 14, server: 5, engine: 40 } as const;
const MOST_MS = 180_000;
/** For `afterAll` of one of them; throws where it had fewer, or took longer. The files run side by side. */
export function countFaults(file: keyof typeof FAULTS): (_: object, suite: Readonly<RunnerTestSuite>) => void {
  const began = performance.now();
  // oxlint-disable-next-line no-empty-pattern
  return ({}, suite) => {
    const { errors, returns } = figures;
    console.log(`ms to the error: ${summarize(errors)}; to the next answer: ${summarize(returns)}`);
    const isWhole = suite.tasks.every((task) => task.mode !== 'skip');
    if (isWhole && returns.length < FAULTS[file]) throw new Error(`${returns.length} faults of ${FAULTS[file]}`);
    if (performance.now() - began > MOST_MS) throw new Error('these faults take longer than three minutes');
  };
}
/** `median 180, most 1,250 of 12` */
export function summarize(values: readonly number[]): string {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'none';
  return `median ${sorted[Math.floor(sorted.length / 2)]}, most ${sorted.at(-1)} of ${sorted.length}`;
}

/** For what `untilAnswered` answers: the question itself takes its time too where others want the same cores. */
export const BACK_MS = RETURN_MS + 6 * ROOM_MS;

/** Asks again and again, as a window would: after so many ms it was answered. Throws what came last after much longer. */
export async function untilAnswered(ask: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (;;) {
    try {
      await ask();
      const ms = performance.now() - began;
      figures.returns.push(ms);
      return ms;
    } catch (thrown) {
      if (performance.now() - began > 5 * BACK_MS) throw thrown;
      await sleep(50);
    }
  }
}

/** A table of events of a foreign schema, and how it is read. */
export const LOG_ROWS = 200_000;
export const LOG_MAPPING: Mapping = {
  table: 'log',
  actor: 'who',
  event: { column: 'what' },
  time: { column: 'at', format: 'auto' },
  properties: ['note'],
};
export async function makeLog(server: TestPostgres, database: string, rows = LOG_ROWS): Promise<void> {
  await server.createDatabase(database);
  await server.query(
    `CREATE TABLE log AS SELECT 'u' || i % 5000 AS who, (ARRAY['open', 'view', 'buy'])[1 + i % 3] AS what,
      timestamptz '2024-01-01' + i * interval '20 s' AS at, repeat('x', 50) || i AS note FROM generate_series(1, ${rows}) i`,
    database,
  );
}

/** Stops the postmaster and all it has started where they stand; answers how they go on. Linux only. */
export function standStill(server: TestPostgres): () => void {
  const children = execFileSync('ps', ['--ppid', String(server.pid()), '-o', 'pid='], { encoding: 'utf8' });
  const stopped = [server.pid(), ...children.trim().split(/\s+/).map(Number)];
  for (const pid of stopped) signal(pid, 'SIGSTOP');
  return () => stopped.forEach((pid) => signal(pid, 'SIGCONT'));
}

/** Nobody is there any more: then it is done. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // See above.
  }
}
