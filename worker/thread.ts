import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../protocol/errors.ts';
import type { FromThread, ToThread } from './host/tasks.ts';
import { runTask } from './host/run-task.ts';
import { closeThreadSource } from './host/thread-sources.ts';
import type { Segment } from './segment/segment.ts';

/** A worker thread of the engine: holds segments by key and open sources, does one task after the other. */
const port = parentPort;
if (port === null) throw new Error('worker/thread.ts must run in a worker thread');

const segments = new Map<string, Segment>();

port.on('message', (message: ToThread) => {
  if (message.kind === 'forgetSegment') segments.delete(message.key);
  else if (message.kind === 'closeSource') closeThreadSource(message.sourceId);
  else if (message.kind === 'end') port.close();
  else port.postMessage(answer(message));
});

function answer(message: Extract<ToThread, { kind: 'task' }>): FromThread {
  try {
    if (message.segment?.value) segments.set(message.segment.key, message.segment.value);
    const segment = message.segment === null ? null : (segments.get(message.segment.key) ?? null);
    return {
      id: message.id,
      ok: true,
      value: runTask(message.task, message.payload, { control: message.control, slot: message.slot, segment }),
    };
  } catch (error) {
    return { id: message.id, ok: false, error: toErrorData(error) };
  }
}
