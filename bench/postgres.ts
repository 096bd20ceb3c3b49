import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../worker/source/open-database.ts';
import type { AnalysisDocument, Reply } from '../protocol/index.ts';
import { runStep } from '../scripts/run-tool.ts';
import { makeStore } from '../tests/support/event-store.ts';
import { startPostgres, type TestPostgres } from '../tests/support/postgres.ts';
import { serverSource } from '../tests/support/postgres-logs.ts';
import { CREDENTIALS, targetOf } from '../tests/support/store-target.ts';
import { openAdminClient } from '../worker/admin/admin-client.ts';
import { closeClient } from '../worker/connection/close-client.ts';
import { loadFromSnapshot } from '../worker/admin/load-snapshot.ts';
import { loadStore } from '../worker/admin/load.ts';
import { createEngine, type LocalEngine } from '../worker/host.ts';
import { getServerCpu, timePsql } from './postgres-psql.ts';
import { PUSHED_QUESTIONS } from './postgres-questions.ts';
import { formatPostgres, type PostgresLine, type PostgresResults } from './postgres-table.ts';
import { getCommit, getLoad, getMachine } from './results.ts';
import { writeTable } from './write-table.ts';

/** No question is begun later than this, s: what is left out is said. */
const LAST_START = 900;
const BATCH_ROWS = 2_500;
const DATABASE = 'bench';
const SETTINGS = ['shared_buffers=1GB', 'max_wal_size=2GB', 'jit=off'];
/** As our own statements set them for themselves. */
const PUSHED = "SET work_mem = '64MB'; SET max_parallel_workers_per_gather = 2;";
const THREE = "SELECT event_time, event_type, metadata ->> 'user_id' FROM global_events";
const SIX = "SELECT seq, event_time, event_type, metadata ->> 'user_id', ts, recorded_at FROM global_events";

/**
 * Loads the snapshot of the sample into a server of its own, pulls it, and asks it; each beside what psql or a hand-written
 * statement takes in the same run. Writes results/postgres-<size>.json and the table of docs/postgres.md.
 */
export async function measurePostgres(size: string, snapshot: string, say: (text: string) => void): Promise<void> {
  const before = getLoad();
  const server = await startPostgres({ settings: SETTINGS });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tributary-bench-pull-'));
  try {
    const bench = new PostgresBench(server, dataDir, say);
    await bench.load(snapshot);
    await bench.pull();
    await bench.push();
    const { lines, omissions, rows } = bench;
    writeResults({
      size,
      rows,
      commit: getCommit(),
      date: new Date().toISOString(),
      machine: getMachine(),
      load: [before, getLoad()],
      seconds: Math.round(performance.now() / 1_000),
      lines,
      omissions,
    });
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

class PostgresBench {
  rows = 0;
  readonly lines: PostgresLine[] = [];
  readonly omissions: string[] = [];
  readonly #server: TestPostgres;
  readonly #dataDir: string;
  readonly #say: (text: string) => void;
  #requests = 0;

  constructor(server: TestPostgres, dataDir: string, say: (text: string) => void) {
    this.#server = server;
    this.#dataDir = dataDir;
    this.#say = say;
  }

  /** Events alone: the tables beside them are not what is measured. */
  async load(snapshot: string): Promise<void> {
    const store = await makeStore(this.#server, DATABASE);
    const target = targetOf(this.#server, DATABASE);
    const source = loadFromSnapshot(openDatabase(snapshot, this.#dataDir), BATCH_ROWS);
    this.rows = source.total;
    try {
      const cpu = this.#startCpu();
      const rejected = path.join(this.#dataDir, 'load');
      const done = await loadStore(
        store.client,
        () => openAdminClient(target, CREDENTIALS),
        { ...source, tableRows: () => [] },
        { rejected },
      );
      this.#add('load', 'load: read, checked, sent, indexed', done.seconds, cpu());
    } finally {
      source.close();
      await closeClient(store.client);
    }
    this.#say('vacuum');
    await this.#server.query('VACUUM (ANALYZE, FREEZE) global_events', DATABASE);
  }

  async pull(): Promise<void> {
    for (const round of [1, 2]) {
      this.#time('psql', `psql: COPY of time, type and actor (${round})`, () =>
        timePsql(this.#server, DATABASE, THREE),
      );
      this.#time('psql', `psql: COPY of the columns of a pull (${round})`, () => timePsql(this.#server, DATABASE, SIX));
    }
    process.env['TRIBUTARY_PULL_ROWS'] = String(10 * this.rows);
    // A process's first pull reads its code from sources, and its threads begin.
    const engine = createEngine({ dataDir: this.#dataDir, cacheBytes: 0 });
    for (const round of [1, 2]) {
      const cpu = this.#startCpu();
      const startedAt = performance.now();
      const sourceId = await this.#open(engine);
      this.#add('pull', `pull: scanned, counted, assembled (${round})`, secondsSince(startedAt), cpu());
      unwrap(await engine.close(sourceId));
    }
    await engine.stop();
  }

  async push(): Promise<void> {
    const engine = createEngine({ dataDir: this.#dataDir, cacheBytes: 0 });
    process.env['TRIBUTARY_PULL_ROWS'] = '0';
    const sourceId = await this.#open(engine);
    for (const { name, analysis, byHand, without } of PUSHED_QUESTIONS) {
      if (performance.now() / 1_000 > LAST_START) {
        this.omissions.push(`${name}: not asked, ${LAST_START} s had passed.`);
        continue;
      }
      let cpu = this.#startCpu();
      let startedAt = performance.now();
      await this.#ask(engine, sourceId, analysis);
      this.#add('push', `${name}: push-down`, secondsSince(startedAt), cpu());
      cpu = this.#startCpu();
      startedAt = performance.now();
      await this.#server.query(`${PUSHED} ${byHand}`, DATABASE);
      this.#add('hand', `${name}: by hand, without ${without}`, secondsSince(startedAt), cpu());
    }
    await engine.stop();
  }

  async #open(engine: LocalEngine): Promise<string> {
    const requestId = `b${++this.#requests}`;
    return unwrap(await engine.open({ requestId, ...serverSource(this.#server.port, DATABASE) })).sourceId;
  }

  async #ask(engine: LocalEngine, sourceId: string, analysis: AnalysisDocument): Promise<void> {
    const requestId = `b${++this.#requests}`;
    unwrap(await engine.run({ requestId, sourceId, analysis, compute: 'pushdown', confirmed: true }));
  }

  #time(kind: PostgresLine['kind'], name: string, work: () => number | null): void {
    const cpu = this.#startCpu();
    const seconds = work();
    if (seconds === null) this.omissions.push(`${name}: there is no psql here.`);
    else this.#add(kind, name, seconds, cpu());
  }

  #add(kind: PostgresLine['kind'], name: string, seconds: number, cpu: Cpu): void {
    const line = { kind, name, seconds, perSecond: Math.round(this.rows / seconds), ...cpu };
    this.lines.push(line);
    this.#say(`${name}: ${seconds.toFixed(1)} s, ${line.perSecond.toLocaleString('en')} rows/s`);
  }

  #startCpu(): () => Cpu {
    const own = process.cpuUsage();
    const theirs = getServerCpu(this.#server);
    return () => {
      const { user, system } = process.cpuUsage(own);
      const now = getServerCpu(this.#server);
      return { ownCpu: (user + system) / 1e6, serverCpu: now === null || theirs === null ? null : now - theirs };
    };
  }
}
type Cpu = Pick<PostgresLine, 'ownCpu' | 'serverCpu'>;

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;

function unwrap<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`${reply.error.code}: ${reply.error.message} ${reply.error.details ?? ''}`);
}

function writeResults(results: PostgresResults): void {
  const file = path.join(import.meta.dirname, 'results', `postgres-${results.size}.json`);
  const round = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1_000) / 1_000 : value;
  writeFileSync(file, `${JSON.stringify(results, round, 2)}\n`);
  const text = formatPostgres(results);
  const page = writeTable('postgres', text);
  runStep({ label: 'format the results', tool: ['oxfmt', 'oxfmt'], args: [file, page] });
  console.log(text);
}
