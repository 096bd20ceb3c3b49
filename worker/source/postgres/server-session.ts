import type { Client } from 'pg';
import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { sendCancel } from '../../connection/cancel-query.ts';
import { closeClient } from '../../connection/close-client.ts';
import { openClient } from '../../connection/open-client.ts';
import { internalsOf } from '../../connection/pg-internals.ts';
import { BUDGET, MOST_CONNECTIONS } from './session-link.ts';

/** How long to wait for one of the connections of this source. */
const BUDGET_MS = 30_000;
const CANCEL_MS = 500;
const LIMITS = { statementMs: 900_000, lockMs: 5_000, idleTransactionMs: 180_000 } as const;

/** Names mean what they say, values come in one form, rows in the order in which they lie, and one process works for us. */
const SETTINGS = `SET search_path = pg_catalog; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1;
  SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET synchronize_seqscans = off; SET jit = off;
  SET client_min_messages = error; SET max_parallel_workers_per_gather = 0`;

/** One connection of a source's budget. */
export class ServerSession {
  readonly client: Client;
  readonly #budget: Int32Array;
  #isGone = false;

  private constructor(client: Client, budget: Int32Array) {
    this.client = client;
    this.#budget = budget;
    internalsOf(client).connection.stream.once('close', () => this.#leave());
  }

  /** Throws E_SERVER_BUSY when others of the source use all its connections for long, and what `openClient` throws. */
  static async open(
    target: PostgresTarget,
    password: string | undefined,
    budget: Int32Array,
    isWanted: () => boolean,
  ): Promise<ServerSession> {
    await takePlace(budget, isWanted);
    const session = new ServerSession(await connect(target, password, budget), budget);
    try {
      await session.client.query(SETTINGS);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
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
    internalsOf(this.client).connection.stream.destroy();
    this.#leave();
  }

  async close(): Promise<void> {
    if (!this.#isGone) await closeClient(this.client).catch(() => undefined);
    this.destroy();
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    freePlace(this.#budget);
  }
}

async function connect(target: PostgresTarget, password: string | undefined, budget: Int32Array): Promise<Client> {
  try {
    return await openClient(target, { ...LIMITS, password, sessionLimit: MOST_CONNECTIONS });
  } catch (error) {
    freePlace(budget);
    throw error;
  }
}

async function takePlace(budget: Int32Array, isWanted: () => boolean): Promise<void> {
  const until = Date.now() + BUDGET_MS;
  for (let isWaiting = false; ;) {
    const open = Atomics.load(budget, BUDGET.open);
    const isOurs = open < MOST_CONNECTIONS && Atomics.compareExchange(budget, BUDGET.open, open, open + 1) === open;
    if (isOurs || Date.now() > until || !isWanted()) {
      if (isWaiting) Atomics.sub(budget, BUDGET.wanted, 1);
      if (isOurs) return;
      throw allInUse();
    }
    if (open < MOST_CONNECTIONS) continue;
    if (!isWaiting) Atomics.add(budget, BUDGET.wanted, 1);
    isWaiting = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const freePlace = (budget: Int32Array): void => void Atomics.sub(budget, BUDGET.open, 1);

const allInUse = (): EngineError =>
  new EngineError('E_SERVER_BUSY', `All ${MOST_CONNECTIONS} connections to this server are in use.`, {
    hint: 'Try again when what runs has ended.',
  });
