import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { generateSample } from './generate-sample.ts';

/** The bundled sample is made at first use: about 40,000 events in half a second. A new recipe gets a new name. */
const RECIPE = { name: 'tributary-sample-1.db', users: 4_000, seed: 7 } as const;

/** Path of the bundled sample in `<dataDir>/sample`; makes it when it is not there. Blocks: call it in a thread. */
export function ensureSample(dataDir: string): string {
  const folder = path.join(dataDir, 'sample');
  const out = path.join(folder, RECIPE.name);
  if (existsSync(out)) return out;
  mkdirSync(folder, { recursive: true });
  generateSample({ out, users: RECIPE.users, seed: RECIPE.seed, replace: true });
  return out;
}
