import type { Client } from 'pg';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import type { Address } from './address.ts';
import type { ClientOptions } from './open-client.ts';

/** How a session was made, for cancelling it at the same host: `pg` itself does not tell. Its password stays in memory. */
export interface Session {
  readonly target: PostgresTarget;
  readonly address: Address;
  readonly options: ClientOptions;
}
const sessions = new WeakMap<Client, Session>();

export const rememberSession = (client: Client, session: Session): void => void sessions.set(client, session);

/** Which host answered. Throws a plain Error for a client that is not of `openClient`. */
export function sessionOf(client: Client): Session {
  const session = sessions.get(client);
  if (session === undefined) throw new Error('This client was not opened by openClient.');
  return session;
}

const behind = new WeakMap<Client, () => boolean>();
/** For who takes bytes from the socket before the driver: whether some of them have arrived and are not read yet. */
export const noteReader = (client: Client, isBehind: () => boolean): void => void behind.set(client, isBehind);
export const isReadBehind = (client: Client): boolean => behind.get(client)?.() === true;
