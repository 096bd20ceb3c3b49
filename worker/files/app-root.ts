import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the parts of Tributary lie: a checkout, or the folder of the installed app. */
export interface AppRoot {
  readonly root: string;
  readonly version: string;
  readonly rendererDir: string;
  /** The built worker thread; undefined when the sources run unbuilt, which know their own. */
  readonly threadUrl: URL | undefined;
}

/** Walks up from the module at `moduleUrl` to Tributary's package.json. */
export function findAppRoot(moduleDir: string, moduleUrl: string): AppRoot {
  let root = moduleDir;
  while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const built = !moduleUrl.endsWith('.ts');
  return {
    root,
    version,
    rendererDir: join(root, 'out', 'renderer'),
    threadUrl: built ? pathToFileURL(join(root, 'out', 'main', 'thread.js')) : undefined,
  };
}
