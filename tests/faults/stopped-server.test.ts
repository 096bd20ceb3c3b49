import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { closeClient } from '../../worker/connection/close-client.ts';
import { openClient } from '../../worker/connection/open-client.ts';
import { createEngine } from '../../worker/host.ts';
import { openGuarded } from '../guard/queries.ts';
import { PASSWORD, startPostgres } from '../support/postgres.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { watchProcesses } from './processes.ts';
import {
  asFailure,
  BACK_MS,
  COMPUTING,
  failureOf,
  inTime,
  LOG_MAPPING,
  LOG_ROWS,
  makeLog,
  SILENT,
  standStill,
  untilAnswered,
  valueOf,
  type Failure,
} from './harness.ts';

const STOPPED_MS = 10_000;
const FUNNEL: AnalysisDocument = { type: 'funnel', steps: [{ event: 'open' }, { event: 'buy' }] };

/** All that asks a server at once, as such a stop takes its time. */
test.skipIf(process.platform !== 'linux')(
  'a server that stands still for 10 s: told in time, what is here is answered, and it works when the server does',
  async () => {
    const ours = watchProcesses();
    const server = await startPostgres();
    await makeLog(server, 'faults');
    const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-stopped-'));
    const engine = createEngine({ dataDir, threads: 1, cacheBytes: 0 });
    const source = serverSource(server.port, 'faults', LOG_MAPPING);
    const { target } = source.ref;
    const guarded = await openGuarded(source.ref, PASSWORD);
    const open = (requestId: string) => valueOf(engine.open({ requestId, ...source }));
    const { sourceId } = await open('before');
    const funnel = () => valueOf(engine.run({ requestId: 'funnel', sourceId, analysis: FUNNEL }));
    const before = await funnel();
    const query = (sql: string) => valueOf(guarded.run(sql, { confirmedScan: true }));
    const { resultId } = await query('SELECT * FROM generate_series(1, 1000)');
    const clients = await Promise.all([openClient(target, { password: PASSWORD }), openClient(target, source)]);

    const asked: Promise<unknown>[] = [clients[0].query(SILENT), clients[1].query(COMPUTING), query(COMPUTING)];
    for (const work of asked) work.catch(() => undefined);
    // All of them run, and their watches have been calmed by answered probes.
    await sleep(1_500);
    // May be done before the server stands, and else fails as the others do.
    const opening = open('during').then(() => null, asFailure);
    const goOn = standStill(server);
    const since = performance.now();
    try {
      const failures = await Promise.all(asked.map((work) => failureOf(work, since)));
      for (const failure of failures) expect(failure).toSatisfy(inTime());
      const opened = await opening;
      expect(opened === null ? null : { ...opened, ms: opened.ms - since }).toSatisfy(
        (failure: Failure | null) => failure === null || inTime()(failure),
      );
      // The same again, while it stands.
      const again = [openClient(target, source), query('SELECT 1'), open('again')];
      for (const failure of await Promise.all(again.map((work) => failureOf(work))))
        expect(failure).toSatisfy(inTime());
      expect({ ...(await funnel()), timing: null }).toEqual({ ...before, timing: null });
      const page = await valueOf(guarded.queries.rows({ queryId: 'page', resultId, offset: 900, limit: 1 }));
      expect(page).toMatchObject({ rows: [[901]], complete: true });
      await sleep(Math.max(0, STOPPED_MS - (performance.now() - since)));
    } finally {
      goOn();
    }
    const works = [
      async () => closeClient(await openClient(target, source)),
      () => query('SELECT 1'),
      () => valueOf(engine.inspect({ requestId: 'inspect', ...source })),
    ];
    for (const ms of await Promise.all(works.map(untilAnswered))) expect(ms).toBeLessThan(BACK_MS);
    expect((await open('after')).events).toBe(LOG_ROWS);
    await Promise.all(clients.map((client) => closeClient(client)));
    ours.check();
    await guarded.stop();
    await engine.stop();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  },
  120_000,
);
