import { Worker } from 'node:worker_threads';
import { EngineError } from '../protocol/errors.ts';
import { WIDTH, type LateChanges, type RowSink, type Table, type Value } from './snapshot-writer.ts';
import type { WriterData, WriterMessage } from './writer-thread.ts';

/** Rows a message, and messages that may wait: together they bound the memory. */
const ROWS_A_MESSAGE = 2_000;
const WAITING = 24;

/** A `SnapshotWriter` in another thread, with the same blocking calls: the caller waits when the writer falls behind. */
export class ThreadedWriter implements RowSink {
  private readonly counters = new Int32Array(new SharedArrayBuffer(8));
  private readonly worker: Worker;
  private readonly buffers = new Map<Table, Value[]>();
  private sent = 0;

  constructor(file: string, threadUrl: URL) {
    const workerData: WriterData = { file, state: this.counters.buffer as SharedArrayBuffer };
    this.worker = new Worker(threadUrl, { workerData });
    this.worker.unref();
  }

  add(table: Table, row: readonly Value[]): void {
    let values = this.buffers.get(table);
    if (values === undefined) this.buffers.set(table, (values = []));
    for (const value of row) values.push(value);
    if (values.length === ROWS_A_MESSAGE * WIDTH[table]) this.flush(table, values);
  }

  finish(late: LateChanges): void {
    for (const [table, values] of this.buffers) this.flush(table, values);
    this.send({ type: 'finish', late });
    this.waitUntilDone(this.sent);
  }

  /** After a failure there is nothing left to wait for. */
  abandon(): void {
    if (Atomics.load(this.counters, 1) === 2) return;
    this.send({ type: 'abandon' });
    this.waitUntilDone(this.sent);
  }

  private flush(table: Table, values: readonly Value[]): void {
    this.buffers.set(table, []);
    this.send({ type: 'rows', table, values });
    this.waitUntilDone(this.sent - WAITING);
  }

  private send(message: WriterMessage): void {
    this.sent++;
    this.worker.postMessage(message);
  }

  private waitUntilDone(messages: number): void {
    for (;;) {
      if (Atomics.load(this.counters, 1) === 2)
        throw new EngineError('E_DISK_FULL', 'The sample could not be written.', {
          hint: 'Check the free space and the rights of the folder.',
        });
      const done = Atomics.load(this.counters, 0);
      if (done >= messages || Atomics.load(this.counters, 1) === 1) return;
      Atomics.wait(this.counters, 0, done, 1_000);
    }
  }
}
