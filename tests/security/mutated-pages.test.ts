import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runMutations } from '../support/mutate-pages.ts';

test('mutated pages are read as SQLite reads them, or left to it', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-mutated-'));
  const seed = 20_261_122;
  const tally = runMutations(folder, { seed, from: 0, count: 300 });
  rmSync(folder, { recursive: true, force: true });
  expect(tally.differs, `seed ${seed}`).toEqual([]);
  // The mutations are neither all harmless nor all fatal.
  expect(Math.min(tally.equal, tally.left, tally.refused)).toBeGreaterThan(10);
});
