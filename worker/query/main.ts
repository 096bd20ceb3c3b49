import type { FromProcess, ToProcess } from './messages.ts';
import { serveProcess } from './serve-process.ts';

/**
 * Entry of the query process: started by `child_process.fork` (server, command line) or by Electron's `utilityProcess`.
 * It ends with the process that started it.
 */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: ToProcess }) => void): void;
  postMessage(message: FromProcess): void;
}
const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };
if (parentPort !== undefined) {
  const receive = serveProcess((message) => parentPort.postMessage(message));
  parentPort.on('message', ({ data }) => receive(data));
} else if (process.send !== undefined) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const receive = serveProcess((message) => process.send?.(message));
  process.on('message', (message) => receive(message as ToProcess));
}
