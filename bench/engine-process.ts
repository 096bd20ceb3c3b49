// A child process with one engine: answers JSON requests of engine-client.ts. Its memory and its crashes are its own.
import { createHash } from 'node:crypto';
import type { AskHow, BenchEngine, DataPaths, EngineName, Held, OpenEngine, OwnEngine } from './bench-engine.ts';
import { takePeakMemory } from './peak-memory.ts';
import type { Row } from './question.ts';
import { getQuestion } from './questions.ts';

export type EngineRequest =
  | { readonly method: 'load' }
  | { readonly method: 'open'; readonly threads: number }
  | { readonly method: 'formulations'; readonly question: string }
  | ({ readonly method: 'ask'; readonly question: string } & AskHow)
  | ({ readonly method: 'turn'; readonly question: string } & AskHow)
  | { readonly method: 'discard'; readonly question: string; readonly formulation: number }
  | { readonly method: 'scrub'; readonly question: string; readonly moments: readonly number[] }
  | { readonly method: 'held' }
  | { readonly method: 'peakMemory' }
  | { readonly method: 'close' };

/** `digest` is equal where the rows are, in whatever order they came. */
export interface Asked {
  readonly ms: number;
  readonly digest: string;
  readonly rows: number;
  readonly sample: readonly string[];
}
export type AskedMoment = Pick<Asked, 'ms' | 'digest'>;
/** One question asked again and again, with nothing of the bench between. `digest` is the last answer's. */
export interface AskedTurn {
  readonly times: readonly number[];
  readonly digest: string;
}

interface Adapter {
  readonly open: OpenEngine;
  readonly load: (paths: DataPaths) => Promise<void> | void;
}
/** Each process loads its own engine only: a driver of another one would count as its memory. */
async function loadAdapter(name: EngineName): Promise<Adapter> {
  switch (name) {
    case 'duckdb': {
      const { openDuckdb, loadIntoDuckdb } = await import('./engine-duckdb.ts');
      return { open: openDuckdb, load: loadIntoDuckdb };
    }
    case 'clickhouse': {
      const { openClickhouse, loadIntoClickhouse } = await import('./engine-clickhouse.ts');
      return { open: openClickhouse, load: loadIntoClickhouse };
    }
    case 'sqlite': {
      const { openSqlite, loadIntoSqlite } = await import('./engine-sqlite.ts');
      return { open: openSqlite, load: loadIntoSqlite };
    }
    case 'postgres': {
      const { openPostgres, loadIntoPostgres } = await import('./engine-postgres.ts');
      return { open: openPostgres, load: loadIntoPostgres };
    }
    case 'tributary':
    case 'tributary-scan': {
      const { openTributary } = await import('./engine-tributary.ts');
      return { open: (own, threads) => openTributary(own, threads, name === 'tributary'), load: () => undefined };
    }
  }
}

const name = process.argv[2] as EngineName;
const paths = JSON.parse(process.argv[3] ?? '') as DataPaths;
const adapter = await loadAdapter(name);
let engine: BenchEngine | null = null;

async function ask(open: BenchEngine, id: string, how: AskHow): Promise<Asked> {
  const question = getQuestion(id);
  const start = performance.now();
  const getRows = await open.ask(question, how);
  const ms = performance.now() - start;
  return { ms, ...digestRows(getRows()) };
}

/** An answer of a millisecond is measured by several: asked again until this time is over, for all engines alike. */
const TURN_MS = 60;
const MOST_ASKINGS = 15;
async function takeTurn(open: BenchEngine, id: string, how: AskHow): Promise<AskedTurn> {
  const question = getQuestion(id);
  const times: number[] = [];
  const begun = performance.now();
  for (;;) {
    const start = performance.now();
    const getRows = await open.ask(question, how);
    const end = performance.now();
    times.push(end - start);
    if (end - begun >= TURN_MS || times.length === MOST_ASKINGS) return { times, digest: digestRows(getRows()).digest };
  }
}

function digestRows(rows: readonly Row[]): Omit<Asked, 'ms'> {
  const lines = rows.map((row) => JSON.stringify(row)).toSorted();
  return {
    digest: createHash('sha1').update(lines.join('\n')).digest('hex'),
    rows: lines.length,
    sample: lines.slice(0, 12),
  };
}
async function scrub(open: OwnEngine, id: string, moments: readonly number[]): Promise<readonly AskedMoment[]> {
  const steps = await open.scrub(getQuestion(id), moments);
  return steps.map(({ ms, rows }) => ({ ms, digest: digestRows(rows).digest }));
}

async function serve(request: EngineRequest): Promise<unknown> {
  if (request.method === 'load') return adapter.load(paths);
  if (request.method === 'open') {
    engine = await adapter.open(paths, request.threads);
    return engine.version;
  }
  if (engine === null) throw new Error('Nothing is open.');
  if (request.method === 'peakMemory') return takePeakMemory();
  if (request.method === 'formulations') return engine.formulations(getQuestion(request.question));
  if (request.method === 'ask') return ask(engine, request.question, request);
  if (request.method === 'turn') return takeTurn(engine, request.question, request);
  if (request.method === 'discard') {
    await engine.ask(getQuestion(request.question), { formulation: request.formulation, allRows: false });
    return null;
  }
  if (request.method === 'held') return (engine as OwnEngine).held() satisfies Promise<Held>;
  if (request.method === 'scrub') return scrub(engine as OwnEngine, request.question, request.moments);
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
// A parent that died cannot ask for it: a server of ours must not stay behind.
process.on('disconnect', () => void Promise.resolve(engine?.close()).finally(() => process.exit()));
