import type { Socket } from 'node:net';
import type { Client } from 'pg';
import type { Truncation } from '../../../protocol/query-result.ts';
import { unreadable } from './wire-column.ts';
import type { WireRow } from './wire-page.ts';

/** What the driver calls of a statement of one's own. */
interface WireConnection {
  readonly stream: Socket;
  once(event: 'readyForQuery', listener: () => void): void;
  parse(statement: { readonly text: string }): void;
  bind(statement: { readonly values: readonly (string | null)[] }): void;
  describe(what: { readonly type: 'P' }): void;
  execute(portal: object): void;
  sync(): void;
}
export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}
/** Takes a row; answers why no more are wanted, or null. */
type Take = (row: WireRow) => Truncation | null;
type Listener = (chunk: Buffer) => void;
interface Stop {
  readonly truncatedBy: Truncation | null;
  readonly thrown: unknown;
}

const DATA_ROW = 0x44;
const HEADER = 5;
/** Header and the number of columns. */
const SMALLEST = 7;
const KEPT_BYTES = 1_000_000;
/** A server that is nearly done is not asked to stop. */
const NEARLY_MS = 20;

/**
 * One statement by the extended protocol, whose rows go from the socket to `take` as bytes; all else that the server says
 * goes to the driver, as if there were no rows. The driver would make an object of every row and a string of every value.
 * The server waits while rows are taken: the socket is read between them.
 */
export class RowStream {
  readonly #text: string;
  readonly #values: readonly (string | null)[];
  readonly #start: (fields: readonly Field[]) => Take;
  readonly #maxBytes: number;
  readonly #ended: Promise<void>;
  readonly #isStopped: Promise<void>;
  #end: () => void = () => undefined;
  #reportStop: () => void = () => undefined;
  #take: Take | null = null;
  #error: unknown = null;
  #stop: Stop | null = null;
  #isDropping = false;

  #stream: Socket | null = null;
  #driver: readonly Listener[] = [];
  /** Bytes of a message that goes to the driver. */
  #passing = 0;
  /** Of a message that is not here as a whole. */
  #held = Buffer.allocUnsafe(KEPT_BYTES);
  #have = 0;
  readonly #row: WireRow = { bytes: this.#held, from: 0, to: 0 };

  /** `start` is told the columns. A row over `maxBytes` is left to the driver, whose guard refuses it. */
  constructor(
    text: string,
    values: readonly (string | null)[],
    maxBytes: number,
    start: (fields: readonly Field[]) => Take,
  ) {
    this.#text = text;
    this.#values = values;
    this.#maxBytes = maxBytes;
    this.#start = start;
    this.#ended = new Promise((resolve) => (this.#end = resolve));
    this.#isStopped = new Promise((resolve) => (this.#reportStop = resolve));
  }

  /**
   * Resolves when the server is done, or `cancel` has made it stop: null = with all rows. Throws what the driver, the
   * server or `take` threw.
   */
  async run(client: Client, cancel: () => Promise<void>): Promise<Truncation | null> {
    (client as unknown as { query(statement: RowStream): void }).query(this);
    await Promise.race([this.#ended, this.#isStopped]);
    if (this.#stop === null) {
      if (this.#error !== null) throw this.#error;
      return null;
    }
    let cancelling = Promise.resolve();
    const timer = setTimeout(() => void (cancelling = cancel()), NEARLY_MS);
    await this.#ended;
    clearTimeout(timer);
    // What is on its way must not meet the next statement.
    await cancelling;
    if (this.#stop.truncatedBy === null) throw this.#stop.thrown;
    return this.#stop.truncatedBy;
  }

  /** Rows that still come are passed over, so that the end is soon here. */
  drop(): void {
    this.#isDropping = true;
  }

  submit(connection: WireConnection): void {
    const { stream } = connection;
    this.#stream = stream;
    this.#driver = stream.listeners('data') as Listener[];
    stream.removeAllListeners('data');
    stream.on('data', this.#receive);
    connection.once('readyForQuery', () => {
      this.#giveBack(stream);
      this.#end();
    });
    // After what the driver has to say of it.
    stream.once('close', () => setImmediate(() => this.#lost()));
    stream.cork();
    connection.parse({ text: this.#text });
    connection.bind({ values: this.#values });
    connection.describe({ type: 'P' });
    connection.execute({});
    connection.sync();
    stream.uncork();
  }

  #giveBack(stream: Socket): void {
    stream.removeListener('data', this.#receive);
    for (const listener of this.#driver) stream.on('data', listener);
  }

  #lost(): void {
    this.#error ??= new Error('Connection terminated');
    this.#end();
  }

  readonly #receive: Listener = (chunk) => {
    for (let at = 0; at < chunk.length && this.#stream?.destroyed === false;)
      if (this.#passing > 0) at = this.#pass(chunk, at);
      else if (this.#have > 0) at = this.#complete(chunk, at);
      else at = this.#walk(chunk, at);
  };

  /** Whole rows, one after another, up to something else. */
  #walk(chunk: Buffer, from: number): number {
    let at = from;
    while (chunk.length - at >= HEADER) {
      const size = this.#rowSize(chunk, at);
      if (size === 0) return at;
      if (at + size > chunk.length) {
        if (size > this.#held.length) this.#hold(size);
        break;
      }
      this.#give(chunk, at + HEADER, at + size);
      at += size;
    }
    this.#have = chunk.copy(this.#held, 0, at);
    return chunk.length;
  }

  /** 0 = no row, or one that is not for us: as many bytes go to the driver. */
  #rowSize(bytes: Buffer, at: number): number {
    const size = 1 + bytes.readUInt32BE(at + 1);
    if (bytes[at] === DATA_ROW && size >= SMALLEST && size - 1 <= this.#maxBytes) return size;
    this.#passing = size;
    return 0;
  }

  #complete(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#have < HEADER) {
      const copied = chunk.copy(this.#held, this.#have, at, at + HEADER - this.#have);
      this.#have += copied;
      at += copied;
      if (this.#have < HEADER) return at;
    }
    const size = this.#rowSize(this.#held, 0);
    if (size === 0) {
      this.#have = 0;
      this.#passing -= HEADER;
      this.#tellDriver(Buffer.from(this.#held.subarray(0, HEADER)));
      return at;
    }
    if (size > this.#held.length) this.#hold(size);
    const copied = chunk.copy(this.#held, this.#have, at, at + size - this.#have);
    this.#have += copied;
    if (this.#have < size) return at + copied;
    this.#have = 0;
    this.#give(this.#held, HEADER, size);
    if (this.#held.length > KEPT_BYTES) this.#held = Buffer.allocUnsafe(KEPT_BYTES);
    return at + copied;
  }

  #hold(size: number): void {
    const larger = Buffer.allocUnsafe(size);
    this.#held.copy(larger, 0, 0, this.#have);
    this.#held = larger;
  }

  #pass(chunk: Buffer, from: number): number {
    const to = Math.min(chunk.length, from + this.#passing);
    this.#passing -= to - from;
    this.#tellDriver(chunk.subarray(from, to));
    return to;
  }

  #tellDriver(bytes: Buffer): void {
    for (const listener of this.#driver) listener.call(this.#stream, bytes);
  }

  #give(bytes: Buffer, from: number, to: number): void {
    if (this.#isDropping) return;
    const row = this.#row;
    row.bytes = bytes;
    row.from = from;
    row.to = to;
    try {
      if (this.#take === null) throw unreadable();
      const truncatedBy = this.#take(row);
      if (truncatedBy !== null) this.#stopFor({ truncatedBy, thrown: null });
    } catch (thrown) {
      this.#stopFor({ truncatedBy: null, thrown });
    }
  }

  #stopFor(stop: Stop): void {
    this.#stop ??= stop;
    this.#isDropping = true;
    this.#reportStop();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    try {
      this.#take = this.#start(fields);
    } catch (thrown) {
      this.#stopFor({ truncatedBy: null, thrown });
    }
  }

  /** What the server says ends with `readyForQuery`; of a line that cannot be used nothing more is heard. */
  handleError(error: unknown): void {
    this.#error ??= error;
    if (this.#stream === null) this.#end();
  }

  handleDataRow(): void {
    throw new Error('a row was left to the driver');
  }

  handleCommandComplete(): void {
    // `readyForQuery` follows.
  }

  handleReadyForQuery(): void {
    // Heard of the connection, which tells it after an error too.
  }

  handleEmptyQuery(): void {
    // `readyForQuery` follows.
  }
}
