import { parentPort, workerData } from 'node:worker_threads';
import { SnapshotWriter, type LateChanges, type Table, type Value } from './snapshot-writer.ts';

/** Fills the snapshot in a thread of its own, while the lives go on being simulated in the other. */
export type WriterMessage =
  | { readonly type: 'rows'; readonly table: Table; readonly values: readonly Value[] }
  | { readonly type: 'finish'; readonly late: LateChanges }
  | { readonly type: 'abandon' };
export interface WriterData {
  readonly file: string;
  /** [messages done, 1 = closed, 2 = failed] */
  readonly state: SharedArrayBuffer;
}

if (parentPort !== null) {
  const { file, state } = workerData as WriterData;
  const counters = new Int32Array(state);
  let writer: SnapshotWriter | null = null;
  const end = (code: number): void => {
    Atomics.store(counters, 1, code);
    Atomics.notify(counters, 0);
    parentPort?.close();
  };
  parentPort.on('message', (message: WriterMessage) => {
    try {
      // Opened here, where a failure is told: the other thread waits for an answer.
      writer ??= new SnapshotWriter(file);
      if (message.type === 'rows') writer.addMany(message.table, message.values);
      else if (message.type === 'finish') writer.finish(message.late);
      else writer.abandon();
    } catch {
      return end(2);
    }
    Atomics.add(counters, 0, 1);
    Atomics.notify(counters, 0);
    if (message.type !== 'rows') end(1);
  });
}
