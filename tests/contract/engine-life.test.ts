import { copyFileSync, existsSync, readdirSync, readlinkSync, renameSync, truncateSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getAddress, type AnalysisDocument, type Progress, type SqliteRef } from '../../protocol/index.ts';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { appendLog, ask, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

const FUNNEL: AnalysisDocument = { type: 'funnel', steps: [{ event: 'open' }, { event: 'buy' }] };
const ROLLUP: AnalysisDocument = { type: 'rollup', interval: 'day' };
const folder = makeFolder();
let engine: Engine;
beforeAll(() => {
  engine = createEngine({ dataDir: folder.file('data'), threads: 2 });
});
afterAll(async () => {
  await engine.stop();
  folder.dispose();
});
const makeFile = (name: string, events = 200): SqliteRef => writeLog(folder.file(name), randomLog(5, events));
/** What this process has open, where the system tells. */
const openFiles = (): readonly string[] =>
  !existsSync('/proc/self/fd')
    ? []
    : readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          return [readlinkSync(`/proc/self/fd/${fd}`)];
        } catch {
          return [];
        }
      });
const codeOf = (reply: { ok: boolean; error?: { code: string } }): string | undefined =>
  reply.ok ? 'ok' : reply.error?.code;

describe('a source that changes under the engine', () => {
  const changes: Record<string, (file: string) => void> = {
    appended: (file) => {
      const db = new Database(file);
      appendLog(db, randomLog(6, 50));
      db.close();
    },
    truncated: (file) => truncateSync(file, 4096),
    replaced: (file) => {
      const other = writeLog(`${file}.new`, randomLog(7, 200));
      renameSync(other.path, file);
    },
    deleted: (file) => renameSync(file, `${file}.gone`),
  };
  for (const [name, change] of Object.entries(changes))
    it(`says E_SOURCE_CHANGED when it was ${name}, also for answers it has`, async () => {
      const ref = makeFile(`${name}.db`);
      const sourceId = await openRef(engine, ref);
      await ask(engine, sourceId, ROLLUP);
      expect(codeOf(await engine.checkSource(sourceId))).toBe('ok');
      change(ref.path);
      expect(codeOf(await engine.checkSource(sourceId))).toBe('E_SOURCE_CHANGED');
      for (const analysis of [ROLLUP, FUNNEL]) {
        const reply = await engine.run({ requestId: nextId(), sourceId, analysis });
        expect(reply).toMatchObject({
          ok: false,
          error: { code: 'E_SOURCE_CHANGED', hint: expect.stringContaining('Open it again') as string },
        });
      }
      expect(codeOf(await engine.actors({ requestId: nextId(), sourceId, analysis: ROLLUP, selection: {} }))).toBe(
        'E_SOURCE_CHANGED',
      );
      expect(codeOf(await engine.csv({ requestId: nextId(), sourceId, analysis: ROLLUP }))).toBe('E_SOURCE_CHANGED');
    });

  it('opens the present state when asked again', async () => {
    const ref = makeFile('again.db');
    const first = unwrap(await engine.open({ requestId: nextId(), ref }));
    expect(unwrap(await engine.open({ requestId: nextId(), ref })).sourceId).toBe(first.sourceId);
    changes['appended']?.(ref.path);
    const second = unwrap(await engine.open({ requestId: nextId(), ref }));
    expect(second.sourceId).not.toBe(first.sourceId);
    expect(second.events).toBe(first.events + 50);
  });
});

describe('stopping', () => {
  it('answers a cancelled request before its work is done, and goes on with others', async () => {
    const ref = makeFile('cancel.db', 60_000);
    const opening = engine.open({ requestId: 'slow', ref });
    const cancelled = await engine.cancel('slow');
    const reply = await opening;
    // No thread was waited for: nothing of the request had time to end by itself.
    expect(cancelled).toEqual({ ok: true, value: true });
    expect(codeOf(reply)).toBe('E_CANCELLED');
    expect(unwrap(await engine.status()).sources.some((source) => getAddress(source.ref) === ref.path)).toBe(false);
    expect(unwrap(await engine.open({ requestId: 'slow', ref })).events).toBe(60_000);
  });

  it('cancels one of two and leaves the other', async () => {
    const sourceId = await openRef(engine, makeFile('two.db', 20_000));
    const kept = engine.run({
      requestId: 'kept',
      sourceId,
      analysis: { ...FUNNEL, where: [{ prop: 'plan', op: 'eq', value: 'pro' }] },
    });
    const dropped = engine.run({
      requestId: 'dropped',
      sourceId,
      analysis: { ...FUNNEL, where: [{ prop: 'country', op: 'eq', value: 'DE' }] },
    });
    await engine.cancel('dropped');
    expect(codeOf(await dropped)).toBe('E_CANCELLED');
    expect(codeOf(await kept)).toBe('ok');
  });

  it('knows nothing of requests that ended', async () => {
    expect(await engine.cancel('never')).toEqual({ ok: true, value: false });
  });

  it('ends at a deadline with E_DEADLINE, and can be asked again', async () => {
    const ref = makeFile('deadline.db', 60_000);
    expect(codeOf(await engine.open({ requestId: nextId(), ref, deadlineMs: 0.01 }))).toBe('E_DEADLINE');
    expect(codeOf(await engine.open({ requestId: nextId(), ref }))).toBe('ok');
  });

  it('reports progress that never runs backwards within a phase nor beyond its total', async () => {
    const seen: Progress[] = [];
    const slow = createEngine({ dataDir: folder.file('slow'), threads: 1, kernels: false });
    unwrap(
      await slow.open({ requestId: 'p', ref: makeFile('progress.db', 150_000) }, (progress) => seen.push(progress)),
    );
    await slow.stop();
    expect(seen.length).toBeGreaterThan(0);
    seen.forEach((progress, i) => {
      const before = seen[i - 1];
      expect(progress.requestId).toBe('p');
      expect(progress.done).toBeLessThanOrEqual(progress.total ?? Infinity);
      const samePhase = before?.phase === progress.phase && before.total === progress.total;
      expect(progress.done).toBeGreaterThanOrEqual(samePhase ? before.done : 0);
    });
  });

  it('leaves no private file behind', async () => {
    const own = createEngine({ dataDir: folder.file('own'), threads: 1 });
    await openRef(own, makeFile('own.db'));
    await own.stop();
    expect(readdirSync(folder.file('own'))).toEqual(['columns']);
    expect(codeOf(await own.open({ requestId: nextId(), ref: makeFile('late.db') }))).toBe('E_ENGINE_LOST');
  });
});

describe('requests that cannot be answered', () => {
  it('are refused with a code, never a rejection', async () => {
    const sourceId = await openRef(engine, makeFile('bad.db'));
    const run = (analysis: unknown, id = sourceId): Promise<string | undefined> =>
      engine.run({ requestId: nextId(), sourceId: id, analysis } as never).then(codeOf);
    expect(await run(ROLLUP, 's999')).toBe('E_USAGE');
    expect(await run({ type: 'rollup', interval: 'fortnight' })).toBe('E_BAD_QUERY');
    expect(await run({ type: 'rollup', timezone: 'Mars/Olympus' })).toBe('E_BAD_TIME_ZONE');
    expect(await run(null)).toBe('E_BAD_QUERY');
    expect(codeOf(await engine.run({ sourceId } as never))).toBe('E_USAGE');
    expect(
      codeOf(await engine.actors({ requestId: nextId(), sourceId, analysis: FUNNEL, selection: { reachedStep: -1 } })),
    ).toBe('E_BAD_QUERY');
    for (const selection of [{ reachedStep: 2 }, { droppedBeforeStep: 2 }])
      expect(codeOf(await engine.actors({ requestId: nextId(), sourceId, analysis: FUNNEL, selection }))).toBe(
        'E_BAD_QUERY',
      );
    // A condition may be one of three shapes: the place and the reason are those of the nearest.
    const like = { ...FUNNEL, where: [{ prop: 'plan', op: 'like', value: 1 }] };
    expect(await engine.run({ requestId: nextId(), sourceId, analysis: like as never })).toMatchObject({
      error: { code: 'E_BAD_QUERY', path: 'where.0.op', message: expect.stringContaining('"eq"') as string },
    });
    expect(codeOf(await engine.timeline({ requestId: nextId(), sourceId, actor: 'nobody' }))).toBe('E_USAGE');
    expect(codeOf(await engine.csv({ requestId: nextId(), sourceId, analysis: ROLLUP, table: 'nope' }))).toBe(
      'E_USAGE',
    );
    expect(
      codeOf(await engine.open({ requestId: nextId(), ref: { kind: 'sqlite', path: folder.file('none.db') } })),
    ).toBe('E_NOT_FOUND');
    expect(codeOf(await engine.close('s999'))).toBe('E_USAGE');
  });

  it('are refused when their id is running', async () => {
    const ref = makeFile('twice.db', 20_000);
    const first = engine.open({ requestId: 'same', ref });
    expect(codeOf(await engine.open({ requestId: 'same', ref }))).toBe('E_USAGE');
    expect(codeOf(await first)).toBe('ok');
  });

  it('are refused for a source that was closed', async () => {
    const ref = makeFile('closed.db');
    const sourceId = await openRef(engine, ref);
    expect(codeOf(await engine.close(sourceId))).toBe('ok');
    expect(codeOf(await engine.vocabulary(sourceId))).toBe('E_USAGE');
    copyFileSync(ref.path, `${ref.path}.copy`);
  });

  it('are refused when it was closed under them, and no thread keeps or reopens the file', async () => {
    const own = createEngine({ dataDir: folder.file('closing'), threads: 2 });
    const ref = makeFile('closing.db', 20_000);
    const sourceId = await openRef(own, ref);
    const questions = ['plan', 'country'].map((prop) =>
      own.run({ requestId: prop, sourceId, analysis: { ...ROLLUP, by: prop } as AnalysisDocument }),
    );
    expect(codeOf(await own.close(sourceId))).toBe('ok');
    for (const reply of await Promise.all(questions)) expect(codeOf(reply)).toBe('E_USAGE');
    // Each thread has answered since: what it was told to close is closed.
    const others = [makeFile('after-1.db'), makeFile('after-2.db')];
    await Promise.all(others.map((other) => own.inspect({ requestId: nextId(), ref: other })));
    expect(openFiles()).not.toContain(ref.path);
    await own.stop();
  });
});
