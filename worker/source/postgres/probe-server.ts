import { connect, type Socket } from 'node:net';

/** Where a session's socket leads, once it is connected. */
export type ServerEnd = { readonly host: string; readonly port: number } | { readonly path: string };

export const getServerEnd = (socket: Socket, fallback: ServerEnd): ServerEnd =>
  socket.remoteAddress !== undefined && socket.remotePort !== undefined
    ? { host: socket.remoteAddress, port: socket.remotePort }
    : fallback;

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Whether a server answers at all within `ms`: asked if it speaks TLS, which it says before anything else, and which is no
 * session. A process that is stopped, or a line that swallows everything, looks like a long query from within one.
 */
export function answersWithin(end: ServerEnd, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(end);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ms, () => settle(false));
    const timer = setTimeout(() => settle(false), ms);
    timer.unref();
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}

/** Asks the server to stop what a session does. Resolves when the server has taken the request, or cannot. */
export function sendCancel(end: ServerEnd, processId: number, secretKey: number, ms: number): Promise<void> {
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(80_877_102, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secretKey, 12);
  return new Promise((resolve) => {
    const socket = connect(end, () => socket.write(request));
    const settle = (): void => {
      socket.destroy();
      resolve();
    };
    setTimeout(settle, ms).unref();
    socket.once('error', settle);
    // The server closes the line once the signal is sent.
    socket.once('close', settle);
    socket.resume();
  });
}
