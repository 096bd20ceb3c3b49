import { Client } from 'pg';
import { makeStore } from '../tests/support/event-store.ts';
import { startPostgres, type TestPostgres } from '../tests/support/postgres.ts';
import { ensurePartitions } from '../worker/admin/partitions.ts';
import type { PartitionUnit } from '../worker/admin/partition-plan.ts';
import { getMedian } from './stats.ts';
import { writeTable } from './write-table.ts';

interface Layout {
  readonly unit: PartitionUnit;
  readonly title: string;
  /** ms, UTC, of the first and the last partition. */
  readonly from: number;
  readonly to: number;
}
/** Planning of one question, ms, as the first of a session and as the second. */
type Planning = readonly [first: number, again: number] | string;

const START = Date.UTC(2025, 0, 1);
const LAYOUTS: readonly Layout[] = [
  { unit: 'month', title: '2 years of months', from: START, to: Date.UTC(2026, 11, 31) },
  { unit: 'day', title: '2 years of days', from: START, to: Date.UTC(2026, 11, 31) },
  { unit: 'hour', title: '90 days of hours', from: START, to: Date.UTC(2025, 2, 31, 23) },
];
/** Hours as in the column `ts`. */
const QUESTIONS: readonly (readonly [name: string, where: string])[] = [
  ['30 days', "WHERE ts >= '2025-02-01T00' AND ts < '2025-03-03T00'"],
  ['one hour', "WHERE ts >= '2025-02-10T07' AND ts < '2025-02-10T08'"],
  ['all of it', ''],
];
const SESSIONS = 5;

/**
 * What planning costs by the size of a partition: `EXPLAIN (SUMMARY)` on empty partitions with all indexes of the
 * migrations, medians of sessions. Writes the table of docs/event-store.md; takes some minutes.
 */
export async function measurePartitions(say: (text: string) => void): Promise<void> {
  const server = await startPostgres({ settings: ['jit=off'] });
  try {
    const columns = [];
    for (const layout of LAYOUTS) {
      columns.push(await measureLayout(server, layout));
      say(layout.title);
    }
    write(columns, await readVersion(server));
  } finally {
    await server.stop();
  }
}

interface Column {
  readonly title: string;
  readonly planning: readonly Planning[];
  readonly relations: number;
  readonly megabytes: number;
  readonly seconds: number;
}

async function measureLayout(server: TestPostgres, { unit, title, from, to }: Layout): Promise<Column> {
  const store = await makeStore(server, `by_${unit}`);
  const startedAt = performance.now();
  const { created } = await ensurePartitions(store.client, { unit, from, to });
  const seconds = (performance.now() - startedAt) / 1_000;
  const [size] = await store.rows(
    `SELECT (SELECT count(*) FROM pg_class)::int AS relations, pg_database_size(current_database())::float8 / 1e6 AS megabytes`,
  );
  await store.close();
  const planning = [];
  for (const [, where] of QUESTIONS) planning.push(await plan(server, `by_${unit}`, where));
  return {
    title: `${title}: ${created.length.toLocaleString('en')}`,
    planning,
    relations: Number(size?.['relations']),
    megabytes: Number(size?.['megabytes']),
    seconds,
  };
}

/** A server that runs out of locks says so: that is the answer. */
async function plan(server: TestPostgres, database: string, where: string): Promise<Planning> {
  const times: (readonly [number, number])[] = [];
  try {
    for (let session = 0; session < SESSIONS; session++) times.push(await planTwice(server, database, where));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return [getMedian(times.map(([first]) => first)), getMedian(times.map(([, again]) => again))];
}

async function planTwice(server: TestPostgres, database: string, where: string): Promise<readonly [number, number]> {
  const explain = `EXPLAIN (SUMMARY, FORMAT JSON) SELECT event_time, event_type FROM global_events ${where}`;
  const client = new Client({ connectionString: server.url(database) });
  await client.connect();
  try {
    const [first, again] = [await client.query(explain), await client.query(explain)];
    return [readPlanning(first.rows), readPlanning(again.rows)];
  } finally {
    await client.end();
  }
}

const readPlanning = (
  rows: readonly { readonly 'QUERY PLAN': readonly { readonly 'Planning Time': number }[] }[],
): number => rows[0]?.['QUERY PLAN'][0]?.['Planning Time'] ?? Number.NaN;
const formatMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));
const formatPlanning = (planning: Planning | undefined): string =>
  typeof planning === 'object' ? `${planning.map(formatMs).join(' / ')} ms` : (planning ?? '');

async function readVersion(server: TestPostgres): Promise<string> {
  const [row] = await server.query('SHOW server_version');
  return String(row?.['server_version']);
}

function write(columns: readonly Column[], version: string): void {
  const line = (name: string, cell: (column: Column, i: number) => string): string =>
    `| ${name} | ${columns.map(cell).join(' | ')} |`;
  const text = [
    `PostgreSQL ${version}, \`npm run bench -- --partitions\`, medians of ${SESSIONS} sessions: first question / again.`,
    '',
    line('', ({ title }) => title),
    line('---', () => '---'),
    ...QUESTIONS.map(([name], i) => line(`planning ${name}`, ({ planning }) => formatPlanning(planning[i]))),
    line(
      'relations / size of the empty database',
      ({ relations, megabytes }) => `${relations.toLocaleString('en')} / ${megabytes.toFixed(0)} MB`,
    ),
    line('making them', ({ seconds }) => `${formatMs(seconds)} s`),
  ].join('\n');
  writeTable('partitions', text);
  console.log(text);
}
