import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SourceInfo, SqliteRef } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { writeSnapshot, type SnapshotRow } from '../support/snapshot-file.ts';
import { SAMPLES } from './analyses.ts';
import { appendLog, ask, comparable, countListed, makeFolder, nextId, unwrap, writeLog } from './log-files.ts';

/** What is answered of a large source while it is first read: exactly what its latest rows say, marked. */
const folder = makeFolder();
const engines: Engine[] = [];
afterAll(async () => {
  for (const engine of engines) await engine.stop();
  folder.dispose();
});
let started = 0;
function start(previewRows: number, options: { dataDir?: string; kernels?: boolean } = {}): Engine {
  const dataDir = options.dataDir ?? folder.file(`data-${++started}`);
  const engine = createEngine({ threads: 2, previewRows, ...options, dataDir });
  engines.push(engine);
  return engine;
}
const open = async (engine: Engine, ref: SqliteRef, build: 'all' | 'preview'): Promise<SourceInfo> =>
  unwrap(await engine.open({ requestId: nextId(), ref, build }));

const SEED = 41;
const LATEST = 400;
const PARTIAL_WARNING = /^Partial: counted from the latest 400 rows of about /;

/** A log of which every third row was deleted, so that rowids have gaps, and its last rows alone. */
function makeFiles(name: string): { readonly whole: SqliteRef; readonly tail: SqliteRef } {
  const log = randomLog(SEED, 4_000);
  const whole = writeLog(folder.file(`${name}.db`), log);
  const db = new Database(whole.path);
  db.exec('DELETE FROM log WHERE rowid % 3 = 0');
  db.close();
  const left = log.filter((_, i) => (i + 1) % 3 !== 0);
  return { whole, tail: writeLog(folder.file(`${name}-tail.db`), left.slice(-LATEST)) };
}

describe('a preview', () => {
  for (const kernels of [true, false])
    it(`says what the latest rows say, to every question (${kernels ? 'kernels' : 'twins'})`, async () => {
      const { whole, tail } = makeFiles(`rows-${kernels}`);
      const engine = start(LATEST, { kernels });
      const preview = await open(engine, whole, 'preview');
      const expected = await open(start(0, { kernels }), tail, 'all');
      const other = engines.at(-1) as Engine;
      expect(preview.partial?.rows).toBe(LATEST);
      expect(preview.partial?.of, 'an estimate').toBeGreaterThan(0.8 * 2_667);
      expect(preview.partial?.of, 'an estimate').toBeLessThan(1.2 * 2_667);
      expect([preview.events, preview.actors, preview.issues, [...preview.partitions]]).toEqual([
        expected.events,
        expected.actors,
        expected.issues,
        [...expected.partitions],
      ]);
      for (const { document, numbers } of SAMPLES) {
        const answer = await ask(engine, preview.sourceId, document);
        const right = await ask(other, expected.sourceId, document);
        expect(answer.plan.partial).toEqual(preview.partial);
        expect(answer.warnings[0]).toMatch(PARTIAL_WARNING);
        expect(right.plan.partial).toBeUndefined();
        expect(comparable({ ...answer, warnings: answer.warnings.slice(1) }), `seed ${SEED}`).toEqual(
          comparable(right),
        );
        for (const [selection, shown] of numbers(answer).slice(0, 3))
          expect(await countListed(engine, preview.sourceId, document, selection)).toBe(shown);
      }
      const names = unwrap(await engine.vocabulary(preview.sourceId)).events;
      expect(names).toEqual(unwrap(await other.vocabulary(expected.sourceId)).events);
    });

  it('marks lists of actors and timelines, and writes nothing', async () => {
    const engine = start(LATEST);
    const { sourceId, partial } = await open(engine, makeFiles('lists').whole, 'preview');
    const analysis: AnalysisDocument = { type: 'funnel', steps: [{ event: 'open' }, { event: 'buy' }] };
    const listing = { requestId: nextId(), sourceId, analysis, selection: { reachedStep: 0 } };
    const page = unwrap(await engine.actors(listing));
    expect(page.partial).toEqual(partial);
    const actor = page.rows[0]?.actor ?? '';
    const timeline = unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor }));
    expect(timeline.partial).toEqual(partial);
    expect(timeline.events.length).toBe(page.rows[0]?.events);
    for (const selection of [undefined, { reachedStep: 0 }]) {
      const reply = await engine.csv({ requestId: nextId(), sourceId, analysis, selection });
      expect(reply).toMatchObject({ ok: false, error: { code: 'E_UNSUPPORTED' } });
    }
  });

  it('stands beside the whole source, which is another one with all rows, and goes alone', async () => {
    const engine = start(LATEST);
    const { whole } = makeFiles('beside');
    const preview = await open(engine, whole, 'preview');
    expect((await open(engine, whole, 'preview')).sourceId).toBe(preview.sourceId);
    const full = await open(engine, whole, 'all');
    expect(full.sourceId).not.toBe(preview.sourceId);
    expect([full.events, full.partial]).toEqual([2_667, undefined]);
    const rollup = { type: 'rollup', interval: 'day' } as const;
    expect((await ask(engine, full.sourceId, rollup)).plan.partial).toBeUndefined();
    expect((await ask(engine, preview.sourceId, rollup)).plan.partial).toEqual(preview.partial);
    unwrap(await engine.close(preview.sourceId));
    const gone = await engine.run({ requestId: nextId(), sourceId: preview.sourceId, analysis: rollup });
    expect(gone).toMatchObject({ ok: false, error: { code: 'E_USAGE' } });
    expect((await ask(engine, full.sourceId, rollup)).plan.partial).toBeUndefined();
    // Now that it is known, there is nothing to bridge.
    expect((await open(engine, whole, 'preview')).sourceId).toBe(full.sourceId);
  });

  it('is not made of what is small, kept, or cannot be cut', async () => {
    const small = writeLog(folder.file('small.db'), randomLog(SEED, LATEST * 3));
    expect((await open(start(LATEST), small, 'preview')).partial).toBeUndefined();
    expect((await open(start(0), makeFiles('never').whole, 'preview')).partial).toBeUndefined();
    const { whole } = makeFiles('kept');
    const dataDir = folder.file('kept-data');
    const first = start(LATEST, { dataDir });
    await open(first, whole, 'preview');
    await open(first, whole, 'all');
    await first.stop();
    const again = await open(start(LATEST, { dataDir }), whole, 'preview');
    expect([again.partial, again.events]).toEqual([undefined, 2_667]);
    const view = folder.file('view.db');
    copyFileSync(whole.path, view);
    const db = new Database(view);
    db.exec('CREATE VIEW v AS SELECT * FROM log');
    db.close();
    const ref: SqliteRef = { ...whole, path: view, mapping: { ...whole.mapping, table: 'v' } as never };
    expect((await open(start(LATEST), ref, 'preview')).events).toBe(2_667);
  });

  it('is never kept for the next session', async () => {
    const { whole } = makeFiles('unkept');
    const dataDir = folder.file('unkept-data');
    const first = start(LATEST, { dataDir });
    const { sourceId } = await open(first, whole, 'preview');
    await ask(first, sourceId, { type: 'rollup', interval: 'day' });
    unwrap(await first.vocabulary(sourceId));
    await first.stop();
    const again = start(LATEST, { dataDir });
    expect((await open(again, whole, 'preview')).partial?.rows).toBe(LATEST);
  });

  it('leaves out the late copy of an event that came before its rows', async () => {
    const T = Date.UTC(2024, 0, 1);
    const rows: SnapshotRow[] = Array.from({ length: 2_000 }, (_, i) => ({
      id: `e${i}`,
      time: T + i * 60_000,
      metadata: { user_id: `u${i % 7}` },
    }));
    const copy = { ...rows[100], id: 'e100', time: T + 100 * 60_000, ts: '2024-01-02T20' };
    const path = writeSnapshot(folder.file('copies.db'), [...rows, copy]);
    const preview = await open(start(LATEST), { kind: 'sqlite', path }, 'preview');
    expect([preview.partial?.rows, preview.events]).toEqual([LATEST, LATEST - 1]);
    expect(preview.issues.find((i) => i.kind === 'duplicate_event_id')?.rows).toBe(1);
  });

  it('is of the file as it was opened', async () => {
    const engine = start(LATEST);
    const { whole } = makeFiles('changed');
    const { sourceId } = await open(engine, whole, 'preview');
    const db = new Database(whole.path);
    appendLog(db, randomLog(SEED, 10));
    db.close();
    const reply = await engine.run({ requestId: nextId(), sourceId, analysis: { type: 'rollup', interval: 'day' } });
    expect(reply).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
  });

  it('can be cancelled, and leaves nothing behind', async () => {
    const engine = start(LATEST);
    const { whole } = makeFiles('cancelled');
    const opening = engine.open({ requestId: 'stop', ref: whole, build: 'preview' });
    expect(unwrap(await engine.cancel('stop'))).toBe(true);
    expect(await opening).toMatchObject({ ok: false, error: { code: 'E_CANCELLED' } });
    expect((await open(engine, whole, 'all')).partial).toBeUndefined();
    expect(unwrap(await engine.status()).sources.map((s) => s.partial)).toEqual([undefined]);
  });
});
