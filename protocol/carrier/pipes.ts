import { decode, encode, DEFAULT_LIMITS, type CodecLimits } from './codec.ts';
import type { Packet, Pipe } from './packet.ts';

interface PortEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly ports?: readonly unknown[];
}
/** The part of a MessagePort that is the same in the DOM and in Node. */
export interface PortLike {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  addEventListener(type: 'message' | 'close', listener: (event: PortEvent) => void): void;
  start(): void;
  close(): void;
}
/** A port of this window, or of worker_threads. */
export function portPipe(port: PortLike): Pipe {
  return {
    send: (packet) => port.postMessage(packet),
    onPacket: (listener) => {
      port.addEventListener('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => port.addEventListener('close', () => listener()),
    close: () => port.close(),
  };
}

/** The part of Electron's MessagePortMain that is used. */
export interface PortMainLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}
/** A port in Electron's main or utility process. */
export function portMainPipe(port: PortMainLike): Pipe {
  return {
    send: (packet) => port.postMessage(packet),
    onPacket: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  };
}

/** The part of a WebSocket that is the same in browsers and in `ws`. `binaryType` must be set before it opens. */
export interface SocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
  close(): void;
}
/** An open socket. Text frames and frames that cannot be decoded reach the mux as malformed packets. */
export function socketPipe(socket: SocketLike, limits: CodecLimits = DEFAULT_LIMITS): Pipe {
  socket.binaryType = 'arraybuffer';
  return {
    send: (packet: Packet) => socket.send(encode(packet, limits)),
    onPacket: (listener) => socket.addEventListener('message', (event) => listener(decodeFrame(event.data, limits))),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  };
}

function decodeFrame(data: unknown, limits: CodecLimits): unknown {
  try {
    return data instanceof ArrayBuffer ? decode(data, limits) : undefined;
  } catch {
    return undefined;
  }
}
