import type { Pool } from '../pool.ts';

let gc: (() => void) | undefined;
/** The first answer comes before. */
const IDLE_MS = 50;
const LONGEST_MS = 2_000;
/** Less than this may wait for the next garbage collection, or for more of its kind. */
const WORTH_COLLECTING = 32 << 20;
/** What a memory takes that holds nearly nothing: its addresses. */
const LEAST_BYTES = 2 << 20;
/** Bytes that a pool's threads hold and nobody needs. */
const owed = new WeakMap<Pool, number>();
const isOwing = (pool: Pool): boolean => (owed.get(pool) ?? 0) > WORTH_COLLECTING;

/**
 * The memory of a build, or of a source that was closed, is hundreds of MB that V8 does not count: it is given back when
 * every thread that saw it has collected its garbage, which none has a reason to do soon. Some ms a thread, once none of
 * them has anything else to do; where they never rest, two seconds later.
 */
export function giveBackMemory(pool: Pool, bytes: number): void {
  const wasOwing = isOwing(pool);
  owed.set(pool, (owed.get(pool) ?? 0) + Math.max(bytes, LEAST_BYTES));
  if (!wasOwing && isOwing(pool)) collectSoon(pool, performance.now() + LONGEST_MS);
}

function collectSoon(pool: Pool, latest: number): void {
  const timer = setTimeout(() => {
    if (!isOwing(pool)) return;
    if (pool.isBusy && performance.now() < latest) return collectSoon(pool, latest);
    owed.delete(pool);
    collectGarbage();
    for (let thread = 0; thread < pool.size; thread++) pool.run('collectGarbage', {}).catch(() => undefined);
  }, IDLE_MS);
  timer.unref();
}

/** The same, done when it resolves: before the next piece of work of that size begins. */
export async function collectEverywhere(pool: Pool): Promise<void> {
  owed.delete(pool);
  await new Promise<void>((resolve) => setImmediate(resolve));
  collectGarbage();
  await Promise.allSettled(Array.from({ length: pool.size }, () => pool.run('collectGarbage', {})));
}

/** Before much memory is taken again: what is still to be given back goes first. */
export async function settleMemory(pool: Pool): Promise<void> {
  if (isOwing(pool)) await collectEverywhere(pool);
}

/** Where the engine's V8 has no such call, memory is given back later. */
export function collectGarbage(): void {
  gc ??= findCollector();
  gc?.();
}

/**
 * The flag stays set no longer than it has to: it belongs to all threads, and code kept under other flags is refused. A
 * thread that looks at the same time may take it away in between: then there is none this time.
 */
function findCollector(): (() => void) | undefined {
  // Loaded here: an answer that gives nothing back does not wait for them.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
