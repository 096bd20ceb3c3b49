import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Between two figures; ms. */
const EVERY_MS = 20;

/** Here a process tells its resident memory: bytes, as a double. */
export const memoryFile = (folder: string, pid: number): string => path.join(folder, `memory-${pid}`);

/** A thread that is only text needs no file of the build. */
const THREAD = `
  const { openSync, writeSync } = require('node:fs');
  const { workerData: { file, words } } = require('node:worker_threads');
  const out = openSync(file, 'w', 0o600);
  for (;;) {
    Atomics.wait(words, 0, 0);
    writeSync(out, Float64Array.of(process.memoryUsage.rss()), 0, 8, 0);
    Atomics.wait(words, 1, 0, ${EVERY_MS});
  }`;

/**
 * Tells this process's memory while it is busy, for systems where nobody else can see it cheaply. From a thread of its own:
 * while SQLite computes, nothing else of a process runs.
 */
export class MemoryTeller {
  /** Is it busy? And one that never changes, to wait for. */
  readonly #words = new Int32Array(new SharedArrayBuffer(8));
  readonly #thread: Worker;

  constructor(folder: string) {
    const workerData = { file: memoryFile(folder, process.pid), words: this.#words };
    this.#thread = new Worker(THREAD, { eval: true, workerData, env: {} });
    this.#thread.unref();
    this.#thread.on('error', () => undefined);
  }

  setBusy(isBusy: boolean): void {
    Atomics.store(this.#words, 0, isBusy ? 1 : 0);
    Atomics.notify(this.#words, 0);
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
