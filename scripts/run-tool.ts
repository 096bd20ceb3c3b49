import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** Path of a package's command, without a shell and without npx. */
function findBin(pkg: string, name: string): string {
  let dir = path.dirname(require.resolve(pkg));
  for (;;) {
    try {
      const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as {
        name?: string;
        bin?: string | Record<string, string>;
      };
      if (manifest.name === pkg) {
        const bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin?.[name];
        if (bin !== undefined) return path.join(dir, bin);
      }
    } catch {
      // no package.json here: look one folder up
    }
    if (dir === path.dirname(dir)) throw new Error(`${pkg} has no command ${name}`);
    dir = path.dirname(dir);
  }
}

export interface Step {
  readonly label: string;
  /** A package's command, or a script of ours. */
  readonly tool: readonly [pkg: string, bin: string] | string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a step with this Node and shows its output; true when it ended well. */
export function runStep(step: Step): boolean {
  console.log(`\n== ${step.label}`);
  const script = typeof step.tool === 'string' ? path.join(root, step.tool) : findBin(...step.tool);
  const result = spawnSync(process.execPath, [script, ...(step.args ?? [])], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...step.env },
  });
  return result.status === 0;
}
