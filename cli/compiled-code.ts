import module from 'node:module';
import { join } from 'node:path';
import { resolveDataDir } from '../worker/files/data-dir.ts';

/** In the data folder, which nobody else can write to. A place that cannot be written to costs what it saved. */
export function keepCompiledCode(args: readonly string[]): void {
  // Not in every Node that types know of.
  const enable = (module as Partial<typeof module>).enableCompileCache;
  if (enable === undefined || process.env['NODE_COMPILE_CACHE'] !== undefined) return;
  const flag = args.indexOf('--data-dir');
  enable(join(resolveDataDir(flag === -1 ? undefined : args[flag + 1]), 'compiled'));
}
