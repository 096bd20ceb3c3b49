import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromProcess } from './messages.ts';
import type { ProcessLink } from './query-process.ts';

/** What a child may know of this process's environment: no passwords, no settings of Node. */
const PASSED = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'APPDATA',
  'LANG',
  'LC_ALL',
  'TZ',
  'SystemRoot',
  'TEMP',
  'TMP',
  'TMPDIR',
];

/** Starts a query process with this Node, or with another one (`execPath`). `folder` takes SQLite's own temporary files. */
export function forkProcess(entry: URL, folder: string, execPath?: string): ProcessLink {
  const known = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  const child = fork(fileURLToPath(entry), [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...Object.fromEntries(known), SQLITE_TMPDIR: folder },
    ...(execPath === undefined ? {} : { execPath }),
  });
  return {
    pid: () => child.pid,
    // A child that has just died has no line any more; its end is told by `exit`.
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromProcess)),
    onExit: (listener) => {
      child.once('exit', listener);
      child.once('error', listener);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
