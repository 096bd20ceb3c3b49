import diagnostics from 'node:diagnostics_channel';
import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';

/** Threads and processes of ours that are made from now on: servers are others'. */
export interface WatchedProcesses {
  /** Throws where one has died, or none is there. Ask before you stop them yourself. */
  readonly check: () => void;
  /** Those that are gone now were stopped. */
  readonly forget: () => void;
}

export function watchProcesses(): WatchedProcesses {
  const living = new Set<Worker | ChildProcess>();
  const died: string[] = [];
  const end = (who: Worker | ChildProcess, how: string): void => void (living.delete(who) && died.push(how));
  process.on('worker', (worker: Worker) => {
    const name = `thread ${worker.threadId}`;
    living.add(worker);
    worker.once('exit', (code) => end(worker, `${name}: ${code}`));
  });
  diagnostics.subscribe('child_process', (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    living.add(child);
    child.once('spawn', () => child.spawnfile !== process.execPath && living.delete(child));
    child.once('exit', (code, signal) => {
      // What does not listen to a cancel is ended by us.
      if (child.killed) living.delete(child);
      else end(child, `process ${child.pid}: ${signal ?? code}`);
    });
  });
  return {
    check: () => {
      if (died.length > 0) throw new Error(`died of it: ${died.join(', ')}`);
      if (living.size === 0) throw new Error('nothing of ours is there');
    },
    forget: () => void died.splice(0),
  };
}
