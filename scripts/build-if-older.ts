import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root, runStep } from './run-tool.ts';

const SOURCES = [
  'cli',
  'electron',
  'migrations',
  'protocol',
  'renderer',
  'samples',
  'server',
  'worker',
  'electron.vite.config.ts',
  'package.json',
];
const BUILT = [
  'out/main/main.js',
  'out/main/engine.js',
  'out/main/thread.js',
  'out/main/server.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
];

/** Builds Tributary unless out/ is newer than every source. False when the build fails. */
export function buildIfOlder(): boolean {
  const built = BUILT.map((file) => path.join(root, file));
  const oldest = built.every((file) => existsSync(file)) ? Math.min(...built.map((file) => statSync(file).mtimeMs)) : 0;
  if (SOURCES.every((source) => newestIn(path.join(root, source)) < oldest)) return true;
  return runStep({ label: 'build', tool: ['electron-vite', 'electron-vite'], args: ['build', '--logLevel', 'warn'] });
}

/** Latest modification below a file or folder, ms since the epoch; 0 when it is not there. */
function newestIn(place: string): number {
  const found = statSync(place, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return found?.mtimeMs ?? 0;
  return readdirSync(place).reduce((newest, name) => Math.max(newest, newestIn(path.join(place, name))), found.mtimeMs);
}
