import type { Client, QueryConfig } from 'pg';
import { closeClient } from '../../connection/close-client.ts';
import { cancelQuery } from '../../connection/cancel-query.ts';
import { mapPostgresError } from '../../connection/map-error.ts';
import { openClient } from '../../connection/open-client.ts';
import { isSessionWanted } from '../../connection/session-budget.ts';
import type { PostgresRef } from '../../../protocol/source.ts';

export interface Limits {
  readonly statementMs: number;
}
const LOCK_MS = 3_000;
const IDLE_MS = 60_000;
/** Of one row. */
export const MAX_MESSAGE_BYTES = 256_000_000;
/** For a place among the connections to this server, unless the request ends before. */
const WAIT_MS = 60_000;
/** A connection that does nothing ends after this, or when somebody waits for its place. */
const UNUSED_MS = 10_000;
const TICK_MS = 50;

/** One connection that only ever reads: every piece of work is a read-only transaction that is rolled back. */
export class ReadOnlySession {
  readonly #ref: PostgresRef;
  readonly #password: string | undefined;
  #client: Client | null = null;
  #isRunning = false;
  #cancelling: Promise<unknown> | null = null;
  #uses = 0;
  #usedAt = 0;

  constructor(ref: PostgresRef, password: string | undefined) {
    this.#ref = ref;
    this.#password = password;
  }

  /** The connection of now; a lost one is made anew. */
  async client(): Promise<Client> {
    if (this.#client !== null) return this.#client;
    const client = await openClient(this.#ref.target, {
      password: this.#password,
      access: 'read',
      maxMessageBytes: MAX_MESSAGE_BYTES,
      waitMs: WAIT_MS,
    });
    this.#usedAt = Date.now();
    const timer = setInterval(() => this.#closeUnused(client), TICK_MS).unref();
    client.once('end', () => {
      clearInterval(timer);
      if (this.#client === client) this.#client = null;
    });
    this.#client = client;
    return client;
  }

  #closeUnused(client: Client): void {
    const isUnused = isSessionWanted(client) || Date.now() - this.#usedAt > UNUSED_MS;
    if (isUnused && this.#uses === 0 && this.#client === client) void this.close().catch(() => undefined);
  }

  /**
   * In a transaction that is read-only from its first query on: after that `SET TRANSACTION READ WRITE` is refused
   * (security.md 3.2). Throws EngineError.
   */
  async read<T>(limits: Limits, work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.client();
    this.#isRunning = true;
    this.#uses++;
    try {
      // Settings in ms and constants: our own text, in one round trip.
      await client.query(
        `BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${Math.ceil(limits.statementMs)}; SET LOCAL lock_timeout = ${LOCK_MS}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}; SET LOCAL bytea_output = hex; SELECT 1`,
      );
      return await work(client);
    } catch (thrown) {
      throw mapPostgresError(thrown);
    } finally {
      this.#isRunning = false;
      // A lost connection has rolled back by itself.
      await client.query('ROLLBACK').catch(() => undefined);
      this.#uses--;
      this.#usedAt = Date.now();
    }
  }

  /** One query of ours in such a transaction. */
  rows<T>(sql: string, values: readonly unknown[] = [], statementMs = 30_000): Promise<readonly T[]> {
    return this.read({ statementMs }, async (client) => {
      const config: QueryConfig & { queryMode: 'extended' } = { text: sql, values: [...values], queryMode: 'extended' };
      return (await client.query(config)).rows as T[];
    });
  }

  /** What runs now, if anything does; asked again meanwhile it is the same attempt. */
  async cancel(): Promise<void> {
    if (this.#client === null || !this.#isRunning) return;
    this.#cancelling ??= cancelQuery(this.#client).finally(() => (this.#cancelling = null));
    await this.#cancelling;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await closeClient(client);
  }
}
