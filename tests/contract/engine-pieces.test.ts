import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SourceRef } from '../../protocol/index.ts';
import { createEngine, listCache, verifyCache, type Engine, type EngineOptions } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { SAMPLES } from './analyses.ts';
import { ask, comparable, makeFolder, nextId, unwrap, writeLog } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
const LIST_LIMIT = 30;
let ref: SourceRef;
let expected: unknown;

async function withEngine<T>(options: Partial<EngineOptions>, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = createEngine({ dataDir: folder.file('none'), cacheBytes: 0, threads: 2, ...options });
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

/** Answers, the lists behind their first numbers by page, search and file, and what two of them share. */
async function askDocuments(engine: Engine, sourceId: string): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const { document, numbers } of SAMPLES) {
    const answer = await ask(engine, sourceId, document);
    const [first, second] = numbers(answer);
    answers.push({ document, answer: comparable(answer) });
    if (first === undefined) continue;
    const request = { requestId: nextId(), sourceId, analysis: document, selection: first[0] };
    const page = unwrap(await engine.actors({ ...request, limit: LIST_LIMIT }));
    expect(page.total).toBe(first[1]);
    answers.push(page, unwrap(await engine.actors({ ...request, offset: 7, limit: 3, search: '1' })));
    answers.push(
      unwrap(await engine.csv(request)),
      unwrap(await engine.csv({ requestId: nextId(), sourceId, analysis: document })),
    );
    const [row] = page.rows;
    if (row !== undefined) answers.push(unwrap(await engine.timeline({ ...request, actor: row.actor })));
    if (second === undefined) continue;
    const sides = { a: { analysis: document, selection: first[0] }, b: { analysis: document, selection: second[0] } };
    answers.push(unwrap(await engine.difference({ requestId: nextId(), sourceId, ...sides } as never)));
  }
  return answers;
}

async function askEverything(engine: Engine, source: SourceRef = ref): Promise<unknown> {
  const info = unwrap(await engine.open({ requestId: nextId(), ref: source }));
  const { openMs: _open, memoryBytes: _memory, sourceId, ...rest } = info;
  const answers: unknown[] = [JSON.parse(JSON.stringify(rest)), ...(await askDocuments(engine, sourceId))];
  for (const by of ['$actor', '$event', 'plan', 'country'])
    for (const limit of [2, 50]) {
      const document = { type: 'rollup', by, limit, interval: 'month' } as AnalysisDocument;
      const answer = await ask(engine, sourceId, document);
      const series = answer.type === 'rollup' ? answer.series[0]?.value : undefined;
      const request = { requestId: nextId(), sourceId, analysis: document, limit: LIST_LIMIT };
      answers.push(comparable(answer), unwrap(await engine.actors({ ...request, selection: { series } })));
    }
  for (const property of ['plan', 'country', '$event', '$actor'])
    answers.push(unwrap(await engine.values({ requestId: nextId(), sourceId, property, limit: 5 })));
  answers.push(unwrap(await engine.vocabulary(sourceId)));
  return answers;
}

beforeAll(async () => {
  ref = writeLog(folder.file('log.db'), randomLog(SEED, 300));
  expected = await withEngine({}, (engine) => askEverything(engine));
}, 120_000);
afterAll(() => folder.dispose());

describe(`sources larger than memory (TRIBUTARY_SEED=${SEED})`, () => {
  it.each<Partial<EngineOptions>>([
    { pieces: 1 },
    { pieces: 2 },
    { pieces: 7, threads: 3 },
    { pieces: 2, kernels: false },
  ])(
    'answer as those in memory: %o',
    async (options) =>
      expect(withoutReading(await withEngine(options, (engine) => askEverything(engine)))).toEqual(
        withoutReading(expected),
      ),
    120_000,
  );

  it('answer the sample with its dirt', async () => {
    const sample = { path: 'sample:', kind: 'sqlite' } as unknown as SourceRef;
    const askSample = async (engine: Engine): Promise<unknown> => {
      const { sourceId, ...info } = unwrap(await engine.open({ requestId: nextId(), ref: { ...sample } }));
      const documents = [
        {
          type: 'funnel',
          steps: [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }],
        },
        { type: 'rollup', by: 'amount', limit: 3 },
        { type: 'journey' },
      ] as AnalysisDocument[];
      const answers = [];
      for (const document of documents) {
        const reply = await engine.run({ requestId: nextId(), sourceId, analysis: document });
        answers.push(reply.ok ? comparable(reply.value) : reply.error.code);
      }
      return [info.events, info.actors, info.issues, info.firstTime, info.lastTime, ...answers];
    };
    const dataDir = folder.file('sample');
    const whole = await withEngine({ dataDir }, askSample);
    expect(await withEngine({ dataDir, pieces: 7 }, askSample)).toEqual(whole);
  }, 120_000);

  it('are kept between sessions, and read by those with and without a limit', async () => {
    const kept = { dataDir: folder.file('kept'), cacheBytes: 1e9 };
    for (const pieces of [3, 5, undefined, 2])
      expect(await withEngine({ ...kept, pieces }, (engine) => askEverything(engine)).then(withoutReading)).toEqual(
        withoutReading(expected),
      );
    expect((await listCache(kept.dataDir)).entries.length).toBeGreaterThan(0);
    for (const { damaged } of await verifyCache(kept.dataDir)) expect(damaged).toEqual([]);
  }, 240_000);

  it('leave nothing behind when they are closed', async () => {
    const dataDir = folder.file('closed');
    await withEngine({ dataDir, pieces: 3 }, async (engine) => {
      const { sourceId } = unwrap(await engine.open({ requestId: nextId(), ref }));
      await ask(engine, sourceId, { type: 'flow' } as AnalysisDocument);
      unwrap(await engine.close(sourceId));
    });
    const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => /spill|columns-|kept-columns|scan-order/.test(name))).toEqual([]);
  });
});

/** What was kept is not read again, and says so. */
function withoutReading(answers: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answers, (key, value: unknown) => (key === 'reading' || key === 'scan' ? undefined : value)),
  );
}
