import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { generateSample } from '../../samples/generate-sample.ts';
import { createEngine } from '../../worker/host.ts';
import { ask, makeFolder, openRef } from './log-files.ts';

/**
 * Columns that do not fit into one memory are worked through in pieces without being asked for it. Here memories have as
 * many pages as a test lets them have.
 */
const memories = vi.hoisted(() => ({ made: [] as WebAssembly.Memory[], most: [] as number[] }));
vi.mock(import('../../worker/segment/column-memory.ts'), async (original) => ({
  ...(await original()),
  createColumnMemory: () => {
    const maximum = memories.most[memories.made.length] ?? 65_536;
    const memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    memories.made.push(memory);
    return memory;
  },
}));

const folder = makeFolder();
const ref = { kind: 'sqlite', path: folder.file('sample.db') } as const;
generateSample({ out: ref.path, users: 3_000, seed: 9 });
afterAll(() => folder.dispose());
beforeEach(() => {
  memories.made.length = 0;
  memories.most.length = 0;
});

const FUNNEL: AnalysisDocument = {
  type: 'funnel',
  steps: [{ event: 'account_created' }, { event: 'shop_created' }, { event: 'payment_succeeded' }],
};
const BY_PLAN: AnalysisDocument = { type: 'rollup', interval: 'month', by: 'plan_id' };

/** The answers, without how they came about, and how many memories each took. */
async function answer(name: string, most: readonly number[]) {
  memories.made.length = 0;
  memories.most.splice(0, Infinity, ...most);
  const engine = createEngine({ dataDir: folder.file(name), threads: 2 });
  try {
    const sourceId = await openRef(engine, ref);
    const pages = memories.made.map(({ buffer }) => buffer.byteLength / 65_536);
    const results = [];
    for (const analysis of [BY_PLAN, FUNNEL, BY_PLAN]) {
      const { plan: _plan, timing: _timing, ...result } = await ask(engine, sourceId, analysis);
      results.push(result);
    }
    await engine.settle();
    return { results, pages, made: memories.made.length };
  } finally {
    await engine.stop();
  }
}

test('a first scan that does not fit', async () => {
  const whole = await answer('whole', []);
  const cut = await answer('cut', [3]);
  expect(cut.made).toBeGreaterThan(whole.made);
  expect(cut.results).toEqual(whole.results);
  // Known now: it opens, and answers the same.
  expect((await answer('cut', [])).results).toEqual(whole.results);
});

test('columns that come later and do not fit beside the others', async () => {
  const whole = await answer('whole later', []);
  // The segment's own memory, with what it has after opening and no page more.
  const most = whole.pages.map((pages, i) => (i === 1 ? pages : 65_536));
  const cut = await answer('cut later', most);
  expect(cut.made).toBeGreaterThan(whole.made);
  expect(cut.results).toEqual(whole.results);
});
