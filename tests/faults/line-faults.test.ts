import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { cancelQuery } from '../../worker/connection/cancel-query.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { mapPostgresError } from '../../worker/connection/map-error.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { countSessions } from '../../worker/connection/session-budget.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../support/fault-proxy.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { BACK_MS, failureOf, inTime, SILENT, untilAnswered } from './harness.ts';

let server: TestPostgres;
let proxy: FaultProxy;
let target: PostgresTarget;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  proxy = await startFaultProxy(server.port);
  target = parseTarget(`postgres://postgres@127.0.0.1:${proxy.port}/postgres`, {}).target;
});
afterEach(async () => {
  await proxy.close();
  // Every place in the budget is given back.
  while (countSessions().length > 0) await sleep(20);
});
const open = (): Promise<Client> => openClient(target, { password: PASSWORD });

function untilBack(): Promise<number> {
  proxy.set('pass');
  return untilAnswered(async () => {
    const client = await open();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await closeClient(client);
  });
}

const FAULTS: readonly Exclude<Fault, 'pass'>[] = ['swallow', 'reset', 'close', 'garbage'];
/** The second after it began: then the watch has been calmed by answered probes. */
const RUNS_MS = 1_000;
const STREAM = `SELECT repeat('x', 1000), pg_sleep(0.001) FROM generate_series(1, 100000)`;

describe.each(FAULTS)('a line that does this: %s', (fault) => {
  test('from the beginning', async () => {
    proxy.set(fault);
    expect(await failureOf(open())).toSatisfy(inTime());
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while nothing is asked', async () => {
    const client = await open();
    proxy.set(fault);
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test.each([
    ['a statement computes', SILENT],
    ['rows stream', STREAM],
  ])('while %s', async (_when, sql) => {
    const client = await open();
    const failed = failureOf(client.query(sql), performance.now() + RUNS_MS);
    setTimeout(() => proxy.set(fault), RUNS_MS);
    expect(await failed).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while a statement is cancelled', async () => {
    const client = await open();
    const failed = failureOf(client.query(SILENT));
    proxy.set(fault);
    expect(['abandoned', 'terminated']).toContain(await cancelQuery(client));
    expect(await failed).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while it is closed', async () => {
    const client = await open();
    proxy.set(fault);
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });
});

/** Paces by which a statement ends after a second look at it was due. */
const LONG = 'SELECT pg_sleep(2)';
const LONG_MS = 2_000;
const MUCH = `SELECT repeat('x', 10000) FROM generate_series(1, 100000)`;

describe('a line that swallows, while new ones get through', () => {
  const expectNext = async (): Promise<void> => expect(await untilBack()).toBeLessThan(BACK_MS);

  test('what is asked never arrives', async () => {
    const client = await open();
    proxy.swallowOpen();
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    await expectNext();
  });

  test('a statement computes to its end, and nobody hears of it', async () => {
    const client = await open();
    const failed = failureOf(client.query(LONG), performance.now() + LONG_MS);
    setTimeout(() => proxy.swallowOpen(), RUNS_MS);
    const failure = await failed;
    expect(failure).toSatisfy(inTime());
    expect(failure.ms).toBeGreaterThan(0);
    await expectNext();
  });

  test('rows stream', async () => {
    const client = await open();
    const failed = failureOf(client.query(MUCH), performance.now() + 100);
    setTimeout(() => proxy.swallowOpen(), 100);
    expect(await failed).toSatisfy(inTime());
    await expectNext();
  });

  test('the session is ended there', async () => {
    const client = await open();
    proxy.swallowOpen();
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tributary'`);
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    await expectNext();
  });
});

describe('a long statement on a line that is well', () => {
  const inUse = (): number => countSessions()[0]?.inUse ?? 0;

  test('goes on; the session that asks after it counts, and leaves with it', async () => {
    const client = await open();
    const answer = client.query('SELECT pg_sleep(3), 7 AS seven');
    await expect.poll(inUse, { timeout: 3_000 }).toBe(2);
    expect((await answer).rows[0]).toMatchObject({ seven: 7 });
    await expect.poll(inUse).toBe(1);
    await closeClient(client);
  });

  test('keeps no place that somebody wants', async () => {
    const [client, other] = await Promise.all([open(), open()]);
    const answer = client.query('SELECT pg_sleep(3), 7 AS seven');
    await expect.poll(inUse, { timeout: 3_000 }).toBe(3);
    await closeClient(await open());
    expect((await answer).rows[0]).toMatchObject({ seven: 7 });
    await Promise.all([closeClient(client), closeClient(other)]);
  });
});

describe('a slow line', () => {
  test('is no failure: an answer that takes long is waited for', async () => {
    const client = await open();
    proxy.delay(250);
    const { rows } = await client.query('SELECT pg_sleep(3), 7 AS seven');
    expect(rows[0]).toMatchObject({ seven: 7 });
    await closeClient(client);
  });

  test('that is too slow ends the attempt in time', async () => {
    proxy.delay(900);
    expect(await failureOf(open())).toSatisfy(inTime(['E_CONNECT']));
    proxy.delay(0);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });
});

describe('too much', () => {
  test('a fourth session waits, and says why when none becomes free', async () => {
    const three = await Promise.all([open(), open(), open()]);
    expect(countSessions()).toMatchObject([{ inUse: 3, limit: 3 }]);
    const fourth = openClient(target, { password: PASSWORD, timeoutMs: 300 });
    await expect(fourth).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    const waiting = open();
    await closeClient(three[0] as Client);
    await closeClient(await waiting);
    await Promise.all(three.slice(1).map((client) => closeClient(client)));
  });

  test('a cancel that the server takes is confirmed, and the session goes on', async () => {
    const client = await open();
    const answer = failureOf(client.query(SILENT));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await cancelQuery(client)).toBe('cancelled');
    expect(await answer).toMatchObject({ code: 'E_CANCELLED' });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await closeClient(client);
  });
});

test('an EngineError keeps its code on the way through the driver', () => {
  const error = new EngineError('E_LIMIT', 'Too much.', { hint: 'Less.' });
  expect(mapPostgresError(error)).toBe(error);
});
