import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqliteRef, Timeline } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { LOG_MAPPING, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

/** Timelines read the rows of their page again: all properties, whatever is in memory. */
const folder = makeFolder();
const snapshot: SqliteRef = { kind: 'sqlite', path: folder.file('snapshot.db') };
let engine: Engine;
beforeAll(() => {
  generateSample({ out: snapshot.path, users: 400, seed: 21 });
  engine = createEngine({ dataDir: folder.file('data'), threads: 2, slices: 3 });
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});
const timelineOf = async (sourceId: string, actor: string, offset = 0, limit = 10_000): Promise<Timeline> =>
  unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor, offset, limit }));
type Row = Record<string, unknown>;
const said = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

describe('a timeline', () => {
  it('shows every key of every row of our own model, dirt and all', async () => {
    const db = new Database(snapshot.path);
    const [actor] = db
      .prepare<[], string>(
        "SELECT metadata ->> 'user_id' AS u FROM global_events WHERE u IS NOT NULL GROUP BY u ORDER BY count(*) DESC",
      )
      .pluck()
      .all();
    // A key that no sample of rows would show, in one row only.
    db.prepare(
      "UPDATE global_events SET metadata = json_set(metadata, '$.seen_once', json('{\"deep\":[1,true]}')) WHERE rowid = (SELECT max(rowid) FROM global_events WHERE metadata ->> 'user_id' = ?)",
    ).run(actor);
    const owned = `WITH owned AS (SELECT g.rowid AS seq, event_time, recorded_at, event_type, metadata, event_id, ts,
        coalesce(metadata ->> 'user_id', s.user_id) AS user
      FROM global_events g LEFT JOIN shops s ON s.shop_id = metadata ->> 'shop_id')`;
    const rows = db
      .prepare<[string], { event_time: number; recorded_at: number; event_type: string; metadata: string }>(
        `${owned} SELECT * FROM owned o WHERE user = ? AND NOT EXISTS (SELECT 1 FROM owned d WHERE d.event_id = o.event_id
          AND d.event_time = o.event_time AND d.seq <> o.seq AND d.ts = strftime('%Y-%m-%dT%H', d.event_time / 1000, 'unixepoch'))
          ORDER BY event_time, seq`,
      )
      .all(actor ?? '');
    db.close();
    const timeline = await timelineOf(await openRef(engine, snapshot), actor ?? '');
    const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    expect(timeline.totalEvents).toBe(rows.length);
    expect(timeline.events.map(({ time, event, recordedAt, props }) => ({ time, event, recordedAt, props }))).toEqual(
      rows.map((row) => ({
        time: row.event_time,
        event: row.event_type,
        recordedAt: row.recorded_at,
        props: Object.fromEntries(
          Object.entries(said(JSON.parse(row.metadata) as Row)).map(([key, value]) => [key, text(value)]),
        ),
      })),
    );
    expect(timeline.events.some(({ props }) => props['seen_once'] === '{"deep":[1,true]}')).toBe(true);
  });

  it('shows the columns of a mapped table, of filtered rows, and page by page', async () => {
    const log = randomLog(31, 5_000);
    const ref = writeLog(folder.file('log.db'), log);
    const filtered: SqliteRef = { ...ref, mapping: { ...LOG_MAPPING, properties: null, filter: "what <> 'open'" } };
    const sourceId = await openRef(engine, filtered);
    const actor = log[0]?.actor ?? '';
    const db = new Database(ref.path, { readonly: true });
    const rows = db
      .prepare<[string], Row>("SELECT * FROM log WHERE who = ? AND what <> 'open' ORDER BY at, rowid")
      .all(actor);
    db.close();
    expect(rows.length).toBeGreaterThan(8);
    const expected = rows.map((row) => Object.fromEntries(Object.entries(said(row)).map(([k, v]) => [k, String(v)])));
    expect((await timelineOf(sourceId, actor)).events.map(({ props }) => props)).toEqual(expected);
    const page = await timelineOf(sourceId, actor, 3, 4);
    expect(page.events.map(({ props }) => props)).toEqual(expected.slice(3, 7));
  });

  it('shows all properties of a view too, whose rows cannot be found again', async () => {
    const log = randomLog(32, 300);
    const ref = writeLog(folder.file('view.db'), log);
    const db = new Database(ref.path);
    db.exec('CREATE VIEW seen_log AS SELECT * FROM log');
    db.close();
    const sourceId = await openRef(engine, { ...ref, mapping: { ...LOG_MAPPING, table: 'seen_log' } });
    const { events } = await timelineOf(sourceId, log[0]?.actor ?? '');
    expect(events.some(({ props }) => props['plan'] !== undefined)).toBe(true);
    expect(events.every(({ recordedAt }) => recordedAt !== undefined)).toBe(true);
  });
});
