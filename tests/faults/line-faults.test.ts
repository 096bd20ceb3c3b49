import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EngineError, type ErrorCode } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { cancelQuery } from '../../worker/connection/cancel-query.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { mapPostgresError } from '../../worker/connection/map-error.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { countSessions } from '../../worker/connection/session-budget.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../support/fault-proxy.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';

/** An error is to be there this long after the fault, ms; and the next session this long after its end. */
const ERROR_MS = 2_000;
const RETURN_MS = 3_000;
/** What this machine may add: other tests run beside this one. */
const SLACK_MS = 500;

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
  if (countSessions().length > 0) throw new Error('a place in the budget was not given back');
});
const open = (): Promise<Client> => openClient(target, { password: PASSWORD });

/** The failure and how long it took, ms. */
async function failureOf(work: Promise<unknown>): Promise<{ readonly code: ErrorCode; readonly ms: number }> {
  const began = performance.now();
  try {
    await work;
  } catch (thrown) {
    return { code: mapPostgresError(thrown).code, ms: performance.now() - began };
  }
  throw new Error('This should have failed.');
}

async function expectReturn(): Promise<void> {
  proxy.set('pass');
  const began = performance.now();
  const client = await open();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect(performance.now() - began).toBeLessThan(RETURN_MS);
  await closeClient(client);
}

const FAULTS: readonly Exclude<Fault, 'pass'>[] = ['swallow', 'reset', 'close', 'garbage'];
const LOST: readonly ErrorCode[] = ['E_SERVER_LOST', 'E_CONNECT', 'E_TLS'];
const SILENT = 'SELECT pg_sleep(20)';
const STREAM = `SELECT repeat('x', 1000), pg_sleep(0.001) FROM generate_series(1, 100000)`;

describe.each(FAULTS)('a line that does this: %s', (fault) => {
  test('from the beginning', async () => {
    proxy.set(fault);
    const { code, ms } = await failureOf(open());
    expect(LOST).toContain(code);
    expect(ms).toBeLessThan(ERROR_MS + SLACK_MS);
    await expectReturn();
  });

  test('while nothing is asked', async () => {
    const client = await open();
    proxy.set(fault);
    const { code, ms } = await failureOf(client.query('SELECT 1'));
    expect(LOST).toContain(code);
    expect(ms).toBeLessThan(ERROR_MS + SLACK_MS);
    await closeClient(client);
    await expectReturn();
  });

  test.each([
    ['a statement computes', SILENT],
    ['rows stream', STREAM],
  ])('while %s', async (_when, sql) => {
    const client = await open();
    const answer = client.query(sql);
    setTimeout(() => proxy.set(fault), 300);
    const { code, ms } = await failureOf(answer);
    expect(LOST).toContain(code);
    expect(ms - 300).toBeLessThan(ERROR_MS + SLACK_MS);
    await closeClient(client);
    await expectReturn();
  });

  test('while a statement is cancelled', async () => {
    const client = await open();
    const failed = failureOf(client.query(SILENT));
    proxy.set(fault);
    const began = performance.now();
    expect(['abandoned', 'terminated']).toContain(await cancelQuery(client));
    expect(performance.now() - began).toBeLessThan(ERROR_MS + SLACK_MS);
    expect(LOST).toContain((await failed).code);
    await closeClient(client);
    await expectReturn();
  });

  test('while it is closed', async () => {
    const client = await open();
    proxy.set(fault);
    const began = performance.now();
    await closeClient(client);
    expect(performance.now() - began).toBeLessThan(ERROR_MS);
    await expectReturn();
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
    const { code, ms } = await failureOf(open());
    expect(code).toBe('E_CONNECT');
    expect(ms).toBeLessThan(ERROR_MS + SLACK_MS);
    proxy.delay(0);
    await expectReturn();
  });
});

describe('too much', () => {
  test('one field of 600 MB is refused by its length', async () => {
    const client = await open();
    const { code } = await failureOf(client.query(`SELECT repeat('x', 600000000)`));
    expect(code).toBe('E_LIMIT');
    await closeClient(client);
    await expectReturn();
  });

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
