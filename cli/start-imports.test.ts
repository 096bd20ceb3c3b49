import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..');
const STATEMENT = /^(?:import|export)\s+(?!type\s)(?:[^;'"]*?\sfrom\s+)?'([^']+)';/gm;

/** Packages and Node modules that importing a file loads at once, each with the way there. `import type` loads nothing. */
function collectLoaded(file: string, way: readonly string[], loaded: Map<string, readonly string[]>): void {
  const here = [...way, path.relative(root, file)];
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(STATEMENT)) {
    const target = name.startsWith('.') ? path.join(path.dirname(file), name) : name;
    if (loaded.has(target)) continue;
    loaded.set(target, here);
    if (name.startsWith('.')) collectLoaded(target, here, loaded);
  }
}

/** They take longer to load than the answer of a known source to compute; `import()` loads them where they are needed. */
const SLOW = [
  'zod',
  'better-sqlite3',
  'luxon',
  'csv-parse',
  'csv-parse/sync',
  'fastify',
  'node:crypto',
  'node:child_process',
  'node:v8',
  'node:worker_threads',
];

describe('what is loaded before the first answer', () => {
  for (const entry of ['cli/program.ts', 'cli/run.ts', 'worker/host.ts'])
    it(`${entry} waits for nothing slow`, () => {
      const loaded = new Map<string, readonly string[]>();
      collectLoaded(path.join(root, entry), [], loaded);
      expect(loaded.size).toBeGreaterThan(5);
      for (const name of SLOW) expect({ name, way: loaded.get(name) }).toEqual({ name, way: undefined });
    });
});
