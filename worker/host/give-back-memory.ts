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
