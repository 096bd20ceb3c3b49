import { connectEngine, type EngineConnection } from '../../protocol/carrier/engine-carrier.ts';
import type { Pipe } from '../../protocol/carrier/packet.ts';
import { portPipe, socketPipe } from '../../protocol/carrier/pipes.ts';
import type { DesktopBridge } from '../../protocol/index.ts';

declare global {
  interface Window {
    /** Set by the preload in Electron; absent in browser mode. */
    readonly tributary?: DesktopBridge;
  }
}

/** What a carrier tells its client. `onUp` comes again after every reconnect, each time with a fresh engine. */
export interface CarrierListener {
  onUp(engine: EngineConnection): void;
  onDown(): void;
}

/** Electron: main posts one `engine-port` per life of the engine; a new port replaces the old one. */
function watchPorts(listener: CarrierListener): void {
  window.addEventListener('message', (event) => {
    const [port] = event.ports;
    if (event.data === 'engine-port' && event.source === window && port !== undefined)
      listener.onUp(connectEngine(portPipe(port)));
  });
  window.tributary?.onEvent((event) => {
    if (event.type === 'engine-lost') listener.onDown();
  });
}

const engineUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/engine`;
const RETRY_MS = [200, 500, 1000, 2000, 5000] as const;

/** Browser mode: one socket, opened again with growing pauses when it closes. */
function watchSocket(listener: CarrierListener): void {
  let attempt = 0;
  const connect = (): void => {
    const socket = new WebSocket(engineUrl());
    socket.addEventListener('open', () => {
      attempt = 0;
      listener.onUp(connectEngine(whileOpen(socket, socketPipe(socket))));
    });
    socket.addEventListener('close', () => {
      listener.onDown();
      setTimeout(connect, RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)]);
    });
  };
  connect();
}

/** What is sent while the socket closes would only fill the console: its answer is E_ENGINE_LOST a moment later. */
const whileOpen = (socket: WebSocket, pipe: Pipe): Pipe => ({
  ...pipe,
  send: (packet) => {
    if (socket.readyState === WebSocket.OPEN) pipe.send(packet);
  },
});

export function watchCarrier(listener: CarrierListener): void {
  if (window.tributary === undefined) watchSocket(listener);
  else watchPorts(listener);
}
