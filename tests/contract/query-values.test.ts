import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGuarded, type Guarded } from '../guard/queries.ts';
import { serverSource } from '../support/postgres-logs.ts';
import { startPostgres, VERSIONS, type TestPostgres } from '../support/postgres.ts';

/** Of each type its edges; every one of them is also NULL somewhere. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  bool: ['true', 'false'],
  int2: ['-32768', '32767', '0'],
  int4: ['-2147483648', '2147483647', '7'],
  int8: ['-9223372036854775808', '9223372036854775807', '4294967296', '-4294967297', '999999999999999', '10'],
  oid: ['0', '4294967295'],
  float4: ["'NaN'", "'-Infinity'", '1.5', "'1e-30'"],
  float8: ["'NaN'", "'Infinity'", "'-0'", '0.1', "'5e-324'", "'1e20'", "'1.7976931348623157e308'"],
  numeric: ["'NaN'", '0.000', "'-123456789012345678901234567890.0987654321'", "'1e-50'", '10000000000000000'],
  text: ["''", "'plain'", `'a "quote", a comma'`, String.raw`E'two\r\nlines'`, "'größe 😀'", "'=1+1'", "'NULL'", "' '"],
  'char(5)': ["'ab'"],
  name: ["'pg_class'"],
  date: ["'2024-02-29'", "'infinity'", "'0044-03-15 BC'"],
  timestamp: ["'2024-02-29 12:34:56.789012'", "'-infinity'"],
  timestamptz: ["'2024-02-29 12:34:56.7+05:30'", "'infinity'"],
  'timestamptz(3)': ["'2024-02-29 12:34:56.789012Z'"],
  time: ["'24:00'"],
  timetz: ["'12:00:00.5+02'"],
  interval: ["'1 year -2 months 3 days 04:05:06.789'", "'0'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  json: [`'{ "a" : [1, null, "x"] }'`, "'null'"],
  jsonb: [`'{"b": 1.50, "a": "\\u00e4,"}'`, `'"text"'`],
  bytea: [String.raw`'\x'`, String.raw`'\x00ff5c22'`],
  mood: ["'gut'", `'sehr, "gut"'`],
  'int4[]': ["'{1,NULL,-3}'", "'{}'"],
  'text[]': [`'{"a,b","c\\"d",NULL,""}'`, "'{{x,y},{z,w}}'"],
  pair: [`'(1,"a ""b""")'`, "'(,)'"],
  whole: ['5'],
  int4range: ["'[1,5)'", "'empty'"],
  inet: ["'192.168.0.1/24'"],
  bit: ["B'1'"],
  'bit(70)': [`B'${'10'.repeat(35)}'`],
  money: ['-12.34'],
  point: ["'(1.5,-2)'"],
  tsvector: ["'a fat cat'"],
  xml: ["'<a>1</a>'"],
};
const TYPES = `
  CREATE TYPE mood AS ENUM ('gut', 'sehr, "gut"');
  CREATE TYPE pair AS (a int, b text);
  CREATE DOMAIN whole AS int CHECK (VALUE >= 0)`;
const ALL = Object.entries(VALUES)
  .map(
    ([type, values], at) =>
      `(ARRAY[${[...values, 'NULL'].join(', ')}]::text[])[1 + i % ${values.length + 1}]::${type} AS c${at}`,
  )
  .join(', ');
/** Several pages, in which the values of a column meet those of the others in many ways. */
const SQL = `SELECT ${ALL} FROM generate_series(0, 2600) i`;

let server: TestPostgres;
let guarded: Guarded;
const folder = mkdtempSync(path.join(tmpdir(), 'tributary-values-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function exportRaw(sql: string): Promise<{ readonly rows: number; readonly text: string }> {
  const answer = await guarded.run(sql);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  const file = path.join(folder, 'out.csv');
  const { resultId, rows } = answer.value;
  const task = { queryId: 'export', resultId, format: 'csv', spreadsheetSafe: false, path: file } as const;
  const written = await guarded.queries.export(task);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
  return { rows, text: readFileSync(file, 'utf8') };
}

const REALS: ReadonlySet<number> = new Set([700, 701]);
const quote = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** By the driver, and each value as the server writes it; a real as the shortest that reads as the same. */
async function expectCsv(sql: string, setting = ''): Promise<string> {
  const client = new Client({ connectionString: server.url('values') });
  await client.connect();
  try {
    await client.query(`BEGIN READ ONLY; ${setting}`);
    const asText = { getTypeParser: () => (text: string) => text };
    const { rows, fields } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types: asText });
    const cells = rows.map((row) =>
      row.map((cell, at) => {
        if (cell === null) return '';
        return REALS.has(fields[at]?.dataTypeID ?? 0) ? String(Number(cell)) : quote(cell);
      }),
    );
    return [fields.map(({ name }) => name), ...cells, []].map((line) => line.join(',')).join('\r\n');
  } finally {
    await client.end();
  }
}

describe.each(VERSIONS)('values of PostgreSQL %i', (version) => {
  beforeAll(async () => {
    server = await startPostgres({ version });
    await server.createDatabase('values');
    await server.query(TYPES, 'values');
    const { ref, password } = serverSource(server.port, 'values');
    guarded = await openGuarded(ref, password);
  }, 120_000);
  afterAll(async () => {
    await guarded?.stop();
    await server?.stop();
  });

  test('of every type reach a raw CSV as the server writes them', async () => {
    const { rows, text } = await exportRaw(SQL);
    expect(rows).toBe(2_601);
    expect(text).toBe(await expectCsv(SQL));
  }, 60_000);

  test('whatever the role is set to', async () => {
    await server.query(
      "ALTER DATABASE values SET bytea_output = escape; ALTER DATABASE values SET datestyle = 'German'",
    );
    const { ref, password } = serverSource(server.port, 'values');
    const other = await openGuarded(ref, password);
    try {
      const answer = await other.run(String.raw`SELECT '\x00ff61'::bytea, date '2024-02-29'`);
      expect(answer).toMatchObject({ ok: true, value: { firstRows: [[{ blob: 'AP9h', bytes: 3 }, '2024-02-29']] } });
    } finally {
      await other.stop();
    }
  });

  test('rows without columns, and no rows', async () => {
    expect(await guarded.run('SELECT FROM generate_series(1, 3)')).toMatchObject({ value: { rows: 3, columns: [] } });
    expect(await exportRaw('SELECT 1 AS a WHERE false')).toEqual({ rows: 0, text: 'a\r\n' });
  });

  test('a parameter without a name is refused with a way out, also before running', async () => {
    const sql = 'SELECT $1::int + :a';
    const refused = { code: 'E_USAGE', hint: 'Write it as :name, and give that a value.' };
    expect(await guarded.run(sql, { params: { a: 1 } })).toMatchObject({ ok: false, error: refused });
    const { sessionId } = guarded;
    const checked = await guarded.queries.check({ queryId: 'check', sessionId, sql });
    expect(checked).toMatchObject({
      value: { diagnostics: [{ from: 7, to: 9, message: expect.stringContaining('parameter $1') as string }] },
    });
    const named = await guarded.run('SELECT :a::int + :b::int + :a::int', { params: { a: 1, b: 10 } });
    expect(named).toMatchObject({ ok: true, value: { firstRows: [[12]] } });
  });

  test('rows of 20 MB each take the memory of a few of them', async () => {
    const sql = 'SELECT i, repeat(md5(i::text), 625000) FROM generate_series(1, 20) i';
    const answer = await guarded.run(sql, { limits: { memoryBytes: 400_000_000 } });
    expect(answer).toMatchObject({ ok: true, value: { rows: 20, complete: true } });
  }, 120_000);

  test('a cancel amid rows: those that came are kept, the server rests, and the session goes on', async () => {
    const { queries, sessionId } = guarded;
    const sql = 'SELECT i, md5(i::text) FROM (SELECT generate_series(1, 1000000000) AS i) s';
    let resultId = '';
    const answer = await queries.run({ queryId: 'amid', sessionId, sql, confirmedScan: true }, ({ rows, result }) => {
      resultId = result?.resultId ?? resultId;
      if (rows > 100_000) void queries.cancel('amid');
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'E_CANCELLED' } });
    const page = await queries.rows({ queryId: 'page', resultId, offset: 100_000, limit: 1 });
    expect(page).toMatchObject({ ok: true, value: { rows: [[100_001, expect.any(String)]], complete: true } });
    const busy = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tributary' AND state <> 'idle'";
    expect(await server.query(busy)).toEqual([]);
    expect(await guarded.run('SELECT 1')).toMatchObject({ ok: true });
  }, 60_000);

  test('an answer larger than the memory is kept; a limit of rows ends it, and the session goes on', async () => {
    const sql = 'SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 600000) i';
    // The process may still hold some of what went before.
    const answer = await guarded.run(sql, { limits: { memoryBytes: 300_000_000 } });
    expect(answer).toMatchObject({ ok: true, value: { rows: 600_000, complete: true } });
    for (const rows of [1, 1_000, 200_000]) {
      const cut = await guarded.run(sql, { limits: { rows } });
      expect(cut).toMatchObject({ ok: true, value: { rows, truncatedBy: 'rows' } });
    }
    expect(await guarded.run('SELECT 1', { limits: { rows: 1 } })).toMatchObject({
      value: { rows: 1, complete: true },
    });
    const open = "SELECT state FROM pg_stat_activity WHERE application_name = 'tributary' AND datname = 'values'";
    expect(await server.query(open)).toEqual([{ state: 'idle' }]);
  }, 120_000);
});
