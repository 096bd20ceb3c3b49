import Database from 'better-sqlite3';
import { copyFileSync, renameSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnalysisDocument, SourceInfo, SourceRef } from '../../protocol/index.ts';
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

const open = async (engine: LocalEngine, ref: SourceRef): Promise<SourceInfo> =>
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

const tellFresh = (ref: SourceRef): Promise<unknown> =>
  withEngine({}, async (engine) => tell(engine, await open(engine, ref)));

function change(ref: SourceRef, work: (db: Database.Database) => void): void {
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
        for (let step = 0; step < 4; step++) {
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
});

void copyFileSync;
void renameSync;
