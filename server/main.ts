import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toErrorData } from '../protocol/index.ts';
import { findAppRoot } from '../worker/files/app-root.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { serve } from './serve.ts';

/** Browser mode: `server [--port N] [--data-dir DIR] [--threads N] [FILE …]`. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, 'data-dir': { type: 'string' }, threads: { type: 'string' } },
  });
  const app = findAppRoot(import.meta.dirname, import.meta.url);
  const serving = await serve({
    ...app,
    port: numberOption('port', values.port ?? process.env['PORT']),
    dataDir: resolveDataDir(values['data-dir']),
    threads: numberOption('threads', values.threads),
    openFiles: positionals.map((path) => resolve(path)),
  });
  console.log(`Tributary is running in browser mode: ${serving.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void serving.close().then(() => process.exit(0)));
}

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new Error(`--${name} needs a whole number`);
}

main().catch((thrown: unknown) => {
  const { message, hint } = toErrorData(thrown);
  console.error(`${message}\n${hint}`);
  process.exit(1);
});
