import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Pool } from '../pool.ts';

let gc: (() => void) | null | undefined;

/**
 * The memory of a build is hundreds of MB that V8 does not count: it is given back when every thread that saw it has
 * collected its garbage, which none has a reason to do soon. Some ms a thread.
 */
export function giveBackMemory(pool: Pool): void {
  // What the caller still holds of it is let go by then.
  setImmediate(() => {
    collectGarbage();
    for (let thread = 0; thread < pool.size; thread++) pool.run('collectGarbage', {}).catch(() => undefined);
  });
}

/** The same, done when it resolves: before the next piece of work of that size begins. */
export async function collectEverywhere(pool: Pool): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  collectGarbage();
  await Promise.allSettled(Array.from({ length: pool.size }, () => pool.run('collectGarbage', {})));
}

/** Where the engine's V8 has no such call, memory is given back later. */
export function collectGarbage(): void {
  if (gc === undefined) gc = findCollector();
  gc?.();
}

function findCollector(): (() => void) | null {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return null;
  }
}
