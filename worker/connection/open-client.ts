import { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { tlsOf, type Address } from './address.ts';
import { findPassword } from './find-password.ts';
import { guardStream } from './guard-stream.ts';
import { Lookout } from './lookout.ts';
import { mapPostgresError } from './map-error.ts';
import { internalsOf } from './pg-internals.ts';
import { getKeeper, limitOf, rememberPlace, serverOf, type Place } from './session-budget.ts';
import { rememberSession } from './session-registry.ts';
import { prepareSession, type Backend, type SessionLimits } from './session-settings.ts';
import { openTunnel } from './ssh-tunnel.ts';
import { noteSilent, orderHosts } from './silent-hosts.ts';
import { watchSession } from './watch-session.ts';

export interface ClientOptions extends SessionLimits {
  /** Held in memory alone; absent = `PGPASSWORD`, the password file, or a server that asks for none. */
  readonly password?: string | undefined;
  /** Of the whole attempt, all hosts together, but not of a tunnel's. */
  readonly timeoutMs?: number;
  /** `write` only for migrations and loading: every other session is read-only at the server too. */
  readonly access?: 'read' | 'write';
  /** false = whatever else is open: for what gives a place back. */
  readonly isCounted?: boolean;
  /** How long to wait for a place among the sessions with this server, and until when it is worth it; default `timeoutMs`. */
  readonly waitMs?: number;
  readonly isNeeded?: () => boolean;
  /** Only this one of the hosts: for what is about a session there. */
  readonly at?: Address;
  /** false = for a session that watches another one. */
  readonly isWatched?: boolean;
  /** Above this a single message (a row) ends the session with E_LIMIT. */
  readonly maxMessageBytes?: number;
}

/** A busy machine is to tell within 2 s that nobody answers. */
const TIMEOUT_MS = 1_600;
const MAX_MESSAGE_BYTES = 64_000_000;
/**
 * Silent for so long, a line is tried by TCP, each second, and given up after so many tries: all that tells of a line that
 * swallows one session's bytes while the server computes for it. Node would try ten times (an older one does, these figures
 * are unknown to it); one packet may be lost by chance.
 */
const KEEP_ALIVE_MS = 1_000;
const KEEP_ALIVE_TRIES = 3;

/**
 * A session with the first host that answers, in the order given but those last that were silent lately; a wrong password
 * ends the search. It has an `error` listener (an idle session that the server ends would else end this process,
 * security.md fact 10), limits of its own, and ends by itself when the server is silent. Close it with `closeClient`; give
 * its errors to `mapPostgresError`. Throws E_CONNECT, E_AUTH, E_TLS, E_SERVER_BUSY, E_SERVER_LOST.
 */
export async function openClient(target: PostgresTarget, options: ClientOptions = {}): Promise<Client> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const place = options.isCounted === false ? NO_PLACE : await takePlace(target, options.waitMs ?? timeoutMs, options);
  try {
    const tunnel = target.ssh ? await openTunnel(target) : null;
    const all = tunnel?.addresses ?? target.hosts.map((host) => ({ ...host, serverName: host.host }));
    const { at } = options;
    const addresses = at === undefined ? all : all.filter(({ host, port }) => host === at.host && port === at.port);
    const done = (): void => {
      place.giveBack();
      tunnel?.release();
    };
    try {
      const client = await tryHosts(target, addresses, { ...options, timeoutMs }, done);
      rememberPlace(client, place);
      return client;
    } catch (thrown) {
      tunnel?.release();
      throw thrown;
    }
  } catch (thrown) {
    place.giveBack();
    throw thrown;
  }
}

const NO_PLACE: Place = { isWanted: () => false, giveBack: () => undefined };
const takePlace = (target: PostgresTarget, waitMs: number, { isNeeded }: ClientOptions): Promise<Place> =>
  getKeeper().take({ server: serverOf(target), limit: limitOf(target), waitMs, ...(isNeeded && { isNeeded }) });

async function tryHosts(
  target: PostgresTarget,
  addresses: readonly Address[],
  options: ClientOptions & { readonly timeoutMs: number },
  onEnd: () => void,
): Promise<Client> {
  const until = Date.now() + options.timeoutMs;
  const failures: EngineError[] = [];
  for (const [i, address] of orderHosts(addresses).entries()) {
    const timeoutMs = Math.max(50, (until - Date.now()) / (addresses.length - i));
    try {
      return await connectTo(target, address, { ...options, timeoutMs }, onEnd);
    } catch (thrown) {
      const failure = mapPostgresError(thrown, nameOf(address));
      if (failure.code === 'E_AUTH') throw failure;
      failures.push(failure);
    }
  }
  throw combine(failures);
}

const nameOf = ({ serverName, port }: Address): string => `${serverName}:${port}`;

/** The last host's failure, with those of the others in the details. */
function combine(failures: readonly EngineError[]): EngineError {
  const last = failures.at(-1) as EngineError;
  if (failures.length === 1) return last;
  const details = failures.map(({ message, details: more }) => `${message} ${more ?? ''}`).join('\n');
  return new EngineError(last.code, `None of ${failures.length} hosts could be used. ${last.message}`, {
    hint: last.hint,
    details,
    cause: last,
  });
}

async function connectTo(
  target: PostgresTarget,
  address: Address,
  options: ClientOptions & { readonly timeoutMs: number },
  onEnd: () => void,
): Promise<Client> {
  const client = new Client({
    host: address.host,
    port: address.port,
    database: target.database,
    user: target.user,
    password: () => passwordFor(target, address, options.password),
    application_name: target.applicationName,
    ssl: tlsOf(target, address),
  });
  client.on('error', () => undefined);
  guardStream(client, options.maxMessageBytes ?? MAX_MESSAGE_BYTES);
  const timer = setTimeout(() => {
    noteSilent(address);
    destroy(client, new Error('timeout expired'));
  }, options.timeoutMs);
  let backend: Backend;
  try {
    await client.connect();
    internalsOf(client).connection.stream.setKeepAlive(true, KEEP_ALIVE_MS, KEEP_ALIVE_MS, KEEP_ALIVE_TRIES);
    backend = await prepareSession(client, target, options);
  } catch (thrown) {
    destroy(client);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
  client.once('end', onEnd);
  rememberSession(client, { target, address, options });
  if (options.isWatched !== false)
    watchSession(client, address, { backend, lookout: lookoutFor(target, address, options) });
  return client;
}

/** Within the budget, where a place is free now. */
const lookoutFor = (target: PostgresTarget, at: Address, { password }: ClientOptions): Lookout =>
  new Lookout(() => openClient(target, { password, at, waitMs: 0, isWatched: false, statementMs: TIMEOUT_MS }));

const destroy = (client: Client, error?: Error): void => void internalsOf(client).connection.stream.destroy(error);

/** Asked for by the server only, and for this very host. */
function passwordFor(target: PostgresTarget, { serverName, port }: Address, given: string | undefined): string {
  const { password, notes } = findPassword({ ...target, hosts: [{ host: serverName, port }] }, { given });
  if (password !== null) return password;
  throw new EngineError('E_AUTH', 'The server asks for a password.', {
    // A password file that is ignored is what one would look for in vain.
    hint: notes[0] ?? 'Type it, or put it into ~/.pgpass or PGPASSWORD.',
  });
}
