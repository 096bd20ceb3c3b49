import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../worker/store/manifest.ts';
import type { AnalysisDocument, SqliteRef } from '../../protocol/index.ts';
import {
  clearCache,
  createEngine,
  listCache,
  verifyCache,
  type LocalEngine,
  type EngineOptions,
} from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { SAMPLES } from './analyses.ts';
import { appendLog, ask, comparable, makeFolder, nextId, openRef, unwrap, writeLog } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
const dataDir = folder.file('data');
let ref: SqliteRef;
let expected: unknown;
/** Of the session that wrote the columns. */
let written: unknown;

async function withEngine<T>(options: Partial<EngineOptions>, work: (engine: LocalEngine) => Promise<T>): Promise<T> {
  const engine = createEngine({ dataDir, threads: 2, ...options });
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

/** Everything the engine can say of a source, without what differs by machine. */
async function askEverything(engine: LocalEngine, sourceId: string): Promise<unknown> {
  const answers: unknown[] = [];
  for (const { document, numbers } of SAMPLES) {
    const answer = await ask(engine, sourceId, document);
    const [first] = numbers(answer);
    const request = { requestId: nextId(), sourceId, analysis: document };
    const page =
      first === undefined ? null : unwrap(await engine.actors({ ...request, selection: first[0], limit: 20 }));
    answers.push({ document, answer: comparable(answer), page });
  }
  const byActor = { type: 'rollup', by: '$actor', interval: 'month' } as AnalysisDocument;
  answers.push(comparable(await ask(engine, sourceId, byActor)));
  for (const property of ['plan', '$event', '$actor'])
    answers.push(unwrap(await engine.values({ requestId: nextId(), sourceId, property, limit: 5 })));
  answers.push(unwrap(await engine.vocabulary(sourceId)));
  const actor = unwrap(await engine.values({ requestId: nextId(), sourceId, property: '$actor', limit: 1 })).values[0];
  answers.push(unwrap(await engine.timeline({ requestId: nextId(), sourceId, actor: actor?.value ?? '' })));
  return answers;
}

async function openAndAsk(
  engine: LocalEngine,
  source = ref,
): Promise<{ readonly info: unknown; readonly answers: unknown }> {
  const info = unwrap(await engine.open({ requestId: nextId(), ref: source }));
  // Until the old rows of a source that has grown are compared, its answers say so.
  await engine.settle();
  const { openMs: _open, memoryBytes: _memory, reading: _reading, addedEvents: _added, sourceId, ...rest } = info;
  return { info: JSON.parse(JSON.stringify(rest)), answers: await askEverything(engine, sourceId) };
}

beforeAll(async () => {
  ref = writeLog(folder.file('log.db'), randomLog(SEED, 300));
  expected = await withEngine({ dataDir: folder.file('none'), cacheBytes: 0 }, (engine) => openAndAsk(engine));
  written = await withEngine({}, (engine) => openAndAsk(engine));
}, 120_000);
afterAll(() => folder.dispose());

const storedFiles = (): string[] =>
  readdirSync(path.join(dataDir, 'columns'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.column') || name.endsWith('.json'))
    .map((name) => path.join(dataDir, 'columns', name));
/** Of all sources: first occurrences and what else was made of columns. */
function derivedFiles(from: string): string[] {
  const folders = readdirSync(path.join(from, 'columns')).map((name) => path.join(from, 'columns', name));
  const files = folders.flatMap((where) => {
    const manifest = readFileSync(path.join(where, 'manifest.json'), 'utf8');
    const { columns } = JSON.parse(manifest.slice(manifest.indexOf('{'))) as Pick<Manifest, 'columns'>;
    return columns.filter(({ name }) => name.startsWith('derived:')).map(({ file }) => path.join(where, file));
  });
  expect(files.length).toBeGreaterThan(3);
  return files;
}

describe(`columns kept between sessions (TRIBUTARY_SEED=${SEED})`, () => {
  it('are opened for a window with its partitions by column, and with the names in the data once they were counted', async () => {
    const cold = { dataDir: folder.file('compact') };
    const open = async (engine: LocalEngine, compact: boolean) =>
      unwrap(await engine.open({ requestId: nextId(), ref, compact }));
    const vocabulary = await withEngine(cold, async (engine) => {
      const { sourceId, vocabulary: unknown } = await open(engine, true);
      expect(unknown).toBeUndefined();
      const counted = unwrap(await engine.vocabulary(sourceId));
      expect((await open(engine, true)).vocabulary).toEqual(counted);
      for (const { document } of SAMPLES.slice(0, 1)) await ask(engine, sourceId, document);
      await engine.settle();
      return counted;
    });
    await withEngine(cold, async (engine) => {
      const compact = await open(engine, true);
      const { partitions } = await open(engine, false);
      expect(compact.vocabulary).toEqual(vocabulary);
      expect(compact.partitions).toEqual([]);
      const { hours = '', rows = [], firstTimes = [], lastTimes = [] } = compact.partitionTable ?? {};
      const names = hours.split('\n');
      expect(Array.from(rows, (count, i) => [names[i], count, firstTimes[i], lastTimes[i]])).toEqual(
        partitions.map((p) => [p.hour, p.rows, p.firstTime, p.lastTime]),
      );
    });
  });

  it('give the answers of a fresh reading, with kernels and without, on one thread and many', async () => {
    expect(written).toEqual(expected);
    for (const options of [{}, { kernels: false }, { threads: 1 }, { threads: 3, slices: 5 }])
      expect(await withEngine(options, (engine) => openAndAsk(engine))).toEqual(expected);
  }, 120_000);

  it('take no memory before they are needed: ids of actors come with the first list', async () => {
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      const bytesNow = async (): Promise<number> =>
        unwrap(await engine.status()).sources.find((source) => source.sourceId === sourceId)?.memoryBytes ?? Number.NaN;
      const opened = await bytesNow();
      await ask(engine, sourceId, { type: 'rollup' });
      const asked = await bytesNow();
      unwrap(await engine.values({ requestId: nextId(), sourceId, property: '$actor', limit: 1 }));
      const listed = await bytesNow();
      expect(opened).toBe(0);
      expect(asked).toBeGreaterThan(7 * 300);
      expect(listed).toBeGreaterThan(asked);
    });
  });

  it('answer a funnel by counts from first occurrences, before events are read, and from events what those leave open', async () => {
    const own = { dataDir: folder.file('index') };
    const steps = [{ event: 'open' }, { event: 'view' }, { event: 'buy' }];
    const plain: AnalysisDocument = { type: 'funnel', steps, window: { value: 7, unit: 'day' } };
    const excluding: AnalysisDocument = { ...plain, exclusions: [{ event: 'leave', fromStep: 0, toStep: 2 }] };
    const ranged: AnalysisDocument = { ...plain, dateRange: { from: '2024-02-01', to: null } };
    // Nobody does anything twice, so that first occurrences decide all; of a log at random they do not.
    const seen = new Set<string>();
    const firsts = randomLog(SEED, 2_000).filter(
      ({ actor, event }) => seen.size !== seen.add(`${actor} ${event}`).size,
    );
    // Enough events for each actor that what is derived stays a part of them.
    const once = [...firsts, ...firsts.map((event) => ({ ...event, event: 'other' }))];
    for (const [name, log, decides] of [
      ['once.db', once, true],
      ['random.db', randomLog(SEED, 2_000), false],
    ] as const) {
      const source = writeLog(folder.file(name), log);
      const askAll = (options: Partial<EngineOptions>, documents: readonly AnalysisDocument[]) =>
        withEngine({ ...own, ...options }, async (engine) => {
          const sourceId = await openRef(engine, source);
          const answers: unknown[] = [];
          for (const analysis of documents)
            answers.push(
              comparable(unwrap(await engine.run({ requestId: nextId(), sourceId, analysis, detail: 'counts' }))),
            );
          const { memoryBytes = Number.NaN } = unwrap(await engine.status()).sources[0] ?? {};
          const request = { requestId: nextId(), sourceId, analysis: plain, selection: { reachedStep: 1 }, limit: 20 };
          return { answers, memoryBytes, page: unwrap(await engine.actors(request)) };
        });
      const all: readonly AnalysisDocument[] = [plain, excluding, ranged];
      const built = await askAll({}, all);
      expect(await askAll({ dataDir: folder.file('none'), cacheBytes: 0, kernels: false }, all)).toMatchObject({
        answers: built.answers,
        page: built.page,
      });
      const sizes: number[] = [];
      for (const [i, document] of all.entries()) {
        const { answers, page, memoryBytes } = await askAll({}, [document]);
        expect({ answers, page }).toEqual({ answers: [built.answers[i]], page: built.page });
        sizes.push(memoryBytes);
      }
      expect({ name, isLess: (sizes[0] ?? 0) < 7 * log.length }).toEqual({ name, isLess: decides });
      // Told to derive nothing it scans, whatever is kept.
      expect((await askAll({ derived: false }, [plain])).memoryBytes).toBeGreaterThanOrEqual(7 * log.length);
      for (const file of derivedFiles(own.dataDir)) {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        writeFileSync(file, bytes);
      }
      expect(await askAll({}, [plain])).toMatchObject({ answers: [built.answers[0]], page: built.page });
    }
  }, 120_000);

  it('take in what a later session needs first', async () => {
    const own = folder.file('later');
    await withEngine({ dataDir: own }, (engine) => openRef(engine, ref));
    const names = async (): Promise<number | undefined> => (await listCache(own)).entries[0]?.columns;
    const before = (await names()) ?? 0;
    expect(await withEngine({ dataDir: own, threads: 3 }, (engine) => openAndAsk(engine))).toEqual(expected);
    expect(await names()).toBeGreaterThan(before);
    expect(await withEngine({ dataDir: own }, (engine) => openAndAsk(engine))).toEqual(expected);
  }, 120_000);

  it('answer without reading the source', async () => {
    const [{ document } = { document: { type: 'flow' } as AnalysisDocument }] = SAMPLES;
    await withEngine({}, async (engine) => {
      const sourceId = await openRef(engine, ref);
      expect((await ask(engine, sourceId, document)).plan.scan).toBe('cached');
    });
    expect((await listCache(dataDir)).entries).toContainEqual(
      expect.objectContaining({ source: ref.path, state: 'current', actorFrom: null }),
    );
    for (const { damaged } of await verifyCache(dataDir)) expect(damaged).toEqual([]);
  });

  it('are read anew where a file is damaged, cut short or gone: never a wrong answer', async () => {
    for (const [i] of storedFiles().entries()) {
      // Every second one: each costs a session.
      if ((i + SEED) % 2 === 0) continue;
      // What is damaged is made again, under other names.
      const file = storedFiles()[i];
      if (file === undefined) break;
      const whole = readFileSync(file);
      const kind = Math.floor(i / 2) % 3;
      if (kind === 0) {
        const at = (SEED + i * 7_919) % whole.length;
        whole[at] = (whole[at] ?? 0) ^ (1 << (i % 8));
        writeFileSync(file, whole);
      } else if (kind === 1) truncateSync(file, Math.floor(whole.length / 2));
      else rmSync(file);
      expect({ file, found: await withEngine({}, (engine) => openAndAsk(engine)) }).toEqual({ file, found: expected });
    }
    expect(await withEngine({}, (engine) => openAndAsk(engine))).toEqual(expected);
  }, 300_000);

  it('are not used once the source has changed, and replaced by those of its new state', async () => {
    const grown = writeLog(folder.file('grown.db'), randomLog(SEED, 80));
    const before = await withEngine({}, (engine) => openAndAsk(engine, grown));
    const db = new Database(grown.path);
    appendLog(db, randomLog(SEED + 1, 40));
    db.close();
    const fresh = await withEngine({ dataDir: folder.file('none'), cacheBytes: 0 }, (engine) =>
      openAndAsk(engine, grown),
    );
    expect(fresh).not.toEqual(before);
    const entriesBefore = (await listCache(dataDir)).entries.length;
    for (let session = 0; session < 2; session++)
      expect(await withEngine({}, (engine) => openAndAsk(engine, grown))).toEqual(fresh);
    expect((await listCache(dataDir)).entries).toHaveLength(entriesBefore);
    const [cleared] = await clearCache(dataDir, grown.path);
    expect(cleared).toMatchObject({ source: grown.path });
  }, 120_000);

  it('may be written by two engines at once, and removed under an open one', async () => {
    const both = folder.file('both');
    const two = [1, 2].map(() => createEngine({ dataDir: both, threads: 1 }));
    for (const answers of await Promise.all(two.map((engine) => openAndAsk(engine)))) expect(answers).toEqual(expected);
    await Promise.all(two.map((engine) => engine.stop()));
    await withEngine({ dataDir: both }, async (engine) => {
      const sourceId = await openRef(engine, ref);
      await clearCache(both, null);
      expect(await askEverything(engine, sourceId)).toEqual((expected as { readonly answers: unknown }).answers);
    });
  }, 120_000);

  it('are done without where they cannot be written, which is said once', async () => {
    const full = folder.file('full');
    mkdirSync(full);
    writeFileSync(path.join(full, 'columns'), 'a file where the folder should be');
    const problems: string[] = [];
    const options = { dataDir: full, onProblem: (message: string) => problems.push(message) };
    expect(await withEngine(options, (engine) => openAndAsk(engine))).toEqual(expected);
    expect(problems).toHaveLength(1);
  }, 120_000);
});
