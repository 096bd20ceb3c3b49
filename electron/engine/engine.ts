import { exposeEngine } from '../../protocol/carrier/engine-carrier.ts';
import { portMainPipe, type PortMainLike } from '../../protocol/carrier/pipes.ts';
import { findAppRoot } from '../../worker/files/app-root.ts';
import { createEngine } from '../../worker/host.ts';

/** The engine's own process (Electron `utilityProcess`): `engine.js DATA_DIR VERSION [THREADS]`. */
interface ParentPort {
  on(
    event: 'message',
    listener: (event: { readonly data: { readonly type: string }; readonly ports: readonly PortMainLike[] }) => void,
  ): void;
}
const [, , dataDir = '', version = '', threads] = process.argv;
const engine = createEngine({
  dataDir,
  version,
  threadUrl: findAppRoot(import.meta.dirname, import.meta.url).threadUrl,
  threads: threads === undefined ? undefined : Number(threads),
});

const { parentPort } = process as unknown as { parentPort: ParentPort };
parentPort.on('message', ({ data, ports }) => {
  const [port] = ports;
  if (data.type === 'connect' && port !== undefined) exposeEngine(engine, portMainPipe(port));
  if (data.type === 'stop') void engine.stop().finally(() => process.exit(0));
});
