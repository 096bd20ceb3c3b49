import { afterAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../worker/host.ts';
import { randomLog } from '../support/random-log.ts';
import { SAMPLES } from './analyses.ts';
import { ask, comparable, countListed, makeFolder, openRef, writeLog } from './log-files.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_122);
const folder = makeFolder();
const engines: Engine[] = [];
const start = (threads: number, slices: number): Engine => {
  const engine = createEngine({ dataDir: folder.file(`data-${threads}-${slices}`), threads, slices });
  engines.push(engine);
  return engine;
};
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  folder.dispose();
});

describe(`on random logs (TRIBUTARY_SEED=${SEED})`, () => {
  it('thread and slice counts never change an answer', async () => {
    const setups = [start(1, 1), start(2, 3), start(3, 7), start(2, 40)];
    for (let round = 0; round < 4; round++) {
      const ref = writeLog(
        folder.file(`determinism-${round}.db`),
        randomLog(SEED + round, [300, 40, 1, 900][round] ?? 0),
      );
      const ids = await Promise.all(setups.map((engine) => openRef(engine, ref)));
      for (const { document } of SAMPLES) {
        const answers = await Promise.all(setups.map((engine, i) => ask(engine, ids[i] ?? '', document)));
        for (const answer of answers.slice(1))
          expect({ document, answer: comparable(answer) }).toEqual({
            document,
            answer: comparable(answers[0] ?? answer),
          });
      }
    }
  });

  it('every number lists exactly that many actors', async () => {
    const engine = start(3, 4);
    const sourceId = await openRef(engine, writeLog(folder.file('lists.db'), randomLog(SEED, 400)));
    for (const { document, numbers } of SAMPLES) {
      const shown = numbers(await ask(engine, sourceId, document));
      expect({ document, numbers: shown }).not.toEqual({ document, numbers: [] });
      for (const [selection, count] of shown)
        expect({ document, selection, count: await countListed(engine, sourceId, document, selection) }).toEqual({
          document,
          selection,
          count,
        });
    }
  });

  it('a log without events has answers too', async () => {
    const engine = start(2, 2);
    const sourceId = await openRef(engine, writeLog(folder.file('empty.db'), []));
    for (const { document } of SAMPLES) expect((await ask(engine, sourceId, document)).type).toBe(document.type);
  });
});
