import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { mapPostgresError } from '../../worker/connection/map-error.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { parseTarget } from '../../worker/connection/parse-target.ts';
import { sessionOf } from '../../worker/connection/session-registry.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { PASSWORD, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { BACK_MS, COMPUTING, failureOf, inTime, countFaults, SILENT, untilAnswered } from './harness.ts';

let server: TestPostgres;
let target: PostgresTarget;
beforeAll(async () => {
  server = await startPostgres();
  target = parseTarget(`postgres://postgres@127.0.0.1:${server.port}/postgres`, {}).target;
}, 60_000);
afterAll(countFaults('server'));
afterAll(() => server.stop());
const open = (): Promise<Client> => openClient(target, { password: PASSWORD });

const untilBack = (): Promise<number> => untilAnswered(async () => closeClient(await open()));

describe('the server ends', () => {
  const WAYS = { 'killed with -9': 'SIGKILL', immediately: 'SIGQUIT', 'with a fast restart': 'SIGINT' } as const;
  test.each(Object.entries(WAYS))('%s', async (_how, signal) => {
    const [busy, idle] = await Promise.all([open(), open()]);
    const failed = failureOf(busy.query(SILENT));
    await sleep(100);
    const halted = server.halt(signal);
    expect(await failed).toSatisfy(inTime(['E_SERVER_LOST']));
    await halted;
    expect((await failureOf(open())).code).toBe('E_CONNECT');
    expect((await failureOf(idle.query('SELECT 1'))).code).toBe('E_SERVER_LOST');
    await Promise.all([closeClient(busy), closeClient(idle)]);
    await server.start();
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('while rows stream: what came is never taken for the whole', async () => {
    const client = await open();
    const failed = failureOf(client.query(`SELECT i, pg_sleep(0.0005) FROM generate_series(1, 100000) i`));
    await sleep(300);
    await server.halt('SIGQUIT');
    expect((await failed).code).toBe('E_SERVER_LOST');
    await closeClient(client);
    await server.start();
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('one backend crashes, and all sessions with it', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const { rows } = await one.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const failed = [failureOf(one.query(SILENT)), failureOf(other.query(SILENT))];
    await sleep(100);
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    for (const failure of await Promise.all(failed)) expect(failure).toSatisfy(inTime(['E_SERVER_LOST']));
    await Promise.all([closeClient(one), closeClient(other)]);
    expect(await untilBack()).toBeLessThan(BACK_MS);
  });

  test('an administrator ends one session', async () => {
    const client = await open();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const failed = failureOf(client.query(COMPUTING));
    await sleep(100);
    await server.query(`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0})`);
    expect((await failed).code).toBe('E_SERVER_LOST');
    await closeClient(client);
  });
});

describe('who may come in', () => {
  const as = (user: string): PostgresTarget => ({ ...target, user });

  test('no more connections', async () => {
    await server.query(`CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 1`);
    const first = await openClient(as('few'), { password: 'few' });
    expect(await failureOf(openClient(as('few'), { password: 'few' }))).toMatchObject({ code: 'E_SERVER_BUSY' });
    await closeClient(first);
    await closeClient(await openClient(as('few'), { password: 'few' }));
  });

  test('a changed password: sessions go on, new ones ask again', async () => {
    await server.query(`CREATE ROLE changing LOGIN PASSWORD 'old'`);
    const before = await openClient(as('changing'), { password: 'old' });
    await server.query(`ALTER ROLE changing PASSWORD 'new'`);
    expect((await before.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await failureOf(openClient(as('changing'), { password: 'old' }))).toMatchObject({ code: 'E_AUTH' });
    await closeClient(await openClient(as('changing'), { password: 'new' }));
    await closeClient(before);
  });

  test('a wrong password is not tried on the next host', async () => {
    const twice = { ...target, hosts: [...target.hosts, ...target.hosts] };
    const failure = await openClient(twice, { password: 'wrong' }).catch((thrown: unknown) => mapPostgresError(thrown));
    expect(failure).toMatchObject({ code: 'E_AUTH', message: 'The password was not accepted.' });
  });

  test('a database that is not there', async () => {
    expect(await failureOf(openClient({ ...target, database: 'gone' }, { password: PASSWORD }))).toMatchObject({
      code: 'E_CONNECT',
    });
  });
});

describe('limits of the server', () => {
  test('a statement that takes too long', async () => {
    const client = await openClient(target, { password: PASSWORD, statementMs: 200 });
    expect(await failureOf(client.query(SILENT))).toMatchObject({ code: 'E_DEADLINE' });
    await closeClient(client);
  });

  test('a locked table', async () => {
    await server.query('CREATE TABLE locked ()');
    const [holder, client] = await Promise.all([
      openClient(target, { password: PASSWORD, access: 'write' }),
      openClient(target, { password: PASSWORD, lockMs: 200 }),
    ]);
    await holder.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
    expect(await failureOf(client.query('SELECT FROM locked'))).toMatchObject({ code: 'E_BUSY' });
    await Promise.all([closeClient(holder), closeClient(client)]);
  });

  test('a transaction in which nothing happens', async () => {
    const client = await openClient(target, { password: PASSWORD, idleTransactionMs: 200 });
    await client.query('BEGIN');
    await sleep(600);
    expect(['E_SERVER_LOST', 'E_DEADLINE']).toContain((await failureOf(client.query('SELECT 1'))).code);
    await closeClient(client);
  });

  test('a write in a session that only reads', async () => {
    const client = await open();
    expect(await failureOf(client.query('CREATE TABLE no ()'))).toMatchObject({ code: 'E_REFUSED' });
    await closeClient(client);
  });
});

describe('fail-over to the second host', () => {
  test.each(['reset', 'close', 'swallow', 'garbage'] as const)('when the first does this: %s', async (fault) => {
    const proxy = await startFaultProxy(server.port);
    const two = { ...target, hosts: [{ host: '127.0.0.1', port: proxy.port }, ...target.hosts] };
    const before = await openClient(two, { password: PASSWORD });
    expect(sessionOf(before).address.port).toBe(proxy.port);
    const failed = failureOf(before.query(SILENT));
    proxy.set(fault);
    expect(await failed).toSatisfy(inTime());
    const began = performance.now();
    const after = await openClient(two, { password: PASSWORD });
    expect(performance.now() - began).toBeLessThan(BACK_MS);
    expect(sessionOf(after).address.port).toBe(server.port);
    await Promise.all([closeClient(before), closeClient(after)]);
    await proxy.close();
  });

  test('no host at all: each is told in the details', async () => {
    const none = {
      ...target,
      hosts: [
        { host: '127.0.0.1', port: 1 },
        { host: 'nowhere.invalid', port: 2 },
      ],
    };
    await expect(openClient(none, { password: PASSWORD })).rejects.toMatchObject({
      code: 'E_CONNECT',
      details: expect.stringContaining('127.0.0.1:1') as string,
    });
  });
});
