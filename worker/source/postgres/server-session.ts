import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { EngineError } from '../../../protocol/errors.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { openClient } from '../../connection/open-client.ts';
import { answersWithin, getServerEnd, sendCancel, type ServerEnd } from './probe-server.ts';
import { serverSilent } from './server-errors.ts';
import { BUDGET, MOST_CONNECTIONS } from './session-link.ts';

const CONNECT_MS = 2_000;
const CONNECT_THROUGH_SSH_MS = 15_000;
/** How long to wait for one of the connections of this source. */
const BUDGET_MS = 30_000;
const SILENCE_MS = 700;
const PROBE_MS = 700;
const CANCEL_MS = 500;

/** Nothing of a session is ever written, nothing of ours waits for ever, and names mean what they say. */
const SETTINGS = `SET default_transaction_read_only = on; SET statement_timeout = '15min'; SET lock_timeout = '5s';
  SET idle_in_transaction_session_timeout = '3min'; SET search_path = pg_catalog; SET TimeZone = 'UTC';
  SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1; SET bytea_output = 'hex';
  SET standard_conforming_strings = on; SET synchronize_seqscans = off; SET jit = off; SET client_min_messages = error;
  SET max_parallel_workers_per_gather = 0`;

interface Wire {
  readonly processID: number;
  readonly secretKey: number;
  readonly connection: { readonly stream: Socket };
}

/** One connection of a source's budget: opened when it is needed, watched while the server works, closed when it is idle. */
export class ServerSession {
  readonly client: Client;
  readonly #wire: Wire;
  readonly #budget: Int32Array;
  readonly #end: ServerEnd;
  #isGone = false;
  #heardAt = 0;
  #bytes = 0;

  private constructor(client: Client, budget: Int32Array, target: PostgresTarget) {
    this.client = client;
    this.#wire = client as unknown as Wire;
    this.#budget = budget;
    this.#end = getServerEnd(this.#wire.connection.stream, getFirstHost(target));
    this.#wire.connection.stream.once('close', () => this.#leave());
  }

  /** Throws E_BUSY when others of the source use all its connections for long. */
  static async open(
    target: PostgresTarget,
    password: string | undefined,
    budget: Int32Array,
    isWanted: () => boolean,
  ): Promise<ServerSession> {
    await takePlace(budget, isWanted);
    const session = new ServerSession(await connect(target, password, budget), budget, target);
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

  /** From now on silence is suspicious. */
  startWatching(): void {
    this.#heardAt = Date.now();
    this.#bytes = this.#wire.connection.stream.bytesRead;
  }

  /** Called every now and then while the server works: a server that answers nobody is given up. */
  async watch(isOurPause: boolean): Promise<void> {
    const { stream } = this.#wire.connection;
    const heard = stream.bytesRead !== this.#bytes || isOurPause;
    this.#bytes = stream.bytesRead;
    if (heard) this.#heardAt = Date.now();
    if (Date.now() - this.#heardAt < SILENCE_MS) return;
    const bytes = stream.bytesRead;
    const isThere = await answersWithin(this.#end, PROBE_MS);
    if (isThere || stream.bytesRead !== bytes) this.#heardAt = Date.now();
    else stream.destroy(serverSilent());
  }

  /** What the server does for this session is stopped, and the session ended. */
  async abort(): Promise<void> {
    const { processID, secretKey } = this.#wire;
    if (!this.#isGone) await sendCancel(this.#end, processID, secretKey, CANCEL_MS);
    this.destroy();
  }

  destroy(): void {
    this.#wire.connection.stream.destroy();
    this.#leave();
  }

  async close(): Promise<void> {
    if (this.#isGone) return;
    const ended = this.client.end().catch(() => undefined);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CANCEL_MS).unref())]);
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
    return await openClient(target, { password, timeoutMs: target.ssh ? CONNECT_THROUGH_SSH_MS : CONNECT_MS });
  } catch (error) {
    freePlace(budget);
    throw error;
  }
}

function getFirstHost({ hosts }: PostgresTarget): ServerEnd {
  const { host = 'localhost', port = 5432 } = hosts[0] ?? {};
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
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
  new EngineError('E_BUSY', `All ${MOST_CONNECTIONS} connections to this server are in use.`, {
    hint: 'Try again when what runs has ended.',
  });
