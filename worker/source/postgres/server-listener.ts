import type { Client } from 'pg';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { closeClient } from '../../connection/close-client.ts';
import { openClient } from '../../connection/open-client.ts';
import { isSessionWanted } from '../../connection/session-budget.ts';

/** That of the event store's migration 2. */
const CHANNEL = 'tributary_events';
const TRIGGER = 'tributary_notify';
/** Following is a luxury: a listener waits for a place no longer than this, and gives way to who waits longer. */
const PATIENCE_MS = 1_000;
const TICK_MS = 250;
/** Between attempts: after a lost connection or one that gave way; where nothing would ever be heard. */
const AGAIN_MS = 1_000;
const NO_TRIGGER_MS = 60_000;
/** Nobody follows any more. */
const UNUSED_MS = 15_000;

export interface ListenerOptions {
  readonly target: PostgresTarget;
  readonly password: string | undefined;
  /** Of the events, in the target's schema. */
  readonly table: string;
}

/**
 * Hears of new rows where the table has the store's trigger: one connection, counted with all others, that runs nothing and
 * has no transaction open. Lost, it comes back by itself. It ends when nobody has asked it for some seconds.
 */
export class ServerListener {
  readonly #options: ListenerOptions;
  #client: Client | null = null;
  #isOpening = false;
  #usedAt = 0;
  #tryAt = 0;
  #wantedAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wakes = 0;
  readonly #sleepers = new Set<() => void>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Whoever adds rows is heard. */
  get isListening(): boolean {
    return this.#client !== null;
  }

  /** Grows when there may be new rows: something was heard, or was not because the connection was away. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Until something is heard, at most `ms`. */
  async wait(ms: number): Promise<void> {
    this.#use();
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
    this.#usedAt = Date.now();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#leave();
  }

  #use(): void {
    this.#usedAt = Date.now();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
    this.#tick();
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#usedAt > UNUSED_MS) return this.stop();
    if (this.#client === null) {
      if (!this.#isOpening && now >= this.#tryAt) void this.#open();
      return;
    }
    this.#wantedAt = isSessionWanted(this.#client) ? (this.#wantedAt ?? now) : null;
    if (this.#wantedAt === null || now - this.#wantedAt < PATIENCE_MS) return;
    this.#tryAt = now + AGAIN_MS;
    this.#leave();
  }

  async #open(): Promise<void> {
    this.#isOpening = true;
    const isNeeded = (): boolean => this.#timer !== null;
    try {
      const { target, password } = this.#options;
      const client = await openClient(target, { password, waitMs: PATIENCE_MS, isNeeded });
      this.#tryAt = Date.now() + AGAIN_MS;
      if (isNeeded() && (await this.#listen(client))) this.#hold(client);
      else await closeClient(client);
    } catch {
      // Then the source is asked every now and then.
      this.#tryAt = Date.now() + AGAIN_MS;
    } finally {
      this.#isOpening = false;
    }
  }

  /** false = the table has no trigger that would tell. */
  async #listen(client: Client): Promise<boolean> {
    const { target, table } = this.#options;
    const { rows } = await client.query<{ readonly tells: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
         JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname = $2 AND p.proname = $3 AND t.tgenabled IN ('O', 'A')) AS tells`,
      [target.schema, table, TRIGGER],
    );
    if (rows[0]?.tells !== true) {
      this.#tryAt = Date.now() + NO_TRIGGER_MS;
      return false;
    }
    client.on('notification', ({ payload }) => payload === target.schema && this.#wake());
    await client.query(`LISTEN ${CHANNEL}`);
    return true;
  }

  #hold(client: Client): void {
    this.#client = client;
    client.once('end', () => {
      if (this.#client === client) this.#client = null;
      this.#wake();
    });
    // What came while nobody listened.
    this.#wake();
  }

  #leave(): void {
    const client = this.#client;
    this.#client = null;
    this.#wantedAt = null;
    if (client !== null) void closeClient(client).catch(() => undefined);
  }

  #wake(): void {
    this.#wakes++;
    for (const wake of this.#sleepers) wake();
  }
}
