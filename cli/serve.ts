import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findAppRoot } from '../worker/files/app-root.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { say, writeOut } from './console.ts';
import { wholeNumber } from './flags.ts';

interface Flags {
  readonly port?: number;
  readonly dataDir?: string;
  readonly threads?: number;
}

export function addServe(program: Command): Command {
  return program
    .command('serve')
    .description('the window in a browser, on 127.0.0.1')
    .argument('[files...]', 'snapshots or workspaces to open')
    .option('--port <n>', 'default: any free port', wholeNumber(0, 65_535))
    .option('--data-dir <folder>', 'settings, recent files, the sample')
    .option('--threads <n>', 'worker threads', wholeNumber(1, 256))
    .action(runServe);
}

/** Serves until Ctrl-C. The address on stdout carries the token. */
async function runServe(files: readonly string[], flags: Flags): Promise<void> {
  const app = findAppRoot(import.meta.dirname, import.meta.url);
  // Loaded only here: every other command starts faster without a web server.
  const { serve } = await import('../server/serve.ts');
  const serving = await serve({
    ...app,
    port: flags.port,
    dataDir: resolveDataDir(flags.dataDir),
    threads: flags.threads,
    openFiles: files.map((file) => resolve(file)),
  });
  await writeOut(serving.url);
  say('Tributary is running in browser mode. Ctrl-C ends it.');
  await new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  });
  await serving.close();
}
