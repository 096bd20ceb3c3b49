import type { Socket } from 'node:net';
import type { Client } from 'pg';
import type { ByteRing } from './byte-ring.ts';

/** What the driver calls of a statement of one's own. */
interface WireConnection {
  readonly stream: Socket;
  query(sql: string): void;
}
type Listener = (chunk: Buffer) => void;

/**
 * A COPY … TO STDOUT whose bytes go from the socket to a ring as they are: the driver would make an object of every row,
 * and keep a field of 600 MB. While the ring is full the socket waits.
 */
export class RawCopy {
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #ring: ByteRing;
  readonly #onBytes: (isFull: boolean) => void;
  #connection: WireConnection | null = null;
  #driver: Listener[] = [];
  #pending: Buffer | null = null;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** `onBytes` is called when there is something in the ring; `isFull` = `drained` has to be called when it was taken. */
  constructor(sql: string, ring: ByteRing, onBytes: (isFull: boolean) => void) {
    this.#sql = sql;
    this.#ring = ring;
    this.#onBytes = onBytes;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => undefined);
  }

  start(client: Client): Promise<void> {
    (client as unknown as { query(statement: RawCopy): void }).query(this);
    return this.done;
  }

  submit(connection: WireConnection): void {
    const { stream } = connection;
    this.#connection = connection;
    this.#driver = stream.listeners('data') as Listener[];
    stream.removeAllListeners('data');
    stream.on('data', this.#take);
    connection.query(this.#sql);
  }

  readonly #take = (chunk: Buffer): void => {
    const written = this.#ring.write(chunk);
    if (written < chunk.length) {
      this.#pending = chunk.subarray(written);
      this.#connection?.stream.pause();
    }
    this.#onBytes(this.#pending !== null);
  };

  drained(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    this.#take(pending);
    if (this.#pending !== null) return;
    this.#connection?.stream.resume();
  }

  /** The rows are over: from `rest` on the driver reads again. */
  giveBack(rest: Uint8Array): void {
    const { stream } = this.#connection ?? {};
    if (stream === undefined) return;
    const inRing = new Uint8Array(this.#ring.length);
    this.#ring.read(inRing);
    const left = Buffer.concat([rest, inRing, this.#pending ?? Buffer.alloc(0)]);
    this.#pending = null;
    this.#restore(stream);
    stream.resume();
    for (const listener of this.#driver) listener.call(stream, left);
  }

  #restore(stream: Socket): void {
    stream.removeListener('data', this.#take);
    for (const listener of this.#driver) stream.on('data', listener);
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleCommandComplete(): void {
    // `handleReadyForQuery` follows.
  }

  handleRowDescription(): void {
    // Not of a COPY.
  }

  handleDataRow(): void {
    // Not of a COPY.
  }

  handleEmptyQuery(): void {
    // Not of a COPY.
  }

  handleCopyData(): void {
    // Taken from the socket.
  }
}
