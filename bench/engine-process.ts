// A child process with one engine: answers JSON requests of engine-client.ts. Its memory and its crashes are its own.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { openClickhouse, loadIntoClickhouse } from './engine-clickhouse.ts';
import { openDuckdb, loadIntoDuckdb } from './engine-duckdb.ts';
import { openSqlite, loadIntoSqlite } from './engine-sqlite.ts';
import { openTributary } from './engine-tributary.ts';
import type { AskHow, BenchEngine, DataPaths, EngineName, Opening, OpenEngine } from './bench-engine.ts';
import type { Row } from './question.ts';
import { getQuestion } from './questions.ts';

export type EngineRequest =
  | { readonly method: 'load' }
  | { readonly method: 'open'; readonly threads: number; readonly opening: Opening }
  | { readonly method: 'formulations'; readonly question: string }
  | ({ readonly method: 'ask'; readonly question: string } & AskHow)
  | { readonly method: 'peakMemory' }
  | { readonly method: 'close' };
export interface Opened {
  readonly version: string;
  readonly events: number | null;
  readonly bytes: number | null;
}
/** `digest` is equal where the rows are, in whatever order they came. */
export interface Asked {
  readonly ms: number;
  readonly digest: string;
  readonly rows: number;
  readonly sample: readonly string[];
}

const OPEN: Readonly<Record<EngineName, OpenEngine>> = {
  tributary: openTributary,
  duckdb: openDuckdb,
  clickhouse: openClickhouse,
  sqlite: openSqlite,
};
const LOAD: Readonly<Record<EngineName, (paths: DataPaths) => Promise<void> | void>> = {
  tributary: () => undefined,
  duckdb: loadIntoDuckdb,
  clickhouse: loadIntoClickhouse,
  sqlite: loadIntoSqlite,
};

const name = process.argv[2] as EngineName;
const paths = JSON.parse(process.argv[3] ?? '') as DataPaths;
let engine: BenchEngine | null = null;

async function ask(open: BenchEngine, id: string, how: AskHow): Promise<Asked> {
  const question = getQuestion(id);
  const start = performance.now();
  const getRows = await open.ask(question, how);
  const ms = performance.now() - start;
  const lines = getRows()
    .map((row: Row) => JSON.stringify(row))
    .toSorted();
  return {
    ms,
    digest: createHash('sha1').update(lines.join('\n')).digest('hex'),
    rows: lines.length,
    sample: lines.slice(0, 12),
  };
}

/** Largest resident size in bytes since the last call; since the start where the system does not forget (not Linux). */
function takePeakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  writeFileSync('/proc/self/clear_refs', '5');
  return Number(peak?.[1]) * 1024;
}

async function serve(request: EngineRequest): Promise<unknown> {
  if (request.method === 'load') return LOAD[name](paths);
  if (request.method === 'open') {
    engine = await OPEN[name](paths, request.threads, request.opening);
    return { version: engine.version, events: engine.events ?? null, bytes: engine.bytes ?? null } satisfies Opened;
  }
  if (request.method === 'peakMemory') return takePeakMemory();
  if (engine === null) throw new Error('Nothing is open.');
  if (request.method === 'formulations') return engine.formulations(getQuestion(request.question));
  if (request.method === 'ask') return ask(engine, request.question, request);
  await engine.close();
  engine = null;
  return null;
}

// One after the other, in the order they came.
let last: Promise<void> = Promise.resolve();
process.on('message', ({ id, request }: { id: number; request: EngineRequest }) => {
  last = last.then(() =>
    serve(request).then(
      (value) => void process.send?.({ id, value: value ?? null }),
      (error: unknown) => void process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
    ),
  );
});
process.on('disconnect', () => process.exit());
