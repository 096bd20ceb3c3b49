import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceInfo, SourceRef } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { ask, countListed, makeFolder, nextId, unwrap } from './log-files.ts';

/** A snapshot of our own model with 200,000 events and all its dirt, against plain SQL on the same file. */
const folder = makeFolder();
const ref: SourceRef = { kind: 'sqlite', path: folder.file('snapshot.db') };
let engine: Engine;
let info: SourceInfo;
let db: Database.Database;
/** First and last time of each user's events of a type; events that name only a shop are its owner's. */
const PER_USER = `
  WITH owned AS (
    SELECT coalesce(e.metadata ->> 'user_id', s.user_id) AS user, e.event_type AS type, e.event_time AS time
    FROM global_events e LEFT JOIN shops s ON s.shop_id = e.metadata ->> 'shop_id')
  SELECT user, min(time) FILTER (WHERE type = 'account_created') AS account, max(time) FILTER (WHERE type = 'shop_created') AS shop
  FROM owned WHERE user IS NOT NULL GROUP BY user`;

beforeAll(async () => {
  generateSample({ out: ref.path, users: 33_000, seed: 11 });
  engine = createEngine({ dataDir: folder.file('data') });
  info = unwrap(await engine.open({ requestId: nextId(), ref }));
  db = new Database(ref.path, { readonly: true });
}, 120_000);
afterAll(async () => {
  db.close();
  await engine.stop();
  folder.dispose();
});
const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0;

describe('a snapshot of 200,000 events', () => {
  it('counts every row once: as an event, a duplicate, or a row without an actor', () => {
    const rowsOf = (kind: string): number => info.issues.find((issue) => issue.kind === kind)?.rows ?? 0;
    const rows = count('SELECT count(*) FROM global_events');
    expect(info.events + rowsOf('duplicate_event_id') + rowsOf('missing_actor') + rowsOf('bad_metadata')).toBe(rows);
    expect(info.partitions.reduce((sum, p) => sum + p.rows, 0)).toBe(info.events);
    expect(rows).toBeGreaterThan(200_000);
    expect(rowsOf('duplicate_event_id')).toBeGreaterThan(0);
    expect(rowsOf('equal_times')).toBeGreaterThan(0);
  });

  it('answers a funnel like SQL', async () => {
    const analysis = { type: 'funnel', steps: [{ event: 'account_created' }, { event: 'shop_created' }] } as const;
    const result = await ask(engine, info.sourceId, { ...analysis, steps: [...analysis.steps] });
    const entered = count(`SELECT count(*) FROM (${PER_USER}) WHERE account IS NOT NULL`);
    const converted = count(`SELECT count(*) FROM (${PER_USER}) WHERE shop >= account`);
    expect(result).toMatchObject({ type: 'funnel', steps: [{ count: entered }, { count: converted }] });
    expect(
      await countListed(engine, info.sourceId, { ...analysis, steps: [...analysis.steps] }, { droppedBeforeStep: 1 }),
    ).toBe(entered - converted);
  });

  it('answers the journey with every actor in one state or none', async () => {
    const result = await ask(engine, info.sourceId, { type: 'journey', interval: 'month' });
    if (result.type !== 'journey') throw new Error('not a journey');
    const sizes = Object.values(result.sizes).reduce((a, b) => a + b, 0);
    expect(sizes + result.noState).toBe(result.actorCount);
    expect(
      await countListed(engine, info.sourceId, { type: 'journey', interval: 'month' }, { state: 'Customer' }),
    ).toBe(result.sizes['Customer']);
  });

  it('holds about 15 bytes an event', () => {
    expect(info.memoryBytes / info.events).toBeLessThan(20);
  });
});
