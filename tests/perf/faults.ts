// node tests/perf/faults.ts [--rounds 5] [--postgres 18]: hurts a server and the line to it while a plain session, the
// engine and ad-hoc SQL want something of it, and prints how long it took until each said so, and from the fault's end to
// the next good answer. On a quiet machine: two cores, nothing else. Asserts nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { createEngine } from '../../worker/host.ts';
import {
  asFailure,
  COMPUTING,
  LOG_MAPPING,
  makeLog,
  signal,
  standStill,
  summarize,
  untilAnswered,
  valueOf,
} from '../faults/harness.ts';
import { openGuarded } from '../guard/queries.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, postgres: { type: 'string', default: '18' } },
});
const server = await startPostgres({ version: options.postgres === '15' ? 15 : 18 });
await makeLog(server, 'faults');
const proxy = await startFaultProxy(server.port);
const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tributary-faults-'));
const engine = createEngine({ dataDir, threads: 2, cacheBytes: 0 });
const source = serverSource(proxy.port, 'faults', LOG_MAPPING);
const guarded = await openGuarded(source.ref, source.password);

/** Ends by itself, and nobody hears of it. */
const STATEMENT_MS = 1_000;
const STATEMENT = `SELECT pg_sleep(${STATEMENT_MS / 1000})`;
const HURT_AFTER_MS = 150;
let asked = 0;
const open = () => valueOf(engine.open({ requestId: `open-${asked++}`, ...source }));
const inSql = (sql: string) => valueOf(guarded.run(sql, { confirmedScan: true }));
async function inSession(sql: string): Promise<void> {
  const client = await openClient(source.ref.target, source);
  try {
    await client.query(sql);
  } finally {
    await closeClient(client);
  }
}

interface Way {
  /** What is hurt. */
  readonly work: () => Promise<unknown>;
  /** The same for a line that alone swallows, and how long after its beginning an answer is due, ms; default: `work`, at once. */
  readonly onOneLine?: { readonly work: () => Promise<unknown>; readonly dueMs: number };
  /** What is asked when all is well again. */
  readonly next: () => Promise<unknown>;
}
const WAYS: Readonly<Record<string, Way>> = {
  session: {
    work: () => inSession(COMPUTING),
    onOneLine: { dueMs: STATEMENT_MS, work: () => inSession(STATEMENT) },
    next: () => inSession('SELECT 1'),
  },
  engine: {
    work: async () => valueOf(engine.close((await open()).sourceId)),
    next: () => valueOf(engine.inspect({ requestId: `inspect-${asked++}`, ...source })),
  },
  SQL: {
    work: () => inSql(COMPUTING),
    onOneLine: { dueMs: 2 * HURT_AFTER_MS, work: () => sleep(2 * HURT_AFTER_MS).then(() => inSql('SELECT 1')) },
    next: () => inSql('SELECT 1'),
  },
};

const ONE_LINE = 'black hole of one line';
const ours = "FROM pg_stat_activity WHERE application_name = 'tributary'";
const pass = (): void => proxy.set('pass');
const nothing = (): void => undefined;
/** Each breaks something and answers what mends it. */
const FAULTS: Readonly<Record<string, () => Promise<() => unknown> | (() => unknown)>> = {
  'connection reset': () => (proxy.set('reset'), pass),
  'black hole': () => (proxy.set('swallow'), pass),
  [ONE_LINE]: () => (proxy.swallowOpen(), nothing),
  'ended by the administrator': async () => (await server.query(`SELECT pg_terminate_backend(pid) ${ours}`), nothing),
  'a process killed (-9)': async () => {
    for (const { pid } of await server.query(`SELECT pid ${ours}`)) signal(Number(pid), 'SIGKILL');
    return () => untilAnswered(() => server.query('SELECT 1'));
  },
  'server killed (-9)': async () => (await server.halt('SIGKILL'), start),
  'immediate restart': async () => (await server.halt('SIGQUIT'), start),
  'fast restart': async () => (await server.halt('SIGINT'), start),
  'stands still for 4 s': async () => {
    const goOn = standStill(server);
    await sleep(4_000);
    return goOn;
  },
};
/** After -9 a process of the server may hold its memory until it sees that nobody asks any more. */
const start = (): Promise<number> => untilAnswered(() => server.start());

for (const [fault, hurt] of Object.entries(FAULTS))
  for (const [way, { onOneLine, next, ...other }] of Object.entries(WAYS)) {
    const { work, dueMs } = fault === ONE_LINE && onOneLine !== undefined ? onOneLine : { ...other, dueMs: 0 };
    const errors: number[] = [];
    const returns: number[] = [];
    const codes = new Set<string>();
    for (let round = 0; round < Number(options.rounds); round++) {
      pass();
      await untilAnswered(next);
      const began = performance.now();
      const failed = work().then(() => null, asFailure);
      await sleep(HURT_AFTER_MS);
      const brokenAt = dueMs > 0 ? began + dueMs : performance.now();
      const mending = hurt();
      const failure = await failed;
      const mend = await mending;
      if (failure !== null) {
        codes.add(failure.code);
        errors.push(failure.ms - brokenAt);
      }
      await mend();
      returns.push(await untilAnswered(next));
    }
    console.log(
      `${fault.padEnd(28)} ${way.padEnd(8)} error ${summarize(errors)}   next answer ${summarize(returns)}   ${[...codes].join(' ')}`,
    );
  }
console.log(`load average ${os.loadavg()[0]?.toFixed(1)}; promised: error 2000 ms, next answer 3000 ms`);

pass();
await guarded.stop();
await engine.stop();
await proxy.close();
await server.stop();
rmSync(dataDir, { recursive: true, force: true });
