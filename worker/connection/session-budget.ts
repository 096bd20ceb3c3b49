import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';
import { SESSION_LIMIT } from '../../protocol/source-names.ts';

export const limitOf = ({ connections }: Pick<PostgresTarget, 'connections'>): number => connections ?? SESSION_LIMIT;

/** What one budget is for: a server with all its databases and roles. For people too. */
export function serverOf({ hosts, ssh }: Pick<PostgresTarget, 'hosts' | 'ssh'>): string {
  const at = hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  return ssh ? `${at} by ${ssh.user ? `${ssh.user}@` : ''}${ssh.host}` : at;
}

export interface PlaceRequest {
  /** As of `serverOf`. */
  readonly server: string;
  readonly limit: number;
  /** After this, E_SERVER_BUSY; 0 = only one that is free, and nobody gives way for it. */
  readonly waitMs: number;
  /** false = nobody waits for it any more. */
  readonly isNeeded?: () => boolean;
}
export interface Place {
  /** Somebody waits for one: who does nothing gives its own back. */
  readonly isWanted: () => boolean;
  /** Once; later calls do nothing. */
  readonly giveBack: () => void;
}
/** Who counts the sessions of all that speak to a server: threads, and processes beside this one. */
export interface PlaceKeeper {
  take(request: PlaceRequest): Promise<Place>;
  /** Counts one that was taken before, whatever the limit. */
  adopt(server: string): Place;
}

/** In memory that threads share. */
export const PLACES = { open: 0, waiting: 1 } as const;
export const createPlaces = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));
/** So often is looked for a free place, ms. */
const LOOK_MS = 5;

/**
 * What each thread's sessions have of the words in `PLACES`, by thread id: a thread that is ended or dies cannot take itself
 * out, and with it ends the thread that speaks to the server for it.
 */
export const createHeld = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * WORDS * THREADS));
const WORDS = 2;
/** Ids of threads that live at the same time differ by less. */
const THREADS = 1_024;
export interface Holder {
  readonly held: Int32Array;
  readonly threadId: number;
}
const heldAt = ({ threadId }: Holder, word: number): number => WORDS * (threadId % THREADS) + word;
/** Nobody of a thread that is gone holds a place or waits for one. */
export function giveBackOf(holder: Holder, places: Int32Array): void {
  for (const word of Object.values(PLACES))
    Atomics.sub(places, word, Atomics.exchange(holder.held, heldAt(holder, word), 0));
}
function count(places: Int32Array, holder: Holder | null, word: number, by: 1 | -1): void {
  Atomics.add(places, word, by);
  if (holder !== null) Atomics.add(holder.held, heldAt(holder, word), by);
}

/** A budget by words in shared memory: of a process with all its threads. */
export class SharedPlaces implements PlaceKeeper {
  readonly #find: (server: string) => Int32Array;
  readonly #holder: Holder | null;

  /** `holder`: in whose name places are taken, where that may end before they are given back. */
  constructor(find: (server: string) => Int32Array, holder: Holder | null = null) {
    this.#find = find;
    this.#holder = holder;
  }

  async take({ server, limit, waitMs, isNeeded }: PlaceRequest): Promise<Place> {
    const words = this.#find(server);
    // Who comes later does not go before those who wait.
    const holder = this.#holder;
    const isFree = Atomics.load(words, PLACES.waiting) === 0 && enter(words, holder, limit);
    if (!isFree && waitMs <= 0) throw allTaken(limit);
    if (!isFree) await this.#wait(words, { limit, waitMs, isNeeded: isNeeded ?? always });
    return placeIn(words, holder);
  }

  adopt(server: string): Place {
    const words = this.#find(server);
    count(words, this.#holder, PLACES.open, 1);
    return placeIn(words, this.#holder);
  }

  async #wait(words: Int32Array, { limit, waitMs, isNeeded }: Required<Omit<PlaceRequest, 'server'>>): Promise<void> {
    const until = performance.now() + waitMs;
    count(words, this.#holder, PLACES.waiting, 1);
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        if (!isNeeded()) throw allTaken(limit);
        if (enter(words, this.#holder, limit)) return;
        if (performance.now() > until) throw allTaken(limit);
      }
    } finally {
      count(words, this.#holder, PLACES.waiting, -1);
    }
  }
}

function placeIn(words: Int32Array, holder: Holder | null): Place {
  let isTaken = true;
  return {
    isWanted: () => Atomics.load(words, PLACES.waiting) > 0,
    giveBack: () => {
      if (isTaken) count(words, holder, PLACES.open, -1);
      isTaken = false;
    },
  };
}

function enter(words: Int32Array, holder: Holder | null, limit: number): boolean {
  for (;;) {
    const open = Atomics.load(words, PLACES.open);
    if (open >= limit) return false;
    if (Atomics.compareExchange(words, PLACES.open, open, open + 1) !== open) continue;
    if (holder !== null) Atomics.add(holder.held, heldAt(holder, PLACES.open), 1);
    return true;
  }
}

const always = (): boolean => true;

export const allTaken = (limit: number): EngineError =>
  new EngineError('E_SERVER_BUSY', `All ${limit} connections that Tributary allows itself here are in use.`, {
    hint: 'Wait for what is running, or cancel it.',
  });

const words = new Map<string, Int32Array>();
/** The budget of a server in this process, to be shared with its threads. */
export function placesOf(server: string): Int32Array {
  const known = words.get(server) ?? createPlaces();
  words.set(server, known);
  return known;
}

let keeper: PlaceKeeper = new SharedPlaces(placesOf);
/** For a thread or a process whose sessions are counted elsewhere. */
export const setKeeper = (other: PlaceKeeper): void => void (keeper = other);
export const getKeeper = (): PlaceKeeper => keeper;

/** For people to see: how many sessions each server has, of those counted here. */
export interface SessionCount {
  /** As of `serverOf`. */
  readonly server: string;
  readonly inUse: number;
  /** Requests that wait for one. */
  readonly waiting: number;
  /** Unless a connection says otherwise. */
  readonly limit: number;
}
export const countSessions = (): readonly SessionCount[] =>
  [...words]
    .map(([server, of]) => ({
      server,
      inUse: Atomics.load(of, PLACES.open),
      waiting: Atomics.load(of, PLACES.waiting),
      limit: SESSION_LIMIT,
    }))
    .filter(({ inUse, waiting }) => inUse + waiting > 0);

const ofClient = new WeakMap<Client, Place>();
export const rememberPlace = (client: Client, place: Place): void => void ofClient.set(client, place);
/** Somebody waits for a place, and this session has one. */
export const isSessionWanted = (client: Client): boolean => ofClient.get(client)?.isWanted() === true;
