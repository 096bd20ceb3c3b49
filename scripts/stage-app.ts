import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { root } from './run-tool.ts';

/**
 * A copy of what the package would hold. TRIBUTARY_ELECTRON_MODULES = a node_modules with a better-sqlite3 built for the
 * Electron at hand, where that is older than ours (the one for tests).
 */
export function stageApp(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of ['out', 'package.json', 'migrations', 'build/icons/512x512.png'])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  const modules = path.join(folder, 'node_modules');
  const other = process.env['TRIBUTARY_ELECTRON_MODULES'];
  mkdirSync(modules);
  if (other === undefined || other === '')
    symlinkSync(path.join(root, 'node_modules', 'better-sqlite3'), path.join(modules, 'better-sqlite3'), 'junction');
  else
    for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path'])
      cpSync(path.join(other, name), path.join(modules, name), { recursive: true });
}
