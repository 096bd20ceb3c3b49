// Ad-hoc SQL on a Postgres of its own: how long a cancel takes until the process is free and the server rests, and how long
// after the server's first row ours are there. Prints figures, asserts nothing.
//   node tests/perf/sql.ts [--times 200]
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import Cursor from 'pg-cursor';
import { openGuarded, percentile, type Guarded } from '../guard/queries.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { startPostgres } from '../support/postgres.ts';

const { values: options } = parseArgs({ options: { times: { type: 'string', default: '200' } } });
const times = Number(options.times);
const ENDLESS = 'SELECT count(*) FROM generate_series(1, 1000000000000) i';
const MANY = 'SELECT i, md5(i::text) AS hash FROM generate_series(1, 400000) i';
const report = (what: string, ms: readonly number[]): void =>
  console.log(
    `${what}: p50 ${percentile(ms, 0.5).toFixed(1)}, p99 ${percentile(ms, 0.99).toFixed(1)} ms (${ms.length})`,
  );

const server = await startPostgres({ version: 18 });
try {
  const database = await server.createDatabase('sql');
  const { ref, password } = serverSource(server.port, database);
  const guarded = await openGuarded(ref, password);
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    await measureCancels(guarded, client);
    await measureFirstRows(guarded, client);
  } finally {
    await client.end();
    await guarded.stop();
  }
} finally {
  await server.stop();
}

async function isComputing(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE '%1000000000000%' AND pid <> pg_backend_pid()`,
  );
  return rows[0]?.n === 1;
}

async function measureCancels({ queries, run }: Guarded, client: Client): Promise<void> {
  const [freed, rests, next]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < times; i++) {
    const queryId = `cancel-${i}`;
    const running = run(ENDLESS, { queryId });
    while (!(await isComputing(client)));
    const at = performance.now();
    await queries.cancel(queryId);
    const reply = await running;
    freed.push(performance.now() - at);
    if (reply.ok || reply.error.code !== 'E_CANCELLED') throw new Error(JSON.stringify(reply));
    while (await isComputing(client));
    rests.push(performance.now() - at);
    const again = performance.now();
    await run('SELECT 1');
    next.push(performance.now() - again);
  }
  report('cancel, until the query is over', freed);
  report('cancel, until the server rests', rests);
  report('next query', next);
}

async function measureFirstRows({ queries, sessionId }: Guarded, client: Client): Promise<void> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < Math.min(times, 20); i++) {
    const at = performance.now();
    const cursor = client.query(new Cursor(MANY));
    await cursor.read(1);
    theirs.push(performance.now() - at);
    await cursor.close();
    const begun = performance.now();
    let first = Number.NaN;
    await queries.run({ queryId: `first-${i}`, sessionId, sql: MANY }, ({ result }) => {
      if (result !== undefined && Number.isNaN(first)) first = performance.now() - begun;
    });
    ours.push(first);
  }
  report("the server's first row, by a cursor", theirs);
  report('our first rows', ours);
}
