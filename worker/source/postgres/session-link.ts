import type { MessagePort } from 'node:worker_threads';
import type { ErrorData } from '../../../protocol/errors.ts';
import type { PostgresTarget } from '../../../protocol/postgres.ts';
import { createHeld, createPlaces } from '../../connection/session-budget.ts';

/**
 * The line between a thread that reads a server and blocks (`SyncSession`) and the thread that speaks to the server
 * (`session-thread.ts`): questions and answers over a port, rows of a COPY over a ring of bytes, wake-ups over words.
 */
export interface SessionData {
  readonly port: MessagePort;
  /** See `WORD`. */
  readonly words: Int32Array;
  /** A power of two. */
  readonly ring: Uint8Array;
  readonly target: PostgresTarget;
  readonly password: string | undefined;
  readonly budget: ServerBudget;
  /** Of the thread that blocks. */
  readonly ownerId: number;
}

export const WORD = {
  /** Grows with everything the blocked thread may wait for. */
  wake: 0,
  /** Bytes written to the ring and taken from it so far, modulo 2^32. */
  head: 1,
  tail: 2,
  /** 1 = the socket waits until the ring has room. */
  full: 3,
  /** Grows while the session's thread lives. */
  beat: 4,
} as const;
export const WORDS = 8;
export const RING_BYTES = 1 << 22;

/** What all threads that read one source share; `places` and `held` are those of all sources of its server. */
export interface ServerBudget {
  /** Of the server, whoever speaks to it: `placesOf`. */
  readonly places: Int32Array;
  /** By thread: `createHeld`. */
  readonly held: Int32Array;
  /** One word: scans that still have to take over the snapshot that was exported for this source. */
  readonly imports: Int32Array;
}
export const createImports = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
export const createBudget = (places = createPlaces()): ServerBudget => ({
  places,
  held: createHeld(),
  imports: createImports(),
});

export type SqlValue = string | number | null | readonly (string | number | null)[];
export type ToSession =
  /** `named`: rows by column name, else as lists. */
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly sql: string;
      readonly values: readonly SqlValue[];
      readonly named?: boolean;
    }
  /** `snapshot`: exported by another session; null = one of its own. */
  | { readonly kind: 'begin'; readonly id: number; readonly snapshot: string | null }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'copy'; readonly id: number; readonly sql: string }
  /** The blocked thread saw the end of the rows; `rest` and what is left in the ring are for the driver. */
  | { readonly kind: 'copyEnd'; readonly rest: Uint8Array }
  | { readonly kind: 'drained' }
  /** Exports a snapshot that `imports` scans will take over, in a connection of its own that ends then. */
  | { readonly kind: 'hold'; readonly id: number; readonly imports: number }
  /** Stops what the server does for this session, and ends it. */
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };
export type FromSession =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorData };
