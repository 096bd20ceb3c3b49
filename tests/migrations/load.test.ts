import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { readMigrations } from '../../migrations/read-migrations.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { loadFile } from '../../worker/admin/load-any.ts';
import type { LoadOptions } from '../../worker/admin/load-summary.ts';
import type { LoadFileOptions } from '../../worker/admin/load-file.ts';
import { ensurePartitions } from '../../worker/admin/partitions.ts';
import { CREDENTIALS } from '../support/store-target.ts';
import { describeStores } from '../support/store-tests.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tributary-load-test-'));
const sample = path.join(folder, 'sample.db');
generateSample({ out: sample, users: 200, seed: 11 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const ID = '00000000-0000-4000-8000-00000000000';
type Event = readonly [ts: string, id: string, time: number, type: string, metadata: string];
const HOUR = '2026-01-01T00';
const TIME = Date.parse('2026-01-01T00:00:00.001Z');
const event = (
  id: string,
  change: Partial<Record<'ts' | 'time' | 'type' | 'metadata', string | number>> = {},
): Event => [
  String(change.ts ?? HOUR),
  id,
  Number(change.time ?? TIME),
  String(change.type ?? 'account_created'),
  String(change.metadata ?? '{"user_id":"u"}'),
];

/** A snapshot with these events and whatever `more` says. */
function snapshotOf(events: readonly Event[], more = ''): string {
  const file = path.join(folder, `${files++}.db`);
  const db = new Database(file);
  db.pragma('foreign_keys = OFF');
  for (const { up } of readMigrations('sqlite')) db.exec(up);
  const insert = db.prepare('INSERT INTO global_events VALUES (?, ?, ?, ?, ?, NULL)');
  for (const row of events) insert.run(...row);
  db.exec(more);
  db.close();
  return file;
}
function textFile(name: string, lines: readonly string[]): string {
  const file = path.join(folder, `${files++}-${name}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describeStores('load', (given) => {
  const load = (file: string, options: Partial<LoadOptions & LoadFileOptions> = {}) =>
    loadFile(given.store.target, CREDENTIALS, file, {
      rejected: path.join(folder, `r${files++}`),
      mapping: {},
      ...options,
    });
  const all = () => given.store.rows('SELECT * FROM global_events ORDER BY seq');
  /** Each hour that is complete counts as many as there are. */
  const wrongRollups = () =>
    given.store.rows(
      `SELECT * FROM (SELECT ts, event_type, count(*) AS events FROM global_events GROUP BY 1, 2) e
       FULL JOIN rollup_hourly r USING (ts, event_type, events)
       WHERE ts <= (SELECT complete_through FROM rollup_watermarks) AND (e.ts IS NULL OR r.ts IS NULL)`,
    );

  test('a snapshot, with all its dirt put right; a second run changes nothing', async () => {
    const db = new Database(sample, { readonly: true });
    const wanted = db
      .prepare(
        `SELECT event_id AS id, event_time AS time, event_type AS type, recorded_at AS recorded FROM global_events e
         WHERE ts = strftime('%Y-%m-%dT%H', event_time / 1000, 'unixepoch') OR NOT EXISTS (SELECT 1 FROM global_events o
           WHERE o.event_id = e.event_id AND o.ts = strftime('%Y-%m-%dT%H', e.event_time / 1000, 'unixepoch'))
         ORDER BY rowid`,
      )
      .all() as { id: string; time: number; type: string; recorded: number }[];
    const rows = Number(db.prepare('SELECT count(*) FROM global_events').pluck().get());
    db.close();
    const first = await load(sample);
    expect(first).toMatchObject({ rows, loaded: wanted.length, duplicate: rows - wanted.length, rejected: 0, late: 0 });
    expect(first.rekeyed).toBeGreaterThan(0);
    expect(first.tables['users']).toMatchObject({ added: 200, rejected: 0 });
    const loaded = await all();
    expect(loaded.map((row) => [row['event_id'], (row['event_time'] as Date).getTime(), row['event_type']])).toEqual(
      wanted.map(({ id, time, type }) => [id, time, type]),
    );
    expect(loaded.map((row) => (row['recorded_at'] as Date).getTime())).toEqual(wanted.map((row) => row.recorded));
    expect(await given.store.rows('SELECT FROM global_events WHERE ts <> hour_key(event_time)')).toEqual([]);
    expect(await given.store.rows('SELECT FROM global_events_default')).toEqual([]);
    expect(await wrongRollups()).toEqual([]);
    expect((await given.store.rows('SELECT complete_through FROM rollup_watermarks'))[0]).toEqual({
      complete_through: loaded
        .map((row) => String(row['ts']))
        .toSorted()
        .at(-1),
    });
    const second = await load(sample);
    expect(second).toMatchObject({ rows, loaded: 0, rekeyed: 0, duplicate: rows, rejected: 0, partitions: [] });
    expect(second.tables['shops']).toMatchObject({ added: 0, updated: 0, rejected: 0 });
    expect(await all()).toEqual(loaded);
    expect(await wrongRollups()).toEqual([]);
  });

  test('rows that are no events are kept aside, each with its reason; the others are loaded', async () => {
    const file = snapshotOf([
      event(`${ID}1`),
      event(`${ID}2`, { type: 'renamed' }),
      event(`${ID}3`, { metadata: '{' }),
      event(`${ID}4`, { metadata: '[1]' }),
      event(`${ID}5`, { metadata: String.raw`{"a":"\u0000"}` }),
      event(`${ID}6`, { metadata: String.raw`{"a":["\ud800"]}` }),
      event(`${ID}7`, { metadata: '{"a":1e200000}' }),
      event(`${ID}8`, { time: 9e15 }),
      event(`${ID}9`, { metadata: String.raw`{"a":"\ud83d\ude00 \\u0000"}` }),
    ]);
    const done = await load(file);
    expect(done).toMatchObject({ rows: 9, loaded: 2, rejected: 7 });
    expect((await all()).map((row) => String(row['event_id']).at(-1))).toEqual(['1', '9']);
    const told = done.rejectedRows.toSorted((a, b) => a.line - b.line);
    expect(told.map(({ line, reason }) => [line, reason.slice(0, 30)])).toMatchObject([
      [2, 'has the event type “renamed”, '],
      [3, 'has metadata that is no valid '],
      [4, 'has metadata that is no JSON o'],
      [5, 'has metadata with characters t'],
      [6, 'has metadata with characters t'],
      [7, 'is refused by the server: valu'],
      [8, expect.stringMatching(/^has (no readable|a) time/)],
    ]);
    const kept = readFileSync(done.rejectedFile ?? '', 'utf8')
      .trim()
      .split('\n');
    expect(kept).toHaveLength(7);
    expect(JSON.parse(kept[0] ?? '')).toMatchObject({ line: 2, row: expect.stringContaining(`${ID}2`) });
  });

  test('one id: the same event once, another one of the hour is told, one of another hour is an event', async () => {
    await load(snapshotOf([event(`${ID}1`)]));
    const later = TIME + 3_600_000;
    const done = await load(
      textFile('twice.jsonl', [
        JSON.stringify({ event_id: `${ID}1`, event_time: TIME, event_type: 'account_created', metadata: {} }),
        JSON.stringify({ event_id: `${ID}1`, event_time: TIME + 5, event_type: 'account_created', metadata: {} }),
        JSON.stringify({ event_id: `${ID}1`, event_time: later, event_type: 'account_created', metadata: {} }),
        JSON.stringify({ event_id: `${ID}2`, event_time: TIME, event_type: 'account_created', metadata: {} }),
        JSON.stringify({ event_id: `${ID}2`, event_time: TIME, event_type: 'account_created', metadata: {} }),
        JSON.stringify({ event_id: `${ID}2`, event_time: TIME + 5, event_type: 'account_created', metadata: {} }),
      ]),
    );
    expect(done).toMatchObject({ rows: 6, loaded: 2, duplicate: 2, rejected: 2 });
    expect(done.rejectedRows.map(({ line }) => line)).toEqual([2, 6]);
  });

  test('an event that the store has under a wrong hour is there already', async () => {
    await ensurePartitions(given.store.client, { from: TIME, to: TIME });
    await given.store.rows(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       VALUES ('2026-01-01T05', '${ID}1', '2026-01-01T00:00:00.001Z', 'account_created')`,
    );
    expect(await load(snapshotOf([event(`${ID}1`)]))).toMatchObject({ loaded: 0, duplicate: 1 });
  });

  test('late rows count in the rollups of hours that were complete', async () => {
    await load(snapshotOf([event(`${ID}1`), event(`${ID}2`, { ts: '2026-01-01T09', time: TIME + 9 * 3_600_000 })]));
    const rest = [event(`${ID}3`), event(`${ID}4`, { ts: '2026-01-01T03' }), event(`${ID}1`)];
    expect(await load(snapshotOf(rest))).toMatchObject({ loaded: 2, late: 2, rekeyed: 1, duplicate: 1 });
    expect(await wrongRollups()).toEqual([]);
    expect(await given.store.rows(`SELECT events FROM rollup_hourly WHERE ts = '${HOUR}'`)).toEqual([{ events: '3' }]);
  });

  test('our model as CSV and as JSON Lines is the same events', async () => {
    const csv = textFile('model.csv', [
      'event_id,event_time,event_type,metadata,recorded_at,ts',
      `${ID}1,2026-01-01T00:00:00.001Z,account_created,"{""user_id"":""u""}",2026-01-01 00:00:01,2026-01-01T00`,
      `${ID}2,${TIME},account_created,{},,2026-01-01T07`,
      `${ID}3,soon,account_created,{},,`,
      'not-a-uuid,1767225600002,shop_created,{},,',
    ]);
    expect(await load(csv)).toMatchObject({ rows: 4, loaded: 3, rekeyed: 1, rejected: 1 });
    const events = await all();
    expect(events[0]).toMatchObject({ metadata: { user_id: 'u' }, recorded_at: new Date('2026-01-01T00:00:01Z') });
    expect(events[1]).toMatchObject({ ts: HOUR, recorded_at: null });
    expect(events[2]?.['event_id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    const json = events.map((row) => JSON.stringify({ ...row, seq: undefined }));
    expect(await load(textFile('model.jsonl', json))).toMatchObject({ loaded: 0, duplicate: 3, rejected: 0 });
  });

  test('a file of other columns: ids from what the rows say, users by their first event', async () => {
    const lines = [
      'who,what,when',
      'ann,account_created,2026-01-01',
      'ann,shop_created,2026-01-02',
      'ann,shop_created,2026-01-02',
    ];
    const mapping = { actor: 'who', event: 'what', time: 'when' };
    expect(await load(textFile('visits.csv', lines), { mapping })).toMatchObject({ loaded: 3, duplicate: 0 });
    expect(await given.store.rows('SELECT user_id, created_at FROM users')).toEqual([
      { user_id: 'ann', created_at: new Date('2026-01-01') },
    ]);
    const more = textFile('more.csv', [...lines, 'bob,left,2026-01-03', ',shop_created,2026-01-03']);
    expect(await load(more, { mapping })).toMatchObject({ loaded: 0, duplicate: 3, rejected: 2 });
  });

  test('tables beside the events: changes are taken, a known end stays, orphans are told', async () => {
    const base =
      "INSERT INTO plans VALUES ('p', 'Plan', 100, 'month'); INSERT INTO users VALUES ('u', 'a@b.test', 1, 5);";
    await load(snapshotOf([], `${base} INSERT INTO shops VALUES ('s', 'u', 'p', 2, NULL);`));
    const next =
      "INSERT INTO plans VALUES ('p', 'Better', 200, 'month'); INSERT INTO users VALUES ('u', 'a@b.test', 1, NULL);";
    const shops =
      "INSERT INTO shops VALUES ('s', 'u', 'p', 2, 9); INSERT INTO shops VALUES ('t', 'nobody', 'p', 2, NULL);";
    const done = await load(snapshotOf([], `${next} ${shops}`));
    expect(done.tables).toMatchObject({
      plans: { added: 0, updated: 1, unchanged: 0, rejected: 0 },
      users: { added: 0, updated: 0, unchanged: 1, rejected: 0 },
      shops: { added: 0, updated: 1, unchanged: 0, rejected: 1 },
    });
    expect(done.rejectedRows).toMatchObject([{ reason: 'names a row that users does not have' }]);
    expect(await given.store.rows('SELECT deleted_at FROM users')).toEqual([{ deleted_at: new Date(5) }]);
    expect(await given.store.rows('SELECT name, price_cents FROM plans')).toEqual([
      { name: 'Better', price_cents: '200' },
    ]);
  });

  test('cancelled, the next run loads the rest', async () => {
    const rejected = path.join(folder, `r${files++}`);
    await expect(load(sample, { rejected, onProgress: () => true })).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(existsSync(`${rejected}.rejected.jsonl`)).toBe(false);
    const done = await load(sample);
    expect(done.loaded + done.duplicate).toBe(done.rows);
  });

  test('while the default partition is not empty, nothing is loaded over it', async () => {
    await given.store.rows(
      `INSERT INTO global_events (ts, event_id, event_time, event_type)
       VALUES ('${HOUR}', '${ID}8', '2026-01-01T00:00:00.001Z', 'account_created')`,
    );
    await expect(load(snapshotOf([event(`${ID}1`)]))).rejects.toMatchObject({ code: 'E_REFUSED' });
    expect(await all()).toHaveLength(1);
  });
});
