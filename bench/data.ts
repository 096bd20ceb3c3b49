import Database from 'better-sqlite3';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DIRT } from '../samples/dirt.ts';
import { generateSample } from '../samples/generate-sample.ts';
import { EngineClient } from './engine-client.ts';
import { PEERS, TITLES, type DataPaths, type EngineName, type Peer } from './bench-engine.ts';

/** The sample makes about 6.2 events a user. */
export const SIZES = { '1M': 160_000, '10M': 1_616_000, '50M': 8_080_000 } as const;
export type Size = keyof typeof SIZES;
const SEED = 7;

const CACHE = path.join(import.meta.dirname, '../node_modules/.cache/bench');
export const COMPILE_CACHE = path.join(CACHE, 'compiled');

export function getPaths(size: Size): DataPaths {
  const folder = path.join(CACHE, size);
  const at = (name: string): string => path.join(folder, name);
  return {
    snapshot: at('snapshot.db'),
    events: at('events.tsv'),
    parquet: at('events.parquet'),
    duckdb: at('events.duckdb'),
    clickhouse: at('clickhouse'),
    sqlite: at('events.sqlite'),
    postgres: path.join(tmpdir(), `tributary-bench-postgres-${size}`),
    dataDir: at('tributary'),
  };
}
export function removeData(size: Size): void {
  const { snapshot, postgres } = getPaths(size);
  for (const folder of [path.dirname(snapshot), postgres, `${postgres}.made`, COMPILE_CACHE])
    rmSync(folder, { recursive: true, force: true });
}

/** Written behind a peer's table: half a table is none. */
const markerOf = (paths: DataPaths, name: Peer): string => `${paths[name]}.made`;

export interface Data {
  readonly paths: DataPaths;
  /** Engines that can be asked. */
  readonly engines: readonly EngineName[];
  /** Why a peer has no table. */
  readonly omissions: readonly string[];
}

/** Makes what is not there yet: the snapshot, then every peer's table, each in a process of its own. */
export async function ensureData(
  size: Size,
  engines: readonly EngineName[],
  say: (text: string) => void,
): Promise<Data> {
  const paths = getPaths(size);
  mkdirSync(paths.dataDir, { recursive: true });
  if (!existsSync(paths.snapshot)) say(makeSnapshot(paths.snapshot, SIZES[size]));
  const failures = new Map<EngineName, string>();
  // DuckDB makes the files that others read.
  for (const name of PEERS.filter((peer) => (peer === 'duckdb' && engines.length > 0) || engines.includes(peer))) {
    if (existsSync(markerOf(paths, name))) continue;
    const start = performance.now();
    const failure = await load(name, paths);
    if (failure !== null) failures.set(name, failure);
    say(`${name}: ${failure ?? `table made, ${((performance.now() - start) / 1000).toFixed(1)} s`}`);
  }
  return {
    paths,
    engines: engines.filter((name) => !failures.has(name)),
    omissions: [...failures].map(([name, failure]) => `${TITLES[name]}: ${failure}`),
  };
}

function makeSnapshot(out: string, users: number): string {
  const made = generateSample({
    out,
    users,
    seed: SEED,
    // SQL need not know our rules for dirt: equal times are left to chance.
    clean: new Set(DIRT),
    writerThreadUrl: new URL('../samples/writer-thread.ts', import.meta.url),
  });
  return `snapshot: ${made.events.toLocaleString('en')} events, ${made.seconds.toFixed(1)} s`;
}

/** Null, or why it failed. */
async function load(name: Peer, paths: DataPaths): Promise<string | null> {
  if (name === 'duckdb') writeEvents(paths);
  const client = new EngineClient(name, paths, COMPILE_CACHE);
  try {
    await client.load();
    writeFileSync(markerOf(paths, name), '');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.stop();
    if (name === 'duckdb') rmSync(paths.events);
  }
}

/** Rows `arrival, actor, time, type, plan` of the snapshot, tab-separated: no value of a clean sample has a tab. */
function writeEvents({ snapshot, events }: DataPaths): void {
  const db = new Database(snapshot, { readonly: true });
  const rows = db
    .prepare(
      `SELECT concat_ws(char(9), rowid, json_extract(metadata, '$.user_id'), event_time, event_type,
        coalesce(json_extract(metadata, '$.plan_id'), '')) FROM global_events`,
    )
    .pluck()
    .iterate() as IterableIterator<string>;
  const file = openSync(`${events}.partial`, 'w');
  let lines: string[] = [];
  for (const row of rows) {
    if (lines.push(row) < 20_000) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
  closeSync(file);
  db.close();
  renameSync(`${events}.partial`, events);
}
