import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresRef } from '../../protocol/source.ts';
import { openGuarded, type Guarded } from '../guard/queries.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { targetOf } from '../support/store-target.ts';
import { watchProcesses } from './processes.ts';
import { BACK_MS, COMPUTING, failureOf, inTime, countFaults, untilAnswered, valueOf } from './harness.ts';

/** Ad-hoc SQL as the product runs it, in its own processes, on a line and a server that are hurt. */
let server: TestPostgres;
let proxy: FaultProxy;
let guarded: Guarded;
let next = 0;
const ours = watchProcesses();
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(countFaults('query'));
afterAll(() => server.stop());
beforeEach(async () => {
  proxy = await startFaultProxy(server.port);
});
afterEach(async () => {
  // Whatever happened to the server, nothing of ours died of it.
  ours.check();
  await guarded.stop();
  ours.forget();
  await proxy.close();
  // The server notices within a second that nobody waits for it any more.
  while (await isComputing()) await sleep(20);
}, 30_000);

const direct = () => ({ host: '127.0.0.1', port: server.port });
const refOf = (hosts: PostgresRef['target']['hosts'], user = 'postgres'): PostgresRef => ({
  kind: 'postgres',
  target: { ...targetOf(server, 'postgres'), hosts, user },
});
const throughProxy = (): PostgresRef => refOf([{ host: '127.0.0.1', port: proxy.port }]);

const run = (sql: string) => valueOf(guarded.run(sql, { confirmedScan: true }));
const ROWS = `SELECT a, repeat('x', 1000) FROM generate_series(1, 10000) a, generate_series(1, 10000)`;

interface Begun {
  readonly queryId: string;
  readonly answer: Promise<unknown>;
  /** As soon as there are rows. */
  readonly resultId: Promise<string>;
}
function begin(sql: string): Begun {
  const queryId = `hurt-${next++}`;
  const { promise: resultId, resolve } = Promise.withResolvers<string>();
  const request = { queryId, sessionId: guarded.sessionId, sql, confirmedScan: true };
  const answer = valueOf(guarded.queries.run(request, ({ result }) => result && resolve(result.resultId)));
  answer.catch(() => undefined);
  return { queryId, answer, resultId };
}
async function beginComputing(): Promise<Begun> {
  const begun = begin(COMPUTING);
  while (!(await isComputing())) await sleep(20);
  return begun;
}

async function isComputing(): Promise<boolean> {
  const rows = await server.query(
    `SELECT FROM pg_stat_activity WHERE application_name = 'tributary' AND state = 'active' AND query LIKE '%1000000000%'`,
  );
  return rows.length > 0;
}

/** A result that lies here is read whatever becomes of the server. */
async function expectKept(resultId: string): Promise<void> {
  const page = await valueOf(guarded.queries.rows({ queryId: `page-${next++}`, resultId, offset: 900, limit: 1 }));
  expect(page).toMatchObject({ rows: [[901]], complete: true });
}
const expectAnswer = async (): Promise<void> => expect((await run('SELECT 1')).firstRows).toEqual([[1]]);

describe('a line that breaks under ad-hoc SQL', () => {
  test('told in time, nothing incomplete is kept, the results that are there stay, the same tab asks again', async () => {
    guarded = await openGuarded(throughProxy(), PASSWORD);
    const { resultId } = await run('SELECT * FROM generate_series(1, 1000)');
    for (const fault of ['swallow', 'reset', 'close', 'garbage'] as const) {
      const computing = await beginComputing();
      const failed = failureOf(computing.answer);
      proxy.set(fault);
      expect(await failed).toSatisfy(inTime());
      expect(await failureOf(run('SELECT 1'))).toSatisfy(inTime());
      await expectKept(resultId);
      proxy.set('pass');
      expect(await untilAnswered(expectAnswer)).toBeLessThan(BACK_MS);

      const streaming = begin(ROWS);
      const partId = await streaming.resultId;
      const ended = failureOf(streaming.answer);
      proxy.set(fault);
      expect(await ended).toSatisfy(inTime());
      expect(await guarded.queries.rows({ queryId: 'none', resultId: partId })).toMatchObject({ ok: false });
      await expectKept(resultId);
      proxy.set('pass');
      expect(await untilAnswered(expectAnswer)).toBeLessThan(BACK_MS);
    }
  }, 120_000);

  test.each(['swallow', 'reset'] as const)(
    '%s: the second host of the address answers the next question',
    async (fault) => {
      guarded = await openGuarded(refOf([{ host: '127.0.0.1', port: proxy.port }, direct()]), PASSWORD);
      const { answer } = await beginComputing();
      const failed = failureOf(answer);
      proxy.set(fault);
      expect(await failed).toSatisfy(inTime());
      expect(await untilAnswered(expectAnswer)).toBeLessThan(BACK_MS);
    },
    60_000,
  );
});

describe('a server that ends under ad-hoc SQL', () => {
  const WAYS = { 'killed with -9': 'SIGKILL', immediately: 'SIGQUIT', 'with a fast restart': 'SIGINT' } as const;
  test.each(Object.entries(WAYS))(
    '%s',
    async (_how, signal) => {
      guarded = await openGuarded(refOf([direct()]), PASSWORD);
      const { resultId } = await run('SELECT * FROM generate_series(1, 1000)');
      const { answer } = await beginComputing();
      const failed = failureOf(answer);
      const halted = server.halt(signal);
      expect(await failed).toSatisfy(inTime(['E_SERVER_LOST']));
      await halted;
      expect(await failureOf(run('SELECT 1'))).toSatisfy(inTime());
      await expectKept(resultId);
      // A process that outlives the killed first one ends when it sees that nobody asks any more.
      const start = (): Promise<boolean> =>
        server.start().then(
          () => true,
          () => false,
        );
      await expect.poll(start, { timeout: 20_000 }).toBe(true);
      expect(await untilAnswered(expectAnswer)).toBeLessThan(BACK_MS);
    },
    60_000,
  );
});

describe('who may come in', () => {
  test('a changed password: the session goes on; once it is ended, it says which password is wrong', async () => {
    await server.query(`CREATE ROLE changing LOGIN PASSWORD 'old'`);
    guarded = await openGuarded(refOf([direct()], 'changing'), 'old');
    const { resultId } = await run('SELECT * FROM generate_series(1, 1000)');
    await server.query(`ALTER ROLE changing PASSWORD 'new'`);
    await expectAnswer();
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'changing'`);
    // That the session is lost may be told first.
    const codeNow = () => guarded.run('SELECT 1').then((reply) => (reply.ok ? null : reply.error.code));
    await expect.poll(codeNow).toBe('E_AUTH');
    expect(await failureOf(run('SELECT 1'))).toSatisfy(inTime(['E_AUTH']));
    await expectKept(resultId);
    const again = { queryId: 'again', ref: refOf([direct()], 'changing'), password: 'new' };
    const { sessionId } = await valueOf(guarded.queries.connect(again));
    expect(await guarded.run('SELECT 1', { sessionId })).toMatchObject({ ok: true });
    await expectKept(resultId);
  });

  test('no connection is free: told at once, and works when one is', async () => {
    await server.query(`CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 1`);
    guarded = await openGuarded(refOf([direct()], 'few'), 'few');
    const { answer, queryId } = await beginComputing();
    expect(await failureOf(run('SELECT 1'))).toSatisfy(inTime(['E_SERVER_BUSY']));
    const failed = failureOf(answer);
    await guarded.queries.cancel(queryId);
    expect(await failed).toSatisfy(inTime(['E_CANCELLED']));
    expect(await isComputing()).toBe(false);
    expect(await untilAnswered(expectAnswer)).toBeLessThan(BACK_MS);
  });
});
