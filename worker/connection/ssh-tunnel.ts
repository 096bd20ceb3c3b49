import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import type { Address } from './address.ts';

export interface Tunnel {
  /** Of the hosts, in their order, at this end. */
  readonly addresses: readonly Address[];
  /** When a session has ended; the last one ends the tunnel. */
  readonly release: () => void;
}
interface Shared {
  readonly ready: Promise<readonly Address[]>;
  readonly stop: () => void;
  users: number;
}
const tunnels = new Map<string, Shared>();

/**
 * The way to the hosts through the system's `ssh`, one process for all sessions of a target: with the user's own
 * configuration, keys and agent, and only to a host whose key is known. Our end is a Unix socket in a folder of our own,
 * where no other user of this machine gets in. Throws E_CONNECT.
 */
export async function openTunnel(target: PostgresTarget): Promise<Tunnel> {
  const key = JSON.stringify([target.ssh, target.hosts]);
  const shared = tunnels.get(key) ?? startTunnel(target, () => tunnels.delete(key));
  tunnels.set(key, shared);
  shared.users += 1;
  let held = true;
  const release = (): void => {
    if (held) shared.users -= 1;
    held = false;
    if (shared.users === 0) shared.stop();
  };
  try {
    return { addresses: await shared.ready, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

const READY_MS = 10_000;

function startTunnel(target: PostgresTarget, onEnd: () => void): Shared {
  const folder = mkdtempSync(path.join(tmpdir(), 'tributary-ssh-'));
  const addresses = target.hosts.map(({ host, port }, i) => {
    const own = path.join(folder, String(i));
    mkdirSync(own, { mode: 0o700 });
    return { host: own, port, serverName: host };
  });
  const child = spawn('ssh', sshArguments(target, addresses), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: withoutSecrets(),
  });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  const stop = (): void => {
    onEnd();
    process.off('exit', kill);
    kill();
    rmSync(folder, { recursive: true, force: true });
  };
  child.once('exit', stop).once('error', stop);
  return { ready: untilReady(child, addresses), stop, users: 0 };
}

/** Never a password: those stay between here and the server. */
function sshArguments({ ssh, hosts }: PostgresTarget, addresses: readonly Address[]): string[] {
  const forwards = addresses.map(({ host, port }, i) => {
    const far = hosts[i];
    const to = far?.host.startsWith('/') ? path.join(far.host, `.s.PGSQL.${port}`) : `${far?.host ?? ''}:${port}`;
    return `-L${path.join(host, `.s.PGSQL.${port}`)}:${to}`;
  });
  const settings = [
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'ConnectTimeout=8',
    'ServerAliveInterval=15',
  ];
  return [
    '-N',
    ...settings.map((setting) => `-o${setting}`),
    ...forwards,
    ...(ssh?.port ? [`-p${ssh.port}`] : []),
    ...(ssh?.user ? [`-l${ssh.user}`] : []),
    '--',
    ssh?.host ?? '',
  ];
}

const withoutSecrets = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:PG|TRIBUTARY_)/.test(name)));

/**
 * `ssh` makes its sockets once it is let in. That their files are there is not enough: a moment later they are listened to.
 * A server takes a line that is closed without a word for a port check, and logs nothing.
 */
async function untilReady(child: ChildProcess, addresses: readonly Address[]): Promise<readonly Address[]> {
  const until = Date.now() + READY_MS;
  let said = '';
  child.stderr?.on('data', (text) => (said = (said + String(text)).slice(-4_000)));
  let ended: EngineError | null = null;
  child.once('error', (thrown) => (ended = failed('The program ssh is not there.', String(thrown))));
  child.once('close', () => (ended ??= failed(reasonIn(said), said)));
  const sockets = addresses.map(({ host, port }) => path.join(host, `.s.PGSQL.${port}`));
  for (;;) {
    await delay(20);
    if (ended !== null) throw ended as EngineError;
    if ((await Promise.all(sockets.map(isListenedTo))).every(Boolean)) return addresses;
    if (Date.now() > until) throw failed('It took longer than 10 s.', said);
  }
}

const isListenedTo = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const line = connect(socket);
    line.once('connect', () => {
      line.destroy();
      resolve(true);
    });
    line.once('error', () => resolve(false));
  });

function reasonIn(said: string): string {
  if (/host key verification failed|host key is known|REMOTE HOST IDENTIFICATION/i.test(said))
    return 'The host’s key is not known here, or has changed.';
  if (/permission denied/i.test(said)) return 'The host did not let you in.';
  return said.trim().split('\n').at(-1) || 'It ended without saying why.';
}

const failed = (why: string, details: string): EngineError =>
  new EngineError('E_CONNECT', `The SSH tunnel could not be made. ${why}`, {
    hint: 'Try the same with ssh in a terminal: there you see and accept the host’s key, and your keys must be in the agent.',
    details,
  });
