import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply, SourceInfo } from '../../protocol/index.ts';
import { createEngine, type LocalEngine } from '../../worker/host.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { countBusy, serverSource } from '../support/postgres-logs.ts';
import { randomOf } from '../support/random-log.ts';
import {
  asFailure,
  BACK_MS,
  type Failure,
  failureOf,
  inTime,
  LOG_MAPPING,
  makeLog,
  countFaults,
  signal,
  untilAnswered,
  valueOf,
} from '../faults/harness.ts';
import { watchProcesses } from '../faults/processes.ts';
import { makeFolder, nextId, unwrap } from './log-files.ts';

/** Their pull takes a tenth of a second: that long a fault can be in the midst of it. */
const ROWS = 60_000;
const PULL_MS = 100;
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
let server: TestPostgres;
let proxy: FaultProxy;
let engine: LocalEngine;

const ours = watchProcesses();
beforeAll(async () => {
  server = await startPostgres({ settings: ['max_connections=12', 'superuser_reserved_connections=1'] });
  await makeLog(server, 'faults', ROWS);
  proxy = await startFaultProxy(server.port);
  engine = createEngine({ dataDir: folder.file('data'), threads: 2, cacheBytes: 0 });
}, 120_000);
afterAll(countFaults('engine'));
/** Whatever happened to the server, no thread died of it. */
afterEach(() => ours.check());
afterAll(async () => {
  await engine.stop();
  await proxy.close();
  await server.stop();
  folder.dispose();
}, 60_000);

const source = () => serverSource(proxy.port, 'faults', LOG_MAPPING);
const open = (requestId = nextId(), deadlineMs: number | null = null): Promise<Reply<SourceInfo>> =>
  engine.open({ requestId, deadlineMs, ...source() });

/** How many events all readings of a test found. */
const seen = new Set<number>();
beforeEach(() => {
  seen.clear();
  proxy.set('pass');
});

/** Opens and forgets. */
async function readAll({ ref, password } = source()): Promise<void> {
  const { sourceId, events } = await valueOf(engine.open({ requestId: nextId(), ref, password }));
  seen.add(events);
  await valueOf(engine.close(sourceId));
}

/** A short question: which tables there are. */
const ask = ({ ref, password } = source()) =>
  valueOf(engine.inspect({ requestId: nextId(), ref: { ...ref, mapping: null }, password }));

async function backends(): Promise<readonly number[]> {
  const rows = await server.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'tributary'");
  return rows.map(({ pid }) => Number(pid));
}

/** Each breaks something and answers how it is mended. */
const FAULTS: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  'a process of the server killed (-9)': async () => {
    for (const pid of await backends().catch(() => [])) signal(pid, 'SIGKILL');
    return untilUp;
  },
  'session ended by the administrator': async () => {
    await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tributary'");
    return untilUp;
  },
  'immediate restart': async () => {
    await server.halt('SIGQUIT');
    return () => server.start();
  },
  'connection reset': () => {
    proxy.set('reset');
    return Promise.resolve(() => Promise.resolve(proxy.set('pass')));
  },
  'black hole of the lines that are open': () => {
    proxy.swallowOpen();
    return Promise.resolve(() => Promise.resolve());
  },
  'black hole': () => {
    proxy.set('swallow');
    return Promise.resolve(() => Promise.resolve(proxy.set('pass')));
  },
};
const ROUNDS = 6;

async function untilUp(): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const isUp = await server.query('SELECT 1').then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await setTimeout(25);
  }
}

describe(`faults of a server and the line to it (TRIBUTARY_SEED=${SEED})`, () => {
  it.each(Object.keys(FAULTS))(
    '%s',
    async (name) => {
      const random = randomOf(SEED);
      const failures: Failure[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const read = readAll().then(() => null, asFailure);
        await setTimeout(random() * PULL_MS);
        const brokenAt = performance.now();
        const mend = await FAULTS[name]?.();
        const failure = await read;
        if (failure !== null) failures.push({ ...failure, ms: failure.ms - brokenAt });
        await mend?.();
        expect(await untilAnswered(ask)).toBeLessThan(BACK_MS);
        await readAll();
      }
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(failure).toSatisfy(inTime());
      expect([...seen]).toEqual([ROWS]);
    },
    120_000,
  );

  it.each(['swallow', 'reset'] as const)(
    '%s: the second host of the address answers the next question',
    async (fault) => {
      const { ref, password } = source();
      const hosts = [...ref.target.hosts, { host: '127.0.0.1', port: server.port }];
      const two = { ref: { ...ref, target: { ...ref.target, hosts } }, password };
      // Another source than those that are read and closed here.
      const kept = { ...two.ref, mapping: { ...LOG_MAPPING, properties: ['note', 'what'] } };
      const { sourceId } = await valueOf(engine.open({ requestId: nextId(), ref: kept, password }));
      const read = readAll(two).then(() => null, asFailure);
      await setTimeout(100);
      const brokenAt = performance.now();
      proxy.set(fault);
      // Where a question came after the break, the other host has answered it already.
      const failure = await read;
      expect(failure === null || inTime()({ ...failure, ms: failure.ms - brokenAt })).toBe(true);
      expect(await untilAnswered(() => ask(two))).toBeLessThan(BACK_MS);
      await readAll(two);
      // A source that was open stays open: what is here is answered, what is not is read from the other host.
      const values = { requestId: nextId(), sourceId, property: 'note', limit: 1 };
      expect(await untilAnswered(() => valueOf(engine.values(values)))).toBeLessThan(BACK_MS);
      proxy.set('pass');
      await readAll(two);
      await valueOf(engine.close(sourceId));
      expect([...seen]).toEqual([ROWS]);
    },
  );

  it('a changed password: what is open goes on; once its session is ended, it says which password is wrong', async () => {
    await server.query(`CREATE ROLE changing LOGIN SUPERUSER PASSWORD 'old'`);
    const { ref } = source();
    const as = { ...ref, target: { ...ref.target, user: 'changing' } };
    const { sourceId } = await valueOf(engine.open({ requestId: nextId(), ref: as, password: 'old' }));
    await server.query(`ALTER ROLE changing PASSWORD 'new'`);
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'changing'`);
    const values = { requestId: nextId(), sourceId, property: 'note', limit: 1 };
    expect(await failureOf(valueOf(engine.values(values)))).toSatisfy(inTime(['E_AUTH']));
    await valueOf(engine.open({ requestId: nextId(), ref: as, password: 'new' }));
  });

  it('a cancel reaches the server, and so does a deadline', async () => {
    for (const way of ['cancel', 'deadline'] as const) {
      const id = nextId();
      const startedAt = performance.now();
      const opened = open(id, way === 'deadline' ? 150 : null);
      await setTimeout(150);
      if (way === 'cancel') await engine.cancel(id);
      const reply = await opened;
      expect([null, way === 'cancel' ? 'E_CANCELLED' : 'E_DEADLINE']).toContain(reply.ok ? null : reply.error.code);
      if (reply.ok) unwrap(await engine.close(reply.value.sourceId));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      for (let i = 0; i < 40 && (await countBusy(server)) > 0; i++) await setTimeout(25);
      expect(await countBusy(server)).toBe(0);
    }
  }, 60_000);

  it('takes at most three connections, and leaves no transaction open', async () => {
    let most = 0;
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        most = Math.max(most, (await backends()).length);
        await setTimeout(5);
      }
    })();
    const { sourceId } = unwrap(await open());
    isDone = true;
    await watching;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
    expect(await countBusy(server)).toBe(0);
    unwrap(await engine.close(sourceId));
  }, 60_000);

  it('says that no connection is free, and that a password is wrong', async () => {
    const clients: Client[] = [];
    for (let i = 0; i < 20; i++) {
      const client = new Client({ connectionString: server.url('faults') });
      client.on('error', () => undefined);
      const isIn = await client.connect().then(
        () => true,
        () => false,
      );
      if (!isIn) break;
      clients.push(client);
    }
    const other = createEngine({ dataDir: folder.file('other'), threads: 1, cacheBytes: 0 });
    expect(await other.open({ requestId: nextId(), ...source() })).toMatchObject({
      ok: false,
      error: { code: 'E_SERVER_BUSY' },
    });
    await Promise.all(clients.map((client) => client.end()));
    const { ref } = source();
    expect(await other.open({ requestId: nextId(), ref, password: 'another' })).toMatchObject({
      ok: false,
      error: { code: 'E_AUTH' },
    });
    ours.check();
    await other.stop();
    ours.forget();
    await readAll();
  }, 60_000);
});
