import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import { internalsOf } from './pg-internals.ts';

type DataListener = (chunk: Buffer) => void;

/**
 * Nothing a server sends ends this process: a message over `maxBytes` is refused when its length arrives, before it is
 * gathered (a text over 512 MB would throw inside the socket's handler, security.md fact 10), and whatever `pg` throws
 * while decoding ends this session alone. Call before `connect`.
 */
export function guardStream(client: Client, maxBytes: number): void {
  const { connection } = internalsOf(client);
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    stream.on('data', checkSizes(stream, maxBytes));
    const original = stream.on.bind(stream);
    // Only `pg`'s own listener is wrapped, so only for as long as it attaches itself.
    stream.on = ((event: string, listener: DataListener) =>
      original(event, event === 'data' ? contain(stream, listener) : listener)) as Socket['on'];
    attach(stream);
    Reflect.deleteProperty(stream, 'on');
  };
}

function contain(stream: Socket, listener: DataListener): DataListener {
  return (chunk) => {
    if (stream.destroyed) return;
    try {
      listener(chunk);
    } catch (thrown) {
      stream.destroy(thrown instanceof EngineError ? thrown : unreadable(thrown));
    }
  };
}

/** All that a server may send, and the most of it: 1 GiB. */
const TYPES = new Set(Buffer.from('RKSZTDCENA123nsItGHWdcvV'));
const PROTOCOL_MAX = 2 ** 30;

/** Walks the messages (one byte of type, four of length) and looks at nothing but their lengths. */
function checkSizes(stream: Socket, maxBytes: number): DataListener {
  const header = Buffer.alloc(HEADER);
  let have = 0;
  let skip = 0;
  /** Bytes of the message's body to pass over. */
  const check = (type: number, length: number): number => {
    if (!TYPES.has(type) || length < 4 || length > PROTOCOL_MAX) stream.destroy(unreadable('not the protocol'));
    else if (length > maxBytes) stream.destroy(tooLong(length, maxBytes));
    return length - 4;
  };
  return (chunk) => {
    let at = 0;
    while (at < chunk.length && !stream.destroyed)
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
      } else if (have === 0 && chunk.length - at >= HEADER) {
        skip = check(chunk[at] ?? 0, chunk.readUInt32BE(at + 1));
        at += HEADER;
      } else {
        const step = chunk.copy(header, have, at, Math.min(chunk.length, at + HEADER - have));
        have = (have + step) % HEADER;
        at += step;
        if (have === 0) skip = check(header[0] ?? 0, header.readUInt32BE(1));
      }
  };
}
const HEADER = 5;

const tooLong = (bytes: number, limit: number): EngineError =>
  new EngineError(
    'E_LIMIT',
    `The server sent one row of ${megabytes(bytes)}; ${megabytes(limit)} is the most that is read.`,
    {
      hint: 'Leave the large column out, or shorten it in the query, for example left(column, 1000).',
    },
  );
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;

const unreadable = (thrown: unknown): EngineError =>
  new EngineError('E_SERVER_LOST', 'The server sent something that cannot be read, so the connection was closed.', {
    hint: 'Try again. If it happens again, something between here and the server changes what it sends.',
    details: String(thrown),
    cause: thrown,
  });
