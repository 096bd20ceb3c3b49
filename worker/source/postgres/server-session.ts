import type { Client } from 'pg';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { sendCancel } from '../../connection/cancel-query.ts';
import { closeClient } from '../../connection/close-client.ts';
import { openClient } from '../../connection/open-client.ts';
import { internalsOf } from '../../connection/pg-internals.ts';
import { sessionOf } from '../../connection/session-registry.ts';

/** For a place among the connections to this server; then E_SERVER_BUSY, or before by the deadline of the request. */
const WAIT_MS = 60_000;
const CANCEL_MS = 500;
const LIMITS = { statementMs: 900_000, lockMs: 5_000, idleTransactionMs: 180_000 } as const;

/** Names mean what they say, values come in one form, rows in the order in which they lie, and one process works for us. */
const SETTINGS = `SET search_path = pg_catalog; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1;
  SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET synchronize_seqscans = off; SET jit = off;
  SET client_min_messages = error; SET max_parallel_workers_per_gather = 0`;

/** One of the hosts of a target, as no other of them is called. */
export const nameHost = ({ host, port }: PostgresTarget['hosts'][number]): string => `${host}:${port}`;

/** One of the connections that a server has of us. */
export class ServerSession {
  readonly client: Client;
  #isGone = false;

  private constructor(client: Client) {
    this.client = client;
    internalsOf(client).connection.stream.once('close', () => (this.#isGone = true));
  }

  /** `isNeeded`: somebody still waits for it. Throws E_SERVER_BUSY when others use all connections for long, and what `openClient` throws. */
  static async open(
    target: PostgresTarget,
    password: string | undefined,
    isNeeded: () => boolean,
  ): Promise<ServerSession> {
    const session = new ServerSession(await connect(target, password, isNeeded));
    try {
      await session.client.query(SETTINGS);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Which host answered: see `nameHost`. */
  get host(): string {
    const { serverName, port } = sessionOf(this.client).address;
    return nameHost({ host: serverName, port });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** What the server does for this session is stopped, and the session ended. */
  async abort(): Promise<void> {
    const sent = this.#isGone ? Promise.resolve() : sendCancel(this.client).catch(() => undefined);
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, CANCEL_MS).unref())]);
    this.destroy();
  }

  destroy(): void {
    this.#isGone = true;
    internalsOf(this.client).connection.stream.destroy();
  }

  async close(): Promise<void> {
    if (!this.#isGone) await closeClient(this.client).catch(() => undefined);
    this.destroy();
  }
}

async function connect(target: PostgresTarget, password: string | undefined, isNeeded: () => boolean): Promise<Client> {
  return openClient(target, { ...LIMITS, password, waitMs: WAIT_MS, isNeeded });
}
