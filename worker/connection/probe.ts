import { openSocket, SSL_REQUEST, type Address } from './address.ts';

/** Yes, no, and a refusal. */
const ANSWERS = new Set(Buffer.from('SNE'));

/**
 * Whether a server answers at this address within `timeoutMs`: one byte, before any log-in, so that it works with all
 * connections taken. Never rejects.
 */
export function probe(address: Address, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(address);
    const finish = (alive: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(alive);
    };
    // If this process itself stood still, the answer may lie unread: two more turns of the loop before giving up.
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => finish(false))), timeoutMs);
    timer.unref();
    socket.on('connect', () => socket.write(SSL_REQUEST));
    socket.on('data', (answer) => finish(ANSWERS.has(answer[0] ?? 0)));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
  });
}
