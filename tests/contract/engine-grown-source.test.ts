import Database from 'better-sqlite3';
import { renameSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { generateSample } from '../../samples/generate-sample.ts';
import type { AnalysisDocument, SourceInfo, SqliteRef } from '../../protocol/index.ts';
import { createEngine, type EngineOptions, type LocalEngine } from '../../worker/host.ts';
import { randomLog, randomOf } from '../support/random-log.ts';
import type { LogEvent } from '../support/timelines.ts';
import { SAMPLES } from './analyses.ts';
import { appendLog, ask, comparable, makeFolder, nextId, unwrap, writeLog } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
afterAll(() => folder.dispose());

async function withEngine<T>(options: Partial<EngineOptions>, work: (engine: LocalEngine) => Promise<T>): Promise<T> {
  const engine = createEngine({ dataDir: folder.file('none'), threads: 2, cacheBytes: 0, ...options });
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

const open = async (engine: LocalEngine, ref: SqliteRef): Promise<SourceInfo> =>
  unwrap(await engine.open({ requestId: nextId(), ref }));

/** What the engine says of a source: answers, lists, CSV, values, a timeline; without what tells how it was read. */
async function tell(engine: LocalEngine, info: SourceInfo): Promise<unknown> {
  const { sourceId, openMs: _open, memoryBytes: _memory, reading: _reading, addedEvents: _added, ...rest } = info;
  const answers: unknown[] = [JSON.parse(JSON.stringify(rest))];
  for (const { document, numbers } of SAMPLES) {
    const answer = await ask(engine, sourceId, document);
    const [first] = numbers(answer);
    const request = { requestId: nextId(), sourceId, analysis: document };
    answers.push({ document, answer: comparable(answer), csv: unwrap(await engine.csv(request)) });
    if (first !== undefined) answers.push(unwrap(await engine.actors({ ...request, selection: first[0], limit: 50 })));
  }
  answers.push(comparable(await ask(engine, sourceId, { type: 'rollup', by: '$actor' } as AnalysisDocument)));
  for (const property of ['plan', '$event', '$actor'])
    answers.push(unwrap(await engine.values({ requestId: nextId(), sourceId, property, limit: 9 })));
  answers.push(unwrap(await engine.vocabulary(sourceId)));
  for (const { value } of unwrap(await engine.values({ requestId: nextId(), sourceId, property: '$actor', limit: 2 }))
    .values)
    answers.push(unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor: value })));
  return answers;
}

const tellFresh = (ref: SqliteRef): Promise<unknown> =>
  withEngine({}, async (engine) => tell(engine, await open(engine, ref)));

function change(ref: SqliteRef, work: (db: Database.Database) => void): void {
  const db = new Database(ref.path);
  try {
    work(db);
  } finally {
    db.close();
  }
}

/** Known and new actors, late rows in old hours, new event types and values, equal times, copies of old rows. */
function moreOf(log: readonly LogEvent[], seed: number, count: number): LogEvent[] {
  const random = randomOf(seed);
  return randomLog(seed, count).map((event) => {
    const chance = random();
    const old = log[Math.floor(random() * log.length)] ?? event;
    if (chance < 0.2) return old;
    if (chance < 0.4) return { ...event, actor: old.actor, time: old.time };
    if (chance < 0.6) return { ...event, actor: old.actor };
    if (chance < 0.65) return { ...event, event: `new ${seed % 7}` };
    if (chance < 0.7) return { ...event, props: { plan: `plan ${seed % 5}`, country: 'NL' } };
    return event;
  });
}

/** Nothing comes before it: a segment that begins earlier is built anew. */
const FIRST: LogEvent = { actor: 'first', event: 'open', time: Date.UTC(2024, 0, 1) };

const WAYS: readonly Partial<EngineOptions>[] = [{}, { kernels: false }, { threads: 1 }, { threads: 3, slices: 5 }];

describe(`a source that has grown (TRIBUTARY_SEED=${SEED})`, () => {
  it('is answered as if it was read anew, while only its new rows are read', async () => {
    for (const [way, options] of WAYS.entries()) {
      const log = [FIRST, ...randomLog(SEED + way, 400)];
      const ref = writeLog(folder.file(`grown-${way}.db`), log);
      await withEngine(options, async (engine) => {
        const first = await open(engine, ref);
        await tell(engine, first);
        let before = first;
        // The other ways differ in how rows are merged, not in what comes: one row, then many.
        for (let step = 0; step < (way === 0 ? 4 : 2); step++) {
          await engine.settle();
          const more = moreOf(log, SEED + 31 * step + way, 1 + 40 * step);
          change(ref, (db) => appendLog(db, more));
          log.push(...more);
          const grown = await open(engine, ref);
          expect({ way, step, added: grown.addedEvents }).toEqual({ way, step, added: more.length });
          const old = await engine.run({
            requestId: nextId(),
            sourceId: before.sourceId,
            analysis: { type: 'rollup' },
          });
          expect(old).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
          await engine.settle();
          expect(await tell(engine, grown)).toEqual(await tellFresh(ref));
          before = grown;
        }
      });
    }
  }, 300_000);

  it('is read anew when old rows were changed, moved or taken away, and when another file is in its place', async () => {
    const log = [FIRST, ...randomLog(SEED, 3_000)];
    const add = (db: Database.Database): void => appendLog(db, randomLog(SEED + 1, 30));
    const changes: Readonly<Record<string, (db: Database.Database) => void>> = {
      'an old row is changed': (db) => db.exec('UPDATE log SET what = upper(what) WHERE rowid = 700'),
      'an old value is changed': (db) => db.exec("UPDATE log SET plan = 'proo' WHERE rowid = 701"),
      'the last row is changed': (db) => db.exec('UPDATE log SET at = at + 1 WHERE rowid = 3001'),
      'an old row is gone': (db) => db.exec('DELETE FROM log WHERE rowid = 12'),
      'the last row is gone': (db) => db.exec('DELETE FROM log WHERE rowid = 3001'),
      'the last row is another': (db) =>
        db.exec(
          "DELETE FROM log WHERE rowid = 3001; INSERT INTO log VALUES ('other', 'buy', 1706400000000, 0, NULL, NULL)",
        ),
      'old hours are gone': (db) => db.exec('DELETE FROM log WHERE rowid < 500'),
      'a gap is filled': (db) =>
        db.exec("INSERT INTO log (rowid, who, what, at) VALUES (-5, 'early', 'buy', 1706400000000)"),
      'it is packed': (db) => db.exec('DELETE FROM log WHERE rowid % 2 = 0; VACUUM'),
      'it has a new index': (db) => db.exec('CREATE INDEX by_who ON log (who)'),
    };
    await withEngine({}, async (engine) => {
      for (const [name, work] of Object.entries(changes))
        for (const order of ['before', 'after'] as const) {
          const ref = writeLog(folder.file(`changed-${order}-${name}.db`), log);
          const { sourceId } = await open(engine, ref);
          await engine.settle();
          change(ref, (db) => {
            if (order === 'after') add(db);
            work(db);
            if (order === 'before') add(db);
          });
          const now = await open(engine, ref);
          expect({ name, order, added: now.addedEvents }).toEqual({ name, order, added: undefined });
          for (const id of new Set([sourceId, now.sourceId])) unwrap(await engine.close(id));
        }
    });
    const ref = writeLog(folder.file('replaced.db'), log);
    const other = writeLog(folder.file('other.db'), [FIRST, ...randomLog(SEED + 5, 3_100)]);
    await withEngine({}, async (engine) => {
      await open(engine, ref);
      await engine.settle();
      renameSync(other.path, ref.path);
      const now = await open(engine, ref);
      expect(now.addedEvents).toBeUndefined();
      expect(await tell(engine, now)).toEqual(await tellFresh(ref));
    });
  }, 300_000);

  it('grows out of what an earlier session kept', async () => {
    const log = [FIRST, ...randomLog(SEED, 900)];
    const ref = writeLog(folder.file('kept.db'), log);
    const kept = { dataDir: folder.file('kept'), cacheBytes: 1e9 };
    for (let session = 0; session < 3; session++) {
      await withEngine({ ...kept, kernels: session !== 1 }, async (engine) => {
        const info = await open(engine, ref);
        expect(info.addedEvents).toBe(session === 0 ? undefined : 50);
        await engine.settle();
        expect(await tell(engine, info)).toEqual(await tellFresh(ref));
        await engine.settle();
      });
      change(ref, (db) => appendLog(db, moreOf(log, SEED + session, 50)));
    }
    // Changed meanwhile, and grown.
    change(ref, (db) => db.exec('UPDATE log SET what = upper(what) WHERE rowid = 5'));
    await withEngine(kept, async (engine) => {
      const info = await open(engine, ref);
      expect(info.addedEvents).toBeUndefined();
      expect(await tell(engine, info)).toEqual(await tellFresh(ref));
    });
  }, 300_000);

  it('looks at all old rows of a large source behind: what was changed far from the new rows ends the session', async () => {
    const ref = { ...writeLog(folder.file('small-pages.db'), [FIRST]), path: folder.file('large.db') };
    const made = new Database(ref.path);
    made.pragma('page_size = 512');
    made.exec('CREATE TABLE log (who TEXT, what TEXT, at INTEGER, seen INTEGER, plan TEXT, country TEXT)');
    // Some 20,000 leaves: more blocks than are looked at before the first answer.
    made.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39999)
      INSERT INTO log SELECT 'a' || (i % 500), 'open', 1704067200000 + i * 1000, 0, 'basic', printf('%.200c', 'x') FROM n`);
    made.close();
    await withEngine({}, async (engine) => {
      await open(engine, ref);
      await engine.settle();
      change(ref, (db) => {
        db.exec("UPDATE log SET what = 'OPEN' WHERE rowid = 30011");
        appendLog(db, randomLog(SEED, 20));
      });
      const grown = await open(engine, ref);
      expect(grown.addedEvents).toBe(20);
      const request = { sourceId: grown.sourceId, analysis: { type: 'rollup' } as const };
      const early = await engine.run({ requestId: nextId(), ...request });
      expect(early.ok ? early.value.warnings.join() : 'compared').toContain('compared');
      await engine.settle();
      const late = await engine.run({ requestId: nextId(), ...request });
      expect(late).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
      const anew = await open(engine, ref);
      expect(anew.addedEvents).toBeUndefined();
      expect(await tell(engine, anew)).toEqual(await tellFresh(ref));
    });
  }, 120_000);

  it('in our own model: copies under other hours, owners of shops, rows without an actor', async () => {
    const ref: SqliteRef = { kind: 'sqlite', path: folder.file('model.db') };
    generateSample({ out: ref.path, users: 300, seed: 7 });
    await withEngine({}, async (engine) => {
      const first = await open(engine, ref);
      await engine.vocabulary(first.sourceId);
      for (let step = 0; step < 3; step++) {
        await engine.settle();
        change(ref, (db) => {
          // Some a day later, some again under another hour, some strays twice.
          db.exec(`INSERT INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
            SELECT strftime('%Y-%m-%dT%H', (event_time + 86400000) / 1000, 'unixepoch'), event_id || '-${step}', event_time + 86400000,
              event_type, metadata, recorded_at FROM global_events WHERE rowid % 97 = ${step}`);
          db.exec(`INSERT OR IGNORE INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
            SELECT strftime('%Y-%m-%dT%H', event_time / 1000 + 7200, 'unixepoch'), event_id, event_time, event_type, metadata, recorded_at
            FROM global_events WHERE rowid % 211 = ${step}`);
          db.exec(`INSERT OR IGNORE INTO global_events (ts, event_id, event_time, event_type, metadata, recorded_at)
            SELECT strftime('%Y-%m-%dT%H', event_time / 1000 - 3600 * (rowid % 2 + 1), 'unixepoch'), 'stray ' || (rowid / 2) || '-${step}',
              event_time - event_time % 10000, event_type, '{"shop_id":"' || coalesce(json_extract(metadata, '$.shop_id'), 'none') || '"}', recorded_at
            FROM global_events WHERE rowid % 301 < 2`);
        });
        const grown = await open(engine, ref);
        expect(grown.addedEvents).toBeGreaterThan(0);
        await engine.settle();
        expect(await tell(engine, grown)).toEqual(await tellFresh(ref));
      }
    });
  }, 240_000);
});
