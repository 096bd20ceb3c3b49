import type { Client } from 'pg';
import { closeClient } from './close-client.ts';
import { internalsOf } from './pg-internals.ts';
import { isSessionWanted } from './session-budget.ts';
import type { Backend } from './session-settings.ts';

/** What a server says of a session that owes an answer. `unknown`: it cannot be asked now, or cannot tell. */
export type BackendState = 'working' | 'finished' | 'unknown';

/** Logging in included. */
const ASK_MS = 300;
const WANTED_MS = 50;
/** When there was no place for it, or somebody else wanted its own. */
const AGAIN_MS = 1_000;

interface Row {
  readonly at: string;
  readonly own: number;
  readonly pid: number | null;
  readonly state: string | null;
  readonly wait: string | null;
}
const ASK = `SELECT coalesce(pg_catalog.inet_server_addr()::text, '') AS at, pg_catalog.pg_backend_pid() AS own, a.pid, a.state,
  a.wait_event AS wait FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = $1`;

/**
 * A second session in which a server is asked what it does for a silent one: of a line that swallows that session's bytes
 * alone, nothing else would tell before TCP does. Held while the other is silent, counted with all others; opened only
 * where a place is free, and given up as soon as somebody wants it.
 */
export class Lookout {
  readonly #open: () => Promise<Client>;
  #opening: Promise<Client> | null = null;
  #notBefore = 0;

  constructor(open: () => Promise<Client>) {
    this.#open = open;
  }

  /** Within `ASK_MS`; never rejects. */
  async ask(of: Backend): Promise<BackendState> {
    if (performance.now() < this.#notBefore) return 'unknown';
    this.#opening ??= this.#enter();
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ASK_MS).unref());
    try {
      const client = await Promise.race([this.#opening, late]);
      if (client === null) return 'unknown';
      const answer = await Promise.race([client.query<Row>(ASK, [of.pid]), late]);
      if (answer === null) throw new Error('silent too');
      const [row] = answer.rows;
      return row === undefined || row.own !== internalsOf(client).processID ? 'unknown' : judge(row, of);
    } catch {
      this.leave();
      this.#notBefore = performance.now() + AGAIN_MS;
      return 'unknown';
    }
  }

  /** Nothing more is to be asked for now. */
  leave(): void {
    const opening = this.#opening;
    if (opening === null) return;
    this.#opening = null;
    void opening.then((client) => closeClient(client)).catch(() => undefined);
  }

  async #enter(): Promise<Client> {
    const client = await this.#open();
    const timer = setInterval(() => this.#giveWay(client), WANTED_MS).unref();
    client.once('end', () => clearInterval(timer));
    return client;
  }

  #giveWay(client: Client): void {
    if (!isSessionWanted(client)) return;
    this.leave();
    this.#notBefore = performance.now() + AGAIN_MS;
  }
}

/** Behind a pooler, or where another server answers at the same address, a process id says nothing. */
function judge({ at, pid, state, wait }: Row, of: Backend): BackendState {
  if (at !== of.at) return 'unknown';
  if (pid === null) return 'finished';
  if (state === null || state === 'disabled') return 'unknown';
  // It waits for us to take the answer, or for the next question: but we wait too.
  return state.startsWith('idle') || wait === 'ClientWrite' ? 'finished' : 'working';
}
