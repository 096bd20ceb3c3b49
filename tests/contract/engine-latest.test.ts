import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_JOURNEY, type LatestEvent } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import type { LogEvent } from '../support/timelines.ts';
import Database from 'better-sqlite3';
import { appendLog, ask, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

const SEED = 20_261_122;
const folder = makeFolder();
const engines = [
  createEngine({ dataDir: folder.file('whole'), threads: 2 }),
  createEngine({ dataDir: folder.file('pieces'), threads: 2, pieces: 3 }),
];
afterAll(async () => {
  for (const engine of engines) await engine.stop();
  folder.dispose();
});
const latest = async (engine: Engine, sourceId: string, limit: number): Promise<readonly LatestEvent[]> =>
  unwrap(await engine.latest({ requestId: nextId(), sourceId, limit }));

const textOf = ({ actor, event, time }: Pick<LogEvent, 'actor' | 'event' | 'time'>): string =>
  `${Number(time)} ${actor} ${event}`;

describe('the latest events', () => {
  it.each([1, 7, 100, 1_000])(`are the %i newest of a log (seed ${SEED})`, async (limit) => {
    const log = randomLog(SEED, 800);
    const ref = writeLog(folder.file(`log-${limit}.db`), log);
    const times = log.map(({ time }) => Number(time)).toSorted((a, b) => b - a);
    for (const engine of engines) {
      const found = await latest(engine, await openRef(engine, ref), limit);
      expect(found.map(({ time }) => time)).toEqual(times.slice(0, limit));
      // Which ones of the oldest moment are left out is nobody's business.
      const last = found.at(-1)?.time ?? 0;
      const above = log.filter(({ time }) => Number(time) > last).map(textOf);
      expect(
        found
          .filter(({ time }) => time > last)
          .map(textOf)
          .toSorted(),
      ).toEqual(above.toSorted());
    }
  });

  it('say what they moved in a journey, as the timelines of their actors do', async () => {
    const ref = { kind: 'sqlite', path: folder.file('sample.db') } as const;
    generateSample({ out: ref.path, users: 300, seed: 5 });
    for (const engine of engines) {
      const sourceId = await openRef(engine, ref);
      const journey = { type: 'journey', model: DEFAULT_JOURNEY } as const;
      const found = unwrap(await engine.latest({ requestId: nextId(), sourceId, limit: 200, journey }));
      expect(found.some(({ move }) => move !== undefined)).toBe(true);
      for (const { actor, time, move } of found) {
        const { journey: told } = unwrap(
          await engine.timeline({ requestId: nextId(), sourceId, actor, analysis: journey, limit: 10_000 }),
        );
        const moves = told?.moves.filter((m) => m.cause === 'event' && m.time === time) ?? [];
        expect(moves.map(({ from, to }) => ({ from, to }))).toEqual(move === undefined ? [] : [move]);
      }
    }
  });

  it('refuse an analysis that is no journey', async () => {
    const [engine] = engines;
    if (engine === undefined) throw new Error('no engine');
    const sourceId = await openRef(engine, writeLog(folder.file('small.db'), randomLog(SEED, 20)));
    const reply = await engine.latest({ requestId: nextId(), sourceId, journey: { type: 'rollup', interval: 'day' } });
    expect(reply).toMatchObject({ ok: false, error: { code: 'E_BAD_QUERY', path: 'journey' } });
  });
});

describe('a source that is followed', () => {
  it('answers of the event set that was opened, until it is opened again', async () => {
    const [engine] = engines;
    if (engine === undefined) throw new Error('no engine');
    const ref = writeLog(folder.file('growing.db'), randomLog(SEED, 300));
    const open = async (follow: boolean) => unwrap(await engine.open({ requestId: nextId(), ref, follow }));
    const rollup = { type: 'rollup', interval: 'total' } as const;
    const count = async (sourceId: string): Promise<unknown> =>
      (await ask(engine, sourceId, { ...rollup, title: nextId() })) as unknown;
    const first = await open(true);
    const before = await count(first.sourceId);
    const db = new Database(ref.path);
    appendLog(db, randomLog(SEED + 1, 5));
    db.close();
    expect(await count(first.sourceId)).toMatchObject({ series: (before as { series: unknown }).series });
    expect(await engine.checkSource(first.sourceId)).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
    // Another window that opens the file follows for itself alone.
    const second = await open(true);
    expect(second.events).toBe(305);
    const follower = 'another window';
    const other = { requestId: nextId(), ref, follower };
    expect(unwrap(await engine.open({ ...other, follow: true })).sourceId).toBe(second.sourceId);
    unwrap(await engine.open({ ...other, requestId: nextId(), follow: false }));
    const append = (seed: number): void => {
      const more = new Database(ref.path);
      appendLog(more, randomLog(seed, 1));
      more.close();
    };
    append(SEED + 2);
    expect(await count(second.sourceId)).toBeDefined();
    const third = await open(true);
    expect((await open(false)).sourceId).toBe(third.sourceId);
    append(SEED + 3);
    const reply = await engine.run({ requestId: nextId(), sourceId: third.sourceId, analysis: rollup });
    expect(reply).toMatchObject({ ok: false, error: { code: 'E_SOURCE_CHANGED' } });
  });
});
