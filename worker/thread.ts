import { parentPort } from 'node:worker_threads';
import { toErrorData } from '../protocol/errors.ts';
import type { FromThread, ToThread } from './host/tasks.ts';
import { runTask } from './host/run-task.ts';
import { needsServerPart, setServerPart } from './host/server-part.ts';
import { throwIfStopped } from './host/control.ts';
import { closeThreadSource } from './host/thread-sources.ts';
import type { Segment } from './segment/segment.ts';
import { setRunningCheck } from './source/running-check.ts';

/** A worker thread of the engine: holds segments by key and open sources, does one task after the other. */
const port = parentPort;
if (port === null) throw new Error('worker/thread.ts must run in a worker thread');

const segments = new Map<string, Segment>();

const receive = (message: ToThread): void => {
  if (message.kind === 'forgetSegment') segments.delete(message.key);
  else if (message.kind === 'closeSource') closeThreadSource(message.sourceId);
  else if (message.kind === 'end') port.close();
  else port.postMessage(answer(message));
};

/** What came since a message that needs the server part, in order; null = nothing waits. */
let waiting: ToThread[] | null = null;

port.on('message', (message: ToThread) => {
  if (waiting !== null) waiting.push(message);
  else if (needsServerPart(message)) void loadServerPart([message]);
  else receive(message);
});

async function loadServerPart(first: ToThread[]): Promise<void> {
  waiting = first;
  const { openServer, SERVER_TASKS } = await import('./host/server-tasks.ts');
  setServerPart({ openServer, tasks: SERVER_TASKS });
  waiting = null;
  first.forEach(receive);
}

function answer(message: Extract<ToThread, { kind: 'task' }>): FromThread {
  try {
    setRunningCheck(() => throwIfStopped(message.control));
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
