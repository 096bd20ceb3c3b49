import type { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import { cancelQuery } from '../../worker/connection/cancel-query.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { mapPostgresError } from '../../worker/connection/map-error.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { BACK_MS, failureOf, inTime, countFaults, SILENT } from './harness.ts';
import { behind, expect, test } from './line.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
  behind.port = server.port;
}, 60_000);
afterAll(countFaults('line'));
afterAll(() => server.stop());

const FAULTS: readonly Exclude<Fault, 'pass'>[] = ['swallow', 'reset', 'close', 'garbage'];
/** The second after it began: then the watch has been calmed by answered probes. */
const RUNS_MS = 1_000;
const STREAM = `SELECT repeat('x', 1000), pg_sleep(0.001) FROM generate_series(1, 100000)`;

describe.concurrent.each(FAULTS)('a line that does this: %s', (fault) => {
  test('from the beginning', async ({ line: { proxy, open, untilBack } }) => {
    proxy.set(fault);
    expect(await failureOf(open())).toSatisfy(inTime());
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while nothing is asked', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    proxy.set(fault);
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test.for<readonly [string, string]>([
    ['a statement computes', SILENT],
    ['rows stream', STREAM],
  ])('while %s', async ([_when, sql], { line: { proxy, open, untilBack } }) => {
    const client = await open();
    const failed = failureOf(client.query(sql), performance.now() + RUNS_MS);
    setTimeout(() => proxy.set(fault), RUNS_MS);
    expect(await failed).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while a statement is cancelled', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    const failed = failureOf(client.query(SILENT));
    proxy.set(fault);
    expect(['abandoned', 'terminated']).toContain(await cancelQuery(client));
    expect(await failed).toSatisfy(inTime());
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while it is closed', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    proxy.set(fault);
    await closeClient(client);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });
});

const LONG = 'SELECT pg_sleep(2)';
const LONG_MS = 2_000;
const MUCH = `SELECT repeat('x', 10000) FROM generate_series(1, 100000)`;

describe.concurrent('a line that swallows, while new ones get through', () => {
  test('what is asked never arrives', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    proxy.swallowOpen();
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('a statement computes to its end, and nobody hears of it', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    const failed = failureOf(client.query(LONG), performance.now() + LONG_MS);
    setTimeout(() => proxy.swallowOpen(), RUNS_MS);
    const failure = await failed;
    expect(failure).toSatisfy(inTime());
    expect(failure.ms).toBeGreaterThan(0);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('rows stream', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    const failed = failureOf(client.query(MUCH), performance.now() + 100);
    setTimeout(() => proxy.swallowOpen(), 100);
    expect(await failed).toSatisfy(inTime());
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('the session is ended there', async ({ line: { proxy, open, untilBack } }) => {
    const client = await open();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    proxy.swallowOpen();
    await server.query(`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0})`);
    expect(await failureOf(client.query('SELECT 1'))).toSatisfy(inTime());
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });
});

describe.concurrent('a long statement on a line that is well', () => {
  test('goes on; the session that asks after it counts, and leaves with it', async ({
    line: { open, inUse },
    expect: own,
  }) => {
    const client = await open();
    const answer = client.query('SELECT pg_sleep(3), 7 AS seven');
    await own.poll(inUse, { timeout: 3_000 }).toBe(2);
    expect((await answer).rows[0]).toMatchObject({ seven: 7 });
    await own.poll(inUse).toBe(1);
    await closeClient(client);
  });

  test('keeps no place that somebody wants', async ({ line: { open, inUse }, expect: own }) => {
    const [client, other] = await Promise.all([open(), open()]);
    const answer = client.query('SELECT pg_sleep(3), 7 AS seven');
    await own.poll(inUse, { timeout: 3_000 }).toBe(3);
    await closeClient(await open());
    expect((await answer).rows[0]).toMatchObject({ seven: 7 });
    await Promise.all([closeClient(client), closeClient(other)]);
  });
});

describe.concurrent('a slow line', () => {
  test('is no failure: an answer that takes long is waited for', async ({ line: { proxy, open } }) => {
    const client = await open();
    proxy.delay(250);
    const { rows } = await client.query('SELECT pg_sleep(3), 7 AS seven');
    expect(rows[0]).toMatchObject({ seven: 7 });
    await closeClient(client);
  });

  test('that is too slow ends the attempt in time', async ({ line: { proxy, open, untilBack } }) => {
    proxy.delay(900);
    expect(await failureOf(open())).toSatisfy(inTime(['E_CONNECT']));
    proxy.delay(0);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });
});

describe.concurrent('too much', () => {
  test('a fourth session waits, and says why when none becomes free', async ({ line: { target, open, inUse } }) => {
    const three = await Promise.all([open(), open(), open()]);
    expect(inUse()).toBe(3);
    const fourth = openClient(target, { password: PASSWORD, timeoutMs: 300 });
    await expect(fourth).rejects.toMatchObject({ code: 'E_SERVER_BUSY' });
    const waiting = open();
    await closeClient(three[0] as Client);
    await closeClient(await waiting);
    await Promise.all(three.slice(1).map((client) => closeClient(client)));
  });

  test('a cancel that the server takes is confirmed, and the session goes on', async ({ line: { open } }) => {
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
