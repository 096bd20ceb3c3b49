import { afterEach, describe, expect, it } from 'vitest';
import { CANCELLED, createControl, requestStop } from './host/control.ts';
import { Pool } from './pool.ts';

/** A thread that answers `look` with its thread id, dies on `describe`, out of memory on `timeline`, never answers `search`, is deaf from `merge` on, and signs when it is asked to end. */
const THREAD = `
import { parentPort, threadId } from 'node:worker_threads';
let held = null;
parentPort.on('message', (m) => {
  if (m.kind === 'end') { if (held) Atomics.store(held.control, 2, 77); parentPort.close(); }
  if (m.kind !== 'task') return;
  if (m.task === 'merge') for (;;);
  if (m.task === 'describe') process.exit(3);
  if (m.task === 'timeline') throw Object.assign(new Error('heap'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  if (m.task === 'search') { held = m; return; }
  if (m.task === 'compute') parentPort.postMessage({ id: m.id, ok: true, value: m.segment.value === null ? 'held' : 'sent' });
  else parentPort.postMessage({ id: m.id, ok: true, value: threadId });
});`;
const threadUrl = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`);
const handle = { sourceId: 's', ref: { kind: 'sqlite', path: '/x' }, scratchDir: '/x' } as const;
const pools: Pool[] = [];
const makePool = (threads: number): Pool => {
  const pool = new Pool({ threads, threadUrl });
  pools.push(pool);
  return pool;
};
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.stop())));

describe('Pool', () => {
  it('replaces a thread that dies, fails its task with E_INTERNAL and goes on', async () => {
    const pool = makePool(1);
    await expect(pool.run('describe', handle)).rejects.toMatchObject({ code: 'E_INTERNAL' });
    await expect(pool.run('look', handle)).resolves.toBeTypeOf('number');
  });

  it('says E_LIMIT when a thread runs out of memory, and goes on', async () => {
    const pool = makePool(1);
    await expect(pool.run('timeline', {} as never)).rejects.toMatchObject({ code: 'E_LIMIT' });
    await expect(pool.run('look', handle)).resolves.toBeTypeOf('number');
  });

  it('runs what was waiting behind a dead thread', async () => {
    const pool = makePool(1);
    const dying = pool.run('describe', handle).catch((error: { code: string }) => error.code);
    const waiting = pool.run('look', handle);
    expect(await dying).toBe('E_INTERNAL');
    expect(await waiting).toBeTypeOf('number');
  });

  it('never starts a task that was stopped while it waited', async () => {
    const pool = makePool(1);
    const control = createControl();
    const first = pool.run('look', handle);
    const waiting = pool.run('describe', handle, { control }).catch((error: { code: string }) => error.code);
    requestStop(control, CANCELLED);
    await first;
    expect(await waiting).toBe('E_CANCELLED');
    await expect(pool.run('look', handle)).resolves.toBeTypeOf('number');
  });

  it('sends a segment to a thread once', async () => {
    const pool = makePool(1);
    const segment = { key: 's/0/', value: {} as never };
    const payload = {} as never;
    expect(await pool.run('compute', payload, { segment })).toBe('sent');
    expect(await pool.run('compute', payload, { segment })).toBe('held');
    pool.forgetSegments('s/');
    expect(await pool.run('compute', payload, { segment })).toBe('sent');
  });

  it('keeps tasks of one home on one thread and lets others pass them', async () => {
    const pool = makePool(2);
    const homes = await Promise.all([1, 2, 3].map(() => pool.run('look', handle, { home: 's' })));
    expect(new Set(homes).size).toBe(1);
    const busy = pool.run('search', {} as never, { home: 's' }).catch((error: { code: string }) => error.code);
    const waiting = pool.run('look', handle, { home: 's' }).catch((error: { code: string }) => error.code);
    expect(await pool.run('look', handle)).not.toBe(homes[0]);
    await pool.stop();
    expect([await busy, await waiting]).toEqual(['E_ENGINE_LOST', 'E_ENGINE_LOST']);
  });

  it('asks threads to end, and ends those that do not', async () => {
    const pool = makePool(2);
    const control = createControl();
    const lost = [pool.run('search', {} as never, { control }), pool.run('merge', {} as never)].map((task) =>
      task.catch((error: { code: string }) => error.code),
    );
    await expect.poll(() => pool.isBusy).toBe(true);
    await pool.stop();
    expect(await Promise.all(lost)).toEqual(['E_ENGINE_LOST', 'E_ENGINE_LOST']);
    expect(Atomics.load(control, 2)).toBe(77);
  });
});
