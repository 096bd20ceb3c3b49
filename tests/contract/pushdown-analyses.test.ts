import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError } from '../../protocol/index.ts';
import type { AnswerBody } from '../../worker/compute/compute-module.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import {
  actorsByPushdown,
  answerByPushdown,
  createPostgresRunner,
  createSqliteRunner,
  type PushdownRunner,
} from '../support/pushdown-runner.ts';
import { NAMES, randomAnalysis } from '../support/random-analyses.ts';
import { randomOf } from '../support/random-log.ts';
import { chanceOf, randomPushdownLog } from '../support/random-pushdown.ts';
import { randomSelection } from '../support/random-selections.ts';
import { runCompute, selectActors } from '../support/run-compute.ts';
import { segmentOf } from '../support/timelines.ts';

/** TRIBUTARY_SEED=n and TRIBUTARY_RUNS=1 do a failure again. */
const FIRST_SEED = Number(process.env['TRIBUTARY_SEED'] ?? Date.now() % 1_000_000_000);
const RUNS = Number(process.env['TRIBUTARY_RUNS'] ?? 0);
const TYPES = [
  'rollup',
  'retention',
  'lifecycle',
  'stickiness',
  'transitions',
  'flow',
  'stepMatrix',
  'variants',
  'journey',
] as const;
type Type = (typeof TYPES)[number];

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

describe.each([
  { name: 'sqlite', runs: 80, open: () => Promise.resolve(createSqliteRunner()) },
  { name: 'postgres', runs: 30, open: () => createPostgresRunner(server.url()) },
] as const)('$name', ({ runs, open }) => {
  test.each(TYPES)(
    'random %s and the list behind one of its numbers are the engine’s',
    async (type) => {
      const runner = await open();
      try {
        let compared = 0;
        for (let seed = FIRST_SEED; seed < FIRST_SEED + (RUNS || runs); seed++)
          compared += await compare(type, seed, runner);
        // What cannot be said in SQL is the exception.
        expect(compared).toBeGreaterThan((RUNS || runs) * 0.9 - 1);
      } finally {
        await runner.close();
      }
    },
    120_000,
  );
});

/** 1 = answered in SQL, and equal; 0 = refused by the engine, too, or not said in SQL. */
async function compare(type: Type, seed: number, runner: PushdownRunner): Promise<0 | 1> {
  const chance = chanceOf(randomOf(seed));
  const log = randomPushdownLog(chance, NAMES);
  const document = randomAnalysis(type, chance, log);
  const told = `seed ${seed}: ${JSON.stringify(document)}`;
  const segment = segmentOf(log);
  const expected = await refusedOr(async () => runCompute(segment, document as never) as AnswerBody<Type>);
  const table = await runner.open(log);
  try {
    const answer = await refusedOr(() => answerByPushdown(table, document));
    if (expected === 'refused' || answer === 'refused') {
      expect(answer, told).toBe(expected);
      return 0;
    }
    if ('reason' in answer) return 0;
    expect(answer.body, `${told}\n${answer.sql}`).toEqual(expected);
    const selection = randomSelection(type, expected, chance, document);
    if (selection === null) return 1;
    const list = await actorsByPushdown(table, document, selection);
    if ('reason' in list) return 1;
    const ids = selectActors(segment, document as never, selection, expected as never);
    expect([...list].toSorted(), `${told}\n${JSON.stringify(selection)}`).toEqual(ids);
    return 1;
  } finally {
    await table.close();
  }
}

async function refusedOr<T>(work: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError) return 'refused';
    throw error;
  }
}
