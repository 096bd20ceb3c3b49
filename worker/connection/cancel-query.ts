import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { openSocket, SSL_REQUEST, startTls, tlsOf } from './address.ts';
import { closeClient } from './close-client.ts';
import { openClient } from './open-client.ts';
import { internalsOf } from './pg-internals.ts';
import { sessionOf } from './session-registry.ts';

/**
 * `cancelled`: the server stopped the statement and the session can be used again. `terminated`: it did not listen within a
 * second and its session was ended. `abandoned`: it could not be reached, and our end of the line was closed.
 */
export type CancelOutcome = 'cancelled' | 'terminated' | 'abandoned';

const FIRST_MS = 1_000;
/** A server ignores a request that comes while it reads the next message of a statement: then it is asked again. */
const AGAIN_MS = 100;
const SECOND_MS = 1_000;

/**
 * Stops what this session runs, and answers only when it has stopped: a cancel request on a line of its own (with the same
 * protection), then `pg_terminate_backend`, then the end of our line. Never rejects. Call it only while a statement runs:
 * a request that comes late stops whatever runs then.
 */
export async function cancelQuery(client: Client): Promise<CancelOutcome> {
  const { connection } = internalsOf(client);
  const idle = new Promise<void>((resolve) => connection.once('readyForQuery', () => resolve()));
  const closed = new Promise<void>((resolve) => connection.stream.once('close', () => resolve()));
  if (connection.stream.destroyed) return 'abandoned';
  for (const until = performance.now() + FIRST_MS; performance.now() < until;) {
    const sent = sendCancel(client).catch(() => undefined);
    const isOver = await within(Promise.race([idle, closed]), AGAIN_MS);
    // The statement may have ended by itself: the request must not reach the next one.
    await within(sent, FIRST_MS);
    if (isOver) return connection.stream.destroyed ? 'abandoned' : 'cancelled';
  }
  const terminating = terminate(client).catch(() => false);
  const ended = await within(closed, SECOND_MS);
  connection.stream.destroy();
  return (await terminating) && ended ? 'terminated' : 'abandoned';
}

function within(done: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void done.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/**
 * Only the request, on a line of its own with the same protection. Resolves when the server has passed it on, which it says by
 * closing that line, or cannot be reached.
 */
export async function sendCancel(client: Client): Promise<void> {
  const { target, address } = sessionOf(client);
  const { processID, secretKey } = internalsOf(client);
  if (processID === null || secretKey === null) return;
  const socket = openSocket(address).setTimeout(FIRST_MS);
  socket.on('error', () => undefined).on('timeout', () => socket.destroy());
  const tls = tlsOf(target, address);
  const closed = event(socket, 'close');
  await Promise.race([event(socket, 'connect'), closed]);
  let line: Socket = socket;
  if (tls !== false) {
    socket.write(SSL_REQUEST);
    const [answer] = await Promise.race([event(socket, 'data'), closed]);
    if (String(answer) !== 'S') return void socket.destroy();
    line = startTls(socket, address, tls).on('error', () => undefined);
    await Promise.race([event(line, 'secureConnect'), closed]);
  }
  if (!line.destroyed) line.end(cancelRequest(processID, secretKey));
  await closed;
}

const event = (socket: Socket, name: string): Promise<unknown[]> =>
  new Promise((resolve) => socket.once(name, (...args: unknown[]) => resolve(args)));

function cancelRequest(processId: number, secretKey: number): Buffer {
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(80_877_102, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secretKey, 12);
  return request;
}

/** Outside the budget: it is what gives a place back. */
async function terminate(client: Client): Promise<boolean> {
  const { target, address, options } = sessionOf(client);
  // Elsewhere the same process id is somebody else's.
  const second = await openClient(target, { ...options, at: address, timeoutMs: SECOND_MS, isCounted: false });
  try {
    await second.query('SELECT pg_terminate_backend($1)', [internalsOf(client).processID]);
    return true;
  } finally {
    await closeClient(second);
  }
}
