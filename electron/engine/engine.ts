import { exposeEngine } from '../../protocol/carrier/engine-carrier.ts';
import { portMainPipe, type PortMainLike } from '../../protocol/carrier/pipes.ts';
import { findAppRoot } from '../../worker/files/app-root.ts';
import { createEngine } from '../../worker/host.ts';

/** The engine's own process (Electron `utilityProcess`): `engine.js DATA_DIR VERSION THREADS MEMORY_LIMIT`, the last two empty where nothing is wished. */
interface ParentPort {
  on(
    event: 'message',
    listener: (event: { readonly data: { readonly type: string }; readonly ports: readonly PortMainLike[] }) => void,
  ): void;
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
parentPort.on('message', ({ data, ports }) => {
  const [port] = ports;
  if (data.type === 'connect' && port !== undefined) exposeEngine(engine, portMainPipe(port));
  if (data.type === 'stop') void engine.stop().finally(() => process.exit(0));
});
