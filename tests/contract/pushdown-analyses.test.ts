import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type AnalysisDocument } from '../../protocol/index.ts';
import type { AnswerBody } from '../../worker/compute/compute-module.ts';
import { startPostgres, VERSIONS, type PostgresVersion, type TestPostgres } from '../support/postgres.ts';
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
  'funnel',
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

const servers = new Map<PostgresVersion, TestPostgres>();
beforeAll(async () => {
  for (const version of VERSIONS) servers.set(version, await startPostgres({ version }));
}, 60_000);
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

/** In a database of its own. */
async function openPostgres(version: PostgresVersion, name: string): Promise<PushdownRunner> {
  const server = servers.get(version);
  if (server === undefined) throw new Error(`there is no server of version ${version}`);
  return createPostgresRunner(server.url(name === 'postgres' ? name : await server.createDatabase(name)));
}

/** All runs on a server are shared among its versions: each has other seeds. */
const DATABASES = [
  { name: 'SQLite', from: 0, runs: 80, open: (_name?: string) => Promise.resolve(createSqliteRunner()) },
  ...VERSIONS.map((version, i) => ({
    name: `PostgreSQL ${version}`,
    from: RUNS > 0 ? 0 : i * (30 / VERSIONS.length),
    runs: 30 / VERSIONS.length,
    open: (name = 'postgres') => openPostgres(version, name),
  })),
];

describe.each(DATABASES)('$name', ({ from, runs, open }) => {
  test.each(TYPES)(
    'random %s and the list behind one of its numbers are the engine’s',
    async (type) => {
      const runner = await open();
      try {
        let answered = 0;
        for (let run = 0; run < (RUNS || runs); run++) {
          const pairs = await ask(type, FIRST_SEED + from + run, runner);
          for (const { told, got, wanted } of pairs) expect({ told, answer: got }).toEqual({ told, answer: wanted });
          answered += pairs.length > 0 ? 1 : 0;
        }
        // What cannot be said in SQL is the exception.
        expect(answered).toBeGreaterThan((RUNS || runs) * 0.9 - 1);
      } finally {
        await runner.close();
      }
    },
    120_000,
  );
});

const HOSTILE = `x'; DROP TABLE log_1; -- " \\ $1 ? %_*[ \n*/ 😀`;
const HOSTILE_EVENT = { event: HOSTILE, where: [{ prop: HOSTILE, op: 'eq', value: HOSTILE }] };
const HOSTILE_DOCUMENTS: readonly AnalysisDocument[] = [
  { type: 'rollup', by: HOSTILE, sum: HOSTILE, event: HOSTILE_EVENT, title: HOSTILE },
  { type: 'retention', cohortEvent: HOSTILE_EVENT, returnEvent: { event: null } },
  { type: 'lifecycle', event: HOSTILE_EVENT },
  { type: 'stickiness', event: HOSTILE_EVENT },
  {
    type: 'transitions',
    groupings: [HOSTILE],
    excludeEvents: [`${HOSTILE}!`],
    include: { prop: HOSTILE, in: [HOSTILE] },
  },
  { type: 'flow', startAt: HOSTILE, endAt: HOSTILE, groupings: [HOSTILE] },
  { type: 'stepMatrix', groupings: [`*${HOSTILE}`] },
  { type: 'variants' },
  {
    type: 'journey',
    model: {
      states: [HOSTILE, 'B'],
      rules: [
        {
          event: HOSTILE_EVENT,
          from: ['start', HOSTILE],
          to: HOSTILE,
          lastOf: { key: HOSTILE, openedBy: HOSTILE_EVENT },
        },
      ],
      deadlines: [
        {
          opens: HOSTILE_EVENT,
          key: HOSTILE,
          dueAt: HOSTILE,
          metBy: { event: `${HOSTILE}!` },
          after: { value: 1, unit: 'hour' },
          to: 'B',
        },
      ],
    },
  },
] as readonly AnalysisDocument[];

test.each(DATABASES)('names and values of others are bound or quoted: $name', async ({ open }) => {
  const runner = await open('hostile');
  const props = { [HOSTILE]: HOSTILE };
  const times = [0, 1, 30, 200].map((hours) => Date.UTC(2024, 0, 1) + hours * 3_600_000);
  const log = times.flatMap((time, i) => [{ actor: HOSTILE, event: i === 2 ? 'b' : HOSTILE, time, props }]);
  const table = await runner.open(log);
  for (const document of HOSTILE_DOCUMENTS) {
    const answer = await answerByPushdown(table, document);
    expect(answer).toMatchObject({ body: runCompute(segmentOf(log), document as never) });
  }
  await table.close();
  await runner.close();
});

interface Pair {
  readonly told: string;
  readonly got: unknown;
  readonly wanted: unknown;
}

/** The answer in SQL and the engine's, and the lists behind one number; none where it is not said in SQL. */
async function ask(type: Type, seed: number, runner: PushdownRunner): Promise<readonly Pair[]> {
  const chance = chanceOf(randomOf(seed));
  const log = randomPushdownLog(chance, NAMES);
  const document = randomAnalysis(type, chance, log);
  const told = `seed ${seed}: ${JSON.stringify(document)}`;
  const segment = segmentOf(log);
  const wanted = await refusedOr(async () => runCompute(segment, document as never) as AnswerBody<Type>);
  const table = await runner.open(log);
  try {
    const answer = await refusedOr(() => answerByPushdown(table, document));
    if (wanted === 'refused' || answer === 'refused') return [{ told, got: answer, wanted }];
    if ('reason' in answer) return [];
    const pairs = [{ told: `${told}\n${answer.sql}`, got: answer.body, wanted }];
    const selection = randomSelection(type, wanted, chance, document);
    const list = selection === null ? null : await actorsByPushdown(table, document, selection);
    if (list === null || 'reason' in list) return pairs;
    const ids = selectActors(segment, document as never, selection, wanted as never);
    return [...pairs, { told: `${told}\n${JSON.stringify(selection)}`, got: list.toSorted(), wanted: ids }];
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
