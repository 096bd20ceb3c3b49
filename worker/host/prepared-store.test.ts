import { afterEach, expect, test, vi } from 'vitest';
import { parseAnalysis } from '../../protocol/index.ts';
import { segmentOf } from '../../tests/support/timelines.ts';
import { resolveContext } from '../compute/resolve-context.ts';
import type { Pool } from '../pool.ts';
import type { Segment } from '../segment/segment.ts';
import { makeContext } from './compute-tasks.ts';
import type { HeldSegment } from './held-segment.ts';
import { PreparedStore } from './prepared-store.ts';
import { RequestScope } from './request-scope.ts';

const segment = segmentOf([
  { actor: 'u', event: 'a', time: Date.UTC(2024, 0, 1) },
  { actor: 'u', event: 'b', time: Date.UTC(2024, 0, 9) },
]);

afterEach(() => vi.useRealTimers());

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
/** Four actors with as many events each. */
const quarters = (events: number): Uint32Array => Uint32Array.from([0, 1, 2, 3, 4], (i) => (i * events) / 4);

/** A store whose threads only count what they are asked for, and questions of it: each a document of its own. */
function openStore(of: Segment = segment, restMs = 0) {
  let made = 0;
  const pool = { size: 1, run: () => Promise.resolve({ bytes: 8, made: ++made }) } as unknown as Pool;
  const store = new PreparedStore(pool, 1000, restMs);
  const held = { segment: of, key: 'k', windows: null } as unknown as HeldSegment;
  const ask = async (document: object, times = 1): Promise<number> => {
    const analysis = parseAnalysis({ type: 'flow', ...document });
    const moments = { ...resolveContext(analysis), lastEventMs: Date.UTC(2024, 0, 9), detail: 'counts' } as const;
    const whole = makeContext(of, { from: 0, to: of.actorCount }, moments, () => undefined);
    const scope = new RequestScope('r', null, undefined);
    for (let i = 1; i < times; i++) await store.use(held, { analysis, moments }, whole, scope);
    return (await store.use(held, { analysis, moments }, whole, scope)).length;
  };
  return { ask, count: () => made };
}

test('flows as of any moment are prepared with the first question', async () => {
  const { ask, count } = openStore();
  expect(await ask({ asOf: '2024-01-03' })).toBe(1);
  expect(await ask({ asOf: '2024-01-04' })).toBe(1);
  expect(count()).toBe(1);
});

test('those of a range behind the second that begins there, however often the first one comes by', async () => {
  const { ask, count } = openStore();
  expect(await ask({ dateRange: { from: '2024-01-02', to: '2024-01-03' } }, 3)).toBe(0);
  expect(count()).toBe(0);
  expect(await ask({ dateRange: { from: '2024-01-02', to: '2024-01-04' } })).toBe(0);
  await settled();
  expect(await ask({ dateRange: { from: '2024-01-02', to: '2024-01-05' } })).toBe(1);
  expect(count()).toBe(1);
});

test('it is made in pieces, and no further when another beginning is asked about', async () => {
  const { ask, count } = openStore({ ...segment, actorCount: 4, eventCount: 2_000_000, offsets: quarters(2_000_000) });
  for (const to of ['2024-01-03', '2024-01-04']) expect(await ask({ dateRange: { from: '2024-01-02', to } })).toBe(0);
  await settled();
  expect(await ask({ dateRange: { from: '2024-01-02', to: '2024-01-05' } })).toBe(3);
  expect(count()).toBe(3);
  for (const from of ['2024-01-03', '2024-01-03', '2024-01-04']) void ask({ dateRange: { from, to: '2024-01-05' } });
  await settled();
  expect(count()).toBe(3);
  expect(await ask({ dateRange: { from: '2024-01-03', to: '2024-01-06' } })).toBe(0);
});

test('a beginning that moves with every question is never prepared', async () => {
  const { ask, count } = openStore();
  for (const from of ['2024-01-02', '2024-01-03', '2024-01-02'])
    expect(await ask({ dateRange: { from, to: '2024-01-05' } })).toBe(0);
  expect(count()).toBe(0);
});

test('nothing is made while questions come, and goes on where it was when they rest', async () => {
  vi.useFakeTimers();
  const many = { ...segment, actorCount: 4, eventCount: 2_000_000, offsets: quarters(2_000_000) };
  const { ask, count } = openStore(many, 100);
  for (let day = 1; day < 9; day++) {
    expect(await ask({ dateRange: { from: '2024-01-02', to: `2024-02-0${day}` } })).toBe(0);
    await vi.advanceTimersByTimeAsync(60);
  }
  expect(count()).toBe(0);
  await vi.advanceTimersByTimeAsync(100);
  expect(count()).toBe(3);
  expect(await ask({ dateRange: { from: '2024-01-02', to: '2024-02-09' } })).toBe(3);
});
