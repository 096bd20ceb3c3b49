import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importFile, type ImportOptions, type ImportSummary } from './import.ts';
import { inspectSource } from './inspect.ts';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Events = readonly (readonly [
  ts: string,
  id: string,
  time: number,
  type: string,
  metadata: string,
  recordedAt: number | null,
])[];

async function importText(
  name: string,
  text: string | Buffer,
  options: Partial<ImportOptions> = {},
): Promise<ImportSummary & { readonly stored: Events }> {
  const place = path.join(folder, String(count++));
  const input = `${place}-${name}`;
  writeFileSync(input, text);
  const summary = await importFile({ input, out: `${place}.db`, mapping: {}, ...options });
  const db = new Database(summary.out, { readonly: true });
  const stored = db.prepare('SELECT * FROM global_events ORDER BY rowid').raw(true).all() as unknown as Events;
  db.close();
  return { ...summary, stored };
}

const T = Date.UTC(2024, 0, 1);

test('quotes, a byte order mark, CRLF, newlines inside cells, offsets, an unnamed and a repeated column', async () => {
  const text =
    '\uFEFF,user_id,"event",time,note,note\r\n0,ann,open,2024-01-01T01:00:00+01:00,"say ""hi"",\r\nthere",x\r\n1,"zoë",close,2024-01-01 02:00:00,,\r\n';
  const done = await importText('a.csv', text);
  expect(done).toMatchObject({
    format: 'csv',
    rows: 2,
    events: 2,
    actors: 2,
    rejected: 0,
    rejectedFile: null,
    columns: { actor: 'user_id', event: 'event', time: 'time', timeFormat: 'iso' },
  });
  expect(done.stored).toEqual([
    [
      '2024-01-01T00',
      'row-000000001',
      T,
      'open',
      '{"user_id":"ann","column_1":"0","event":"open","note":"say \\"hi\\",\\r\\nthere","note_2":"x"}',
      null,
    ],
    [
      '2024-01-01T02',
      'row-000000002',
      T + 7_200_000,
      'close',
      '{"user_id":"zoë","column_1":"1","event":"close"}',
      null,
    ],
  ]);
});

test.each([
  [';', 'who;what;at\na;e;1704067200\n'],
  ['\t', 'who\twhat\tat\na\te\t1704067200\n'],
  ['|', 'who|what|at\na|e|1704067200'],
])('the delimiter “%s” is seen', async (_, text) => {
  const done = await importText('d.txt', text, { mapping: { actor: 'who', event: 'what', time: 'at' } });
  expect(done.columns.timeFormat).toBe('seconds');
  expect(done.stored[0]).toEqual([
    '2024-01-01T00',
    'row-000000001',
    T,
    'e',
    '{"user_id":"a","who":"a","what":"e"}',
    null,
  ]);
});

test('bad rows are reported with their line and kept aside as they were', async () => {
  const text =
    'user_id,event,time\nann,open,2024-01-01\n,open,2024-01-01\n\nann,,2024-01-01\nann,"o\npen",yesterday\nann,open\nann,open,2024-01-01,extra\nbob,open,2024-01-02\n';
  const done = await importText('bad.csv', text);
  expect(done).toMatchObject({ rows: 7, events: 2, rejected: 5 });
  expect(done.rejectedRows.map((r) => [r.line, r.reason])).toEqual([
    [3, 'has no actor (column “user_id” is empty)'],
    [5, 'has no event (column “event” is empty)'],
    [6, 'has no readable time (“yesterday” in column “time”)'],
    [8, 'has 2 cells, the header has 3'],
    [9, 'has 4 cells, the header has 3'],
  ]);
  expect(
    readFileSync(done.rejectedFile ?? '', 'utf8')
      .split('\n')
      .slice(0, 2),
  ).toEqual(['line,reason,user_id,event,time', '3,"has no actor (column “user_id” is empty)",,open,2024-01-01']);
  expect(done.rows).toBe(done.events + done.rejected);
});

test('a quote that is never closed spoils no row before it', async () => {
  const done = await importText(
    'open.csv',
    'user_id,event,time\nann,open,2024-01-01\nbob,"open,2024-01-01\ncid,open,2024-01-01\n',
  );
  expect(done).toMatchObject({ events: 1, rejected: 1 });
  expect(done.rejectedRows).toEqual([{ line: 3, reason: 'cannot be read as CSV (CSV_QUOTE_NOT_CLOSED)' }]);
  expect(readFileSync(done.rejectedFile ?? '', 'utf8')).toContain('cid,open,2024-01-01');
});

test('JSON Lines: nested objects become dotted names, values keep their types', async () => {
  const text =
    '{"event":"open","distinct_id":"ann","timestamp":1704067200000,"properties":{"plan":"pro","n":2,"tags":["a"],"none":null}}\n{bad}\n[1]\n\n{"event":"close","distinct_id":7,"timestamp":1704067260000}\r\n';
  const done = await importText('a.jsonl', text);
  expect(done).toMatchObject({
    format: 'jsonl',
    rows: 4,
    events: 2,
    rejected: 2,
    columns: { actor: 'distinct_id', event: 'event', time: 'timestamp', timeFormat: 'milliseconds' },
  });
  expect(done.stored.map((e) => JSON.parse(e[4]) as unknown)).toEqual([
    {
      user_id: 'ann',
      event: 'open',
      distinct_id: 'ann',
      'properties.plan': 'pro',
      'properties.n': 2,
      'properties.tags': ['a'],
    },
    { user_id: '7', event: 'close', distinct_id: 7 },
  ]);
  expect(
    readFileSync(done.rejectedFile ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as unknown),
  ).toEqual([
    { line: 2, reason: 'is no valid JSON', row: '{bad}' },
    { line: 3, reason: 'is no JSON object', row: '[1]' },
  ]);
});

test('another actor: a column called user_id keeps its values under another name', async () => {
  const done = await importText('s.csv', 'user_id,session_id,event,time\nann,s1,open,2024-01-01\n', {
    mapping: { actor: 'session_id' },
  });
  expect(done.renamed).toEqual({ user_id: 'column.user_id' });
  expect(JSON.parse(done.stored[0]?.[4] ?? '')).toEqual({
    user_id: 's1',
    'column.user_id': 'ann',
    session_id: 's1',
    event: 'open',
  });
});

test('a constant event, a recorded time, and a result that the readers take as our model', async () => {
  const done = await importText('c.csv', 'user_id,time,seen\nann,2024-01-01,2024-01-01 03:00:00\nann,2024-01-01,\n', {
    mapping: { eventConstant: 'visit', recordedAt: 'seen' },
  });
  expect(done.stored.map((e) => [e[3], e[5]])).toEqual([
    ['visit', T + 3 * 3_600_000],
    ['visit', null],
  ]);
  const found = inspectSource({ kind: 'sqlite', path: done.out }, { scratchDir: folder });
  expect(found).toMatchObject({ model: 'tributary', totals: { events: 2, actors: 1 }, guardHours: 0 });
  expect(found.tables.find((t) => t.name === 'users')?.rows).toBe(1);
  expect(found.issues.map((i) => i.kind)).toEqual(['late_rows', 'equal_times']);
});

test('more rows than one batch, UTF-16, and the same file twice gives the same bytes of events', async () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, i) =>
      `u${i % 50},e${i % 3},2024-01-01 00:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`,
  );
  const text = `user_id,event,time\n${rows.join('\n')}\n`;
  const [first, second] = [
    await importText('n.csv', text),
    await importText('n.csv', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])),
  ];
  expect(first).toMatchObject({ rows: 5_000, events: 5_000, actors: 50 });
  expect(second.stored).toEqual(first.stored);
});

test('an existing snapshot is only replaced when asked, and a failed import leaves nothing', async () => {
  const done = await importText('e.csv', 'user_id,event,time\nann,open,2024-01-01\n');
  const input = path.join(folder, 'again.csv');
  writeFileSync(input, 'user_id,event,time\nann,open,never\n');
  const before = readFileSync(done.out);
  await expect(importFile({ input, out: done.out, mapping: {} })).rejects.toMatchObject({ code: 'E_EXISTS' });
  await expect(importFile({ input, out: done.out, mapping: {}, force: true })).rejects.toMatchObject({
    code: 'E_BAD_MAPPING',
    path: 'time',
  });
  await expect(
    importFile({ input, out: done.out, mapping: { time: 'time', timeFormat: 'iso' }, force: true }),
  ).rejects.toMatchObject({ code: 'E_BAD_ROWS' });
  expect(readFileSync(done.out)).toEqual(before);
  expect(readdirSync(folder).filter((f) => f.includes('partial'))).toEqual([]);
  writeFileSync(input, 'user_id,event,time\nbob,open,2024-01-01\n');
  await importFile({ input, out: done.out, mapping: {}, force: true });
  expect(readFileSync(done.out)).not.toEqual(before);
});

test('cancelling leaves nothing', async () => {
  const input = path.join(folder, 'cancel.csv');
  const out = path.join(folder, 'cancel.db');
  writeFileSync(input, `user_id,event,time\n${'ann,open,2024-01-01\n'.repeat(20_000)}`);
  await expect(importFile({ input, out, mapping: {} }, (_bytes, _total, rows) => rows > 1_000)).rejects.toMatchObject({
    code: 'E_CANCELLED',
  });
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(folder).filter((f) => f.includes('partial'))).toEqual([]);
});

test.each([
  ['no file', null, {}, 'E_NOT_FOUND'],
  ['an empty file', '', {}, 'E_BAD_ROWS'],
  ['a header alone', 'user_id,event,time\n', {}, 'E_BAD_ROWS'],
  ['one JSON list', '[{"a":1}]', {}, 'E_UNSUPPORTED'],
  ['no such column', 'user_id,event,time\na,b,2024-01-01\n', { actor: 'user' }, 'E_NO_SUCH_COLUMN'],
  ['nothing like a time', 'a,b\n1,2\n', {}, 'E_BAD_MAPPING'],
])('%s', async (_, text, mapping, code) => {
  const input = path.join(folder, `bad-${count++}.txt`);
  if (text !== null) writeFileSync(input, text);
  await expect(importFile({ input, out: `${input}.db`, mapping })).rejects.toMatchObject({ code });
  expect(existsSync(`${input}.db`)).toBe(false);
});

test('a folder that is not there', async () => {
  const input = path.join(folder, `folder-${count++}.csv`);
  writeFileSync(input, 'user_id,event,time\na,b,2024-01-01\n');
  const out = path.join(folder, 'none', 'x.db');
  await expect(importFile({ input, out, mapping: {} })).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});
