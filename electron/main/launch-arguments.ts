import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Launch {
  readonly dataDir: string | undefined;
  readonly threads: number | undefined;
  /** Absolute paths. */
  readonly files: readonly string[];
}

/**
 * What the command line asks for. Chromium's own switches are mixed in and ignored; unpackaged, the first word is
 * the app's folder.
 */
export function parseLaunch(argv: readonly string[], isPackaged: boolean, cwd: string): Launch {
  const { values, positionals } = parseArgs({
    args: argv.slice(1),
    strict: false,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' }, threads: { type: 'string' } },
  });
  const threads = Number(values['threads']);
  return {
    dataDir: typeof values['data-dir'] === 'string' ? resolve(cwd, values['data-dir']) : undefined,
    threads: Number.isInteger(threads) && threads > 0 && threads <= 64 ? threads : undefined,
    files: (isPackaged ? positionals : positionals.slice(1)).map((file) => resolve(cwd, file)),
  };
}
