import type { Socket } from 'node:net';
import type { Client } from 'pg';

/** What `pg` has but does not name in its types; its version is pinned. All use of it is in this folder. */
export interface PgInternals {
  readonly connection: {
    stream: Socket;
    attachListeners: (stream: Socket) => void;
    on: (event: 'readyForQuery', listener: () => void) => void;
    once: (event: 'readyForQuery', listener: () => void) => void;
  };
  /** Of the session at the server, for cancelling; null until it is ready. */
  readonly processID: number | null;
  readonly secretKey: number | null;
}
export const internalsOf = (client: Client): PgInternals => client as unknown as PgInternals;
