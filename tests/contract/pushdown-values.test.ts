import Database from 'better-sqlite3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnalysis, type Mapping, type TimeFormat } from '../../protocol/index.ts';
import { createEvents } from '../../worker/pushdown/event-relation.ts';
import { postgres } from '../../worker/pushdown/postgres.ts';
import type { PushdownContext } from '../../worker/pushdown/pushdown-context.ts';
import { render, sql, withCtes } from '../../worker/pushdown/sql.ts';
import { sqlite } from '../../worker/pushdown/sqlite.ts';
import { TIME_READERS } from '../../worker/source/parse-time.ts';
import { readAllKeys } from '../../worker/source/read-metadata.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';

/** What SQL makes of one cell is what the readers of the engine make of it. */
const VALUES = [
  '"text"',
  '""',
  '"é😀"',
  '"it\'s \\"so\\" \\\\ \\n"',
  'true',
  'false',
  'null',
  '0',
  '7',
  '-12',
  '1.5',
  '1.50',
  '2.0',
  '0.1',
  '-0.25',
  '123456789012345678',
  '12345678901234567890',
  '0.000001',
  '1234567.125',
  '{}',
  '[]',
  '{"a":1}',
  '[1,"x y",{"b": [true, null]}]',
  '{"k": "a, b: c", "l" : [ 1 ]}',
  '"1.50"',
];
const ISO = [
  '2024-02-29',
  '2024-02-29T10:20',
  '2024-02-29 10:20:30',
  '2024-02-29T10:20:30Z',
  '2024-02-29T10:20:30.123Z',
  '2024-02-29T10:20:30.123456+02:00',
  '2010-12-30 14:32:00.120+01:00',
  '2024-02-30',
  '2023-02-29T00:00:00',
  'soon',
  '',
  ' 2024-02-29 ',
  '2024-02-29T10:20:30.9',
];
const NUMBERS: Readonly<Partial<Record<TimeFormat, readonly number[]>>> = {
  seconds: [0, 1_700_000_000, 1_700_000_000.5, 1.4567, -5],
  milliseconds: [0, 1_700_000_000_123, 1_700_000_000_123.9, -1],
  microseconds: [1_700_000_000_123_456, 999],
  julianday: [2_460_000.5, 2_440_587.5, 2_459_999.123456],
};

let server: TestPostgres;
let client: Client;
const db = new Database(':memory:');
beforeAll(async () => {
  server = await startPostgres({ version: VERSIONS.at(-1) ?? 18 });
  client = new Client({ connectionString: server.url(await server.createDatabase('cells')) });
  await client.connect();
}, 120_000);
afterAll(async () => {
  await client.end();
  await server.stop();
});

async function read(
  dialect: 'sqlite' | 'postgres',
  types: Readonly<Record<string, string>>,
  format: TimeFormat,
): Promise<readonly Record<string, unknown>[]> {
  const mapping: Mapping = {
    table: 'cells',
    actor: 'id',
    event: { constant: 'e' },
    time: { column: 'at', format },
    properties: [],
    json: 'props',
  };
  const analysis = parseAnalysis({ type: 'rollup', by: 'x' });
  const context: PushdownContext = {
    dialect,
    schema: null,
    mapping,
    columns: Object.entries(types).map(([name, type]) => ({ name, type })),
    arrival: null,
    hours: null,
    guardHours: 0,
    firstEventMs: 0,
    lastEventMs: 0,
    moments: { fromMs: -Infinity, toMs: Infinity, asOfMs: Infinity, knownAtMs: Infinity },
  };
  const its = dialect === 'sqlite' ? sqlite : postgres;
  const events = createEvents(context, its, analysis);
  const { text, params } = render(withCtes([events.cte], sql`SELECT actor, time_ms, "props.x" AS x FROM events`), its);
  return (
    dialect === 'sqlite' ? db.prepare(text).all(...params) : (await client.query(text, [...params])).rows
  ) as Record<string, unknown>[];
}

/** A table of both databases with a row a cell; the id is its index. */
async function fill(
  type: { readonly sqlite: string; readonly postgres: string },
  cells: readonly unknown[],
  props: readonly string[],
): Promise<void> {
  db.exec(`DROP TABLE IF EXISTS cells; CREATE TABLE cells (id TEXT, at ${type.sqlite}, props TEXT)`);
  await client.query(`DROP TABLE IF EXISTS cells; CREATE TABLE cells (id text, at ${type.postgres}, props jsonb)`);
  for (const [i, cell] of cells.entries()) {
    db.prepare('INSERT INTO cells VALUES (?, ?, ?)').run(String(i), cell, props[i] ?? '{}');
    await client.query('INSERT INTO cells VALUES ($1, $2, $3)', [String(i), cell, props[i] ?? '{}']);
  }
}

const byId = (rows: readonly Record<string, unknown>[], column: string) =>
  new Map(
    rows.map((row) => [
      Number(row['actor']),
      row[column] === null ? null : column === 'time_ms' ? Number(row[column]) : row[column],
    ]),
  );

describe.each(['sqlite', 'postgres'] as const)('cells in %s', (dialect) => {
  test('properties of JSON are the texts that the engine reads', async () => {
    const props = VALUES.map((value) => `{"x":${value}}`);
    await fill(
      { sqlite: 'INTEGER', postgres: 'bigint' },
      VALUES.map(() => 5),
      props,
    );
    const types = {
      id: 'text',
      at: dialect === 'sqlite' ? 'INTEGER' : 'bigint',
      props: dialect === 'sqlite' ? 'TEXT' : 'jsonb',
    };
    const found = byId(await read(dialect, types, 'milliseconds'), 'x');
    // A server's text is what jsonb writes, and that is what the engine is given.
    const { rows } = await client.query('SELECT props::text AS props FROM cells ORDER BY id::integer');
    const texts = dialect === 'sqlite' ? props : rows.map((row: { props: string }) => row.props);
    const expected = new Map(texts.map((text, i) => [i, readAllKeys(text)[0]?.[1] ?? null]));
    expect(found).toEqual(expected);
  });

  test('times in text are read as the engine reads them', async () => {
    await fill({ sqlite: 'TEXT', postgres: 'text' }, ISO, []);
    const types = { id: 'text', at: 'text', props: dialect === 'sqlite' ? 'TEXT' : 'jsonb' };
    const found = byId(await read(dialect, types, 'iso'), 'time_ms');
    const readable = ISO.flatMap((text, i) =>
      Number.isNaN(TIME_READERS.iso(text)) ? [] : [[i, TIME_READERS.iso(text)] as const],
    );
    expect(found).toEqual(new Map(readable));
  });

  test.each(['seconds', 'milliseconds', 'microseconds', 'julianday'] as const)(
    'times in numbers: %s',
    async (format) => {
      const cells = NUMBERS[format] ?? [];
      await fill({ sqlite: 'REAL', postgres: 'double precision' }, cells, []);
      const types = {
        id: 'text',
        at: dialect === 'sqlite' ? 'REAL' : 'double precision',
        props: dialect === 'sqlite' ? 'TEXT' : 'jsonb',
      };
      expect(byId(await read(dialect, types, format), 'time_ms')).toEqual(
        new Map(cells.map((cell, i) => [i, TIME_READERS[format](cell)])),
      );
    },
  );
});

test('timestamps of a server are cut to milliseconds; infinite ones are none', async () => {
  await fill(
    { sqlite: 'TEXT', postgres: 'timestamptz' },
    ['2024-02-29 10:20:30.123999+00', '1969-12-31 23:59:59.999500+00', 'infinity'],
    [],
  );
  const found = byId(
    await read('postgres', { id: 'text', at: 'timestamp with time zone', props: 'jsonb' }, 'auto'),
    'time_ms',
  );
  expect(found).toEqual(
    new Map([
      [0, Date.parse('2024-02-29T10:20:30.123Z')],
      [1, -1],
    ]),
  );
});
