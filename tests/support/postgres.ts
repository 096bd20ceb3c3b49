import { spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import {
  endServer,
  findBinaries,
  findFreePort,
  giveToServer,
  initialize,
  letIn,
  spawnServer,
} from './postgres-process.ts';

const DEBIAN = '/usr/lib/postgresql/15/bin';

export const SUPERUSER = 'postgres';
export const PASSWORD = 'postgres pass%word';
/** 15 is Debian's, where present. */
export type PostgresVersion = 15 | 18;
export const VERSIONS: readonly PostgresVersion[] = existsSync(DEBIAN) ? [18, 15] : [18];

/** A throw-away cluster of a real PostgreSQL on a free port of 127.0.0.1, passwords by SCRAM. */
export interface TestPostgres {
  readonly port: number;
  readonly folder: string;
  /** `postgres://…` of a database, password included: for drivers in tests, not for ours. */
  readonly url: (database?: string, user?: string, password?: string) => string;
  /** Makes an empty database and answers its name. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** As the superuser, in a session of its own. */
  readonly query: (sql: string, database?: string) => Promise<readonly Record<string, unknown>[]>;
  /** Process id of the postmaster. */
  readonly pid: () => number;
  /** Stops it in this way (default: fast) and keeps the data. */
  readonly halt: (signal?: 'SIGKILL' | 'SIGQUIT' | 'SIGINT') => Promise<void>;
  /** On the same port, after `halt`. */
  readonly start: () => Promise<void>;
  /** For good. */
  readonly stop: () => Promise<void>;
}

export async function startPostgres(
  options: { readonly version?: PostgresVersion; readonly settings?: readonly string[] } = {},
): Promise<TestPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-postgres-'));
  letIn(folder);
  const bin = options.version === 15 ? DEBIAN : await findBinaries(folder);
  makeCluster(folder, bin);
  const port = await findFreePort();
  let child: ChildProcess | null = null;
  const kill = (): void => void child?.kill('SIGKILL');
  process.once('exit', kill);
  const start = async (): Promise<void> => {
    child = await spawnServer(folder, bin, port, ['max_connections=60', ...(options.settings ?? [])]);
  };
  const halt = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (child !== null) await endServer(child, signal);
  };
  const url = (database = 'postgres', user = SUPERUSER, password = PASSWORD): string =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const query: TestPostgres['query'] = async (sql, database) => {
    const client = new Client({ connectionString: url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  await start();
  return {
    port,
    folder,
    url,
    query,
    createDatabase: async (name) => {
      await query(`CREATE DATABASE "${name}"`);
      return name;
    },
    pid: () => child?.pid ?? 0,
    halt,
    start,
    stop: async () => {
      process.off('exit', kill);
      await halt('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Clusters as initdb makes them, by version: a copy takes a tenth of the time. */
const MADE = path.join(import.meta.dirname, '../../node_modules/.cache/postgres');

function makeCluster(folder: string, bin: string): void {
  const data = path.join(folder, 'data');
  if (process.platform === 'win32') return initializeWithPassword(folder, bin);
  const version = spawnSync(path.join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  const made = path.join(MADE, version.replaceAll(/[^\w.]+/g, '-'));
  if (existsSync(made)) return copyCluster(made, data);
  initializeWithPassword(folder, bin);
  mkdirSync(MADE, { recursive: true });
  const own = `${made}-${process.pid}-${path.basename(folder)}`;
  copyCluster(data, own);
  try {
    renameSync(own, made);
  } catch {
    // Another process was faster.
    rmSync(own, { recursive: true });
  }
}

/** With its owner and rights, which the server insists on. */
function copyCluster(from: string, to: string): void {
  const copied = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(`cp: ${copied.stderr}`);
}

function initializeWithPassword(folder: string, bin: string): void {
  const file = path.join(folder, 'password');
  writeFileSync(file, `${PASSWORD}\n`);
  giveToServer(file);
  initialize(folder, bin, ['-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${file}`]);
}
