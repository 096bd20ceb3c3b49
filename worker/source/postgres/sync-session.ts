import { MessageChannel, receiveMessageOnPort, threadId, Worker, type MessagePort } from 'node:worker_threads';
import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { getRunningCheck } from '../running-check.ts';
import { ByteRing } from './byte-ring.ts';
import {
  createBudget,
  RING_BYTES,
  WORD,
  WORDS,
  type FromSession,
  type ServerBudget,
  type SessionData,
  type SqlValue,
  type ToSession,
} from './session-link.ts';

export interface SyncSessionOptions {
  readonly target: PostgresTarget;
  readonly password?: string | undefined;
  /** Shared by all who read the source; absent = this is the only one. */
  readonly budget?: ServerBudget | undefined;
  /** Built entry of the session's thread; absent = beside this file. */
  readonly threadUrl?: URL | undefined;
}
/** Called every few ms of waiting; what it throws ends what the server does, and comes out. Default: `getRunningCheck`. */
export type Check = () => void;
export type SqlRow = readonly (string | number | boolean | null)[];

const WAIT_MS = 5;
const DEAD_AFTER_MS = 5_000;
const START_MS = 15_000;
/** Stopped or not: an end is waited for. */
const WHATEVER = (): void => undefined;
type Asked<K> = K extends { readonly id: number } ? Omit<K, 'id'> : never;

/** A session with a server for a thread that blocks. Throws EngineErrors; after one the next question begins anew. */
export class SyncSession {
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #ring: ByteRing;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #nextId = 1;
  #beat = 0;
  #beatAt = Date.now();
  #isUp = false;

  constructor({ target, password, budget, threadUrl }: SyncSessionOptions) {
    const bytes = new Uint8Array(new SharedArrayBuffer(RING_BYTES));
    const { port1, port2 } = new MessageChannel();
    const workerData: SessionData = {
      port: port2,
      words: this.#words,
      ring: bytes,
      target,
      password,
      budget: budget ?? createBudget(),
      ownerId: threadId,
    };
    this.#ring = new ByteRing(bytes, this.#words);
    this.#port = port1;
    const url = threadUrl ?? new URL('./session-thread.ts', import.meta.url);
    this.#worker = new Worker(url, { name: 'tributary-session', workerData, transferList: [port2], env: {} });
    this.#worker.unref();
    this.#worker.on('error', () => undefined);
    port1.unref();
  }

  /** Rows as lists of what the driver makes of their columns: text, numbers, null; 64-bit numbers as text. */
  query(sql: string, values: readonly SqlValue[] = [], check?: Check): readonly SqlRow[] {
    return this.#ask({ kind: 'query', sql, values }, check) as readonly SqlRow[];
  }

  /** Rows by column name; 64-bit numbers and numerics as text. */
  queryNamed(sql: string, values: readonly SqlValue[], check?: Check): readonly Readonly<Record<string, unknown>>[] {
    return this.#ask({ kind: 'query', sql, values, named: true }, check) as readonly Readonly<
      Record<string, unknown>
    >[];
  }

  /** Runs `work` in a read-only transaction with one snapshot: an exported one, or its own. */
  inSnapshot<T>(snapshot: string | null, check: Check | undefined, work: () => T): T {
    this.#ask({ kind: 'begin', snapshot }, check);
    const done = work();
    this.#ask({ kind: 'end' }, check);
    return done;
  }

  /** Exports a snapshot for so many scans. */
  hold(imports: number): string {
    return this.#ask({ kind: 'hold', imports }) as string;
  }

  /**
   * Bytes of the protocol as they come from the server, from the answer to COPY on. `take` fills its buffer through `read`
   * and returns what follows the last byte of the rows (CopyDone or an error, that byte included).
   */
  copy(sql: string, take: (read: (into: Uint8Array) => number) => Uint8Array, check?: Check): void {
    // What a COPY that was given up has left: nobody writes now, and the other end may be slower than our first look.
    this.#ring.clear();
    const id = this.#post({ kind: 'copy', sql });
    try {
      const rest = take((into) => this.#readRing(id, into, check));
      this.#port.postMessage({ kind: 'copyEnd', rest } satisfies ToSession);
      this.#wait(id, check);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  /** Ends what runs, on the server too. */
  abort(): void {
    if (this.#isDead) return;
    this.#wait(this.#post({ kind: 'abort' }), WHATEVER);
  }

  /** Ends the connection. The next question opens one again. */
  disconnect(): void {
    this.#wait(this.#post({ kind: 'close' }), WHATEVER);
  }

  /** The session's thread has ended: nothing more can be asked. */
  get isDead(): boolean {
    return this.#isDead;
  }
  #isDead = false;

  close(): void {
    try {
      this.disconnect();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#isDead = true;
    void this.#worker.terminate();
    this.#port.close();
  }

  #ask(message: Asked<ToSession>, check?: Check): unknown {
    const id = this.#post(message);
    try {
      return this.#wait(id, check);
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  #post(message: Asked<ToSession>): number {
    const id = this.#nextId++;
    this.#beatAt = Date.now();
    this.#port.postMessage({ ...message, id });
    return id;
  }

  #wait(id: number, check: Check | undefined): unknown {
    for (;;) {
      const seen = Atomics.load(this.#words, WORD.wake);
      const answer = this.#receive(id);
      if (answer !== null) return answer.value;
      this.#sleep(seen, check);
    }
  }

  /** The answer with this number; older ones are of what was given up. */
  #receive(id: number): { readonly value: unknown } | null {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return null;
      const message = received.message as FromSession;
      if (message.id !== id) continue;
      if (message.ok) return message;
      throw EngineError.fromData(message.error);
    }
  }

  #readRing(id: number, into: Uint8Array, check: Check | undefined): number {
    for (;;) {
      const seen = Atomics.load(this.#words, WORD.wake);
      const count = this.#ring.read(into);
      if (count > 0) {
        if (Atomics.load(this.#words, WORD.full) === 1) this.#port.postMessage({ kind: 'drained' } satisfies ToSession);
        return count;
      }
      if (this.#receive(id) !== null) throw new Error('a COPY ended before its rows did');
      this.#sleep(seen, check);
    }
  }

  #sleep(seen: number, check: Check | undefined): void {
    (check ?? getRunningCheck())();
    Atomics.wait(this.#words, WORD.wake, seen, WAIT_MS);
    const beat = Atomics.load(this.#words, WORD.beat);
    if (beat !== this.#beat) {
      this.#beat = beat;
      this.#beatAt = Date.now();
      this.#isUp = true;
    } else if (Date.now() - this.#beatAt > (this.#isUp ? DEAD_AFTER_MS : START_MS)) {
      this.#end();
      throw new EngineError('E_ENGINE_LOST', 'The thread that speaks to the server has ended.', {
        hint: 'Open the source again.',
      });
    }
  }
}
