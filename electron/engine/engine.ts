import { exposeEngine } from '../../protocol/carrier/engine-carrier.ts';
import { portMainPipe, type PortMainLike } from '../../protocol/carrier/pipes.ts';
import { findAppRoot } from '../../worker/files/app-root.ts';
import { isToKeeper, servePlaces } from '../../worker/connection/remote-places.ts';
import { createEngine } from '../../worker/host.ts';

/** The engine's own process (Electron `utilityProcess`): `engine.js DATA_DIR VERSION THREADS MEMORY_LIMIT`, the last two empty where nothing is wished. */
interface ParentPort {
  on(
    event: 'message',
    listener: (event: { readonly data: { readonly type: string }; readonly ports: readonly PortMainLike[] }) => void,
  ): void;
  postMessage(message: unknown): void;
}
const [, , dataDir = '', version = '', threads = '', memoryLimit = ''] = process.argv;
const numberOf = (text: string): number | undefined => (text === '' ? undefined : Number(text));
const engine = createEngine({
  dataDir,
  version,
  threadUrl: findAppRoot(import.meta.dirname, import.meta.url).threadUrl,
  threads: numberOf(threads),
  memoryLimitBytes: numberOf(memoryLimit),
});

const { parentPort } = process as unknown as { parentPort: ParentPort };
// Connections of ad-hoc SQL to a server are counted with the engine's own.
const places = servePlaces((message) => parentPort.postMessage(message));
parentPort.on('message', ({ data, ports }) => {
  const [port] = ports;
  if (data.type === 'connect' && port !== undefined) exposeEngine(engine, portMainPipe(port));
  if (isToKeeper(data)) places.receive(data);
  if (data.type === 'stop') void engine.stop().finally(() => process.exit(0));
});
