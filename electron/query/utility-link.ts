import type { FromProcess } from '../../worker/query/messages.ts';
import type { ProcessLink } from '../../worker/query/query-process.ts';

/** The part of Electron's UtilityProcess that is used. */
export interface UtilityChild {
  readonly pid?: number | undefined;
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: () => void): unknown;
  kill(): boolean;
}

/** A query process of Electron. `kill` is SIGKILL where signals exist: what is busy in SQLite hears no other. */
export function utilityLink(child: UtilityChild): ProcessLink {
  return {
    pid: () => child.pid,
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromProcess)),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => {
      if (process.platform !== 'win32' && child.pid !== undefined) killNow(child.pid);
      child.kill();
    },
  };
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
