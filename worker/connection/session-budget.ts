import type { Client } from 'pg';
import { EngineError } from '../../protocol/errors.ts';
import type { PostgresTarget } from '../../protocol/postgres.ts';

/** Sessions at most with one server, unless its connection says otherwise: courtesy to a server that others use too. */
export const SESSION_LIMIT = 3;
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
  /** After this, E_SERVER_BUSY. */
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
 * How many places each thread's sessions hold, by thread id: a thread that is ended or dies cannot give them back itself, and
 * with it ends the thread that speaks to the server for it.
 */
export const createHeld = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * HELD));
const HELD = 1_024;
export interface Holder {
  readonly held: Int32Array;
  readonly threadId: number;
}
/** What sessions of a thread that is gone still held is free again. */
export function giveBackOf({ held, threadId }: Holder, places: Int32Array): void {
  Atomics.sub(places, PLACES.open, Atomics.exchange(held, threadId % HELD, 0));
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
    const isFree = Atomics.load(words, PLACES.waiting) === 0 && enter(words, limit);
    if (!isFree) await waitForPlace(words, limit, waitMs, isNeeded ?? always);
    return placeIn(words, this.#holder);
  }

  adopt(server: string): Place {
    const words = this.#find(server);
    Atomics.add(words, PLACES.open, 1);
    return placeIn(words, this.#holder);
  }
}

function placeIn(words: Int32Array, holder: Holder | null): Place {
  let isTaken = true;
  if (holder !== null) Atomics.add(holder.held, holder.threadId % HELD, 1);
  return {
    isWanted: () => Atomics.load(words, PLACES.waiting) > 0,
    giveBack: () => {
      if (isTaken) Atomics.sub(words, PLACES.open, 1);
      if (isTaken && holder !== null) Atomics.sub(holder.held, holder.threadId % HELD, 1);
      isTaken = false;
    },
  };
}

function enter(words: Int32Array, limit: number): boolean {
  for (;;) {
    const open = Atomics.load(words, PLACES.open);
    if (open >= limit) return false;
    if (Atomics.compareExchange(words, PLACES.open, open, open + 1) === open) return true;
  }
}

const always = (): boolean => true;

async function waitForPlace(words: Int32Array, limit: number, waitMs: number, isNeeded: () => boolean): Promise<void> {
  const until = performance.now() + waitMs;
  Atomics.add(words, PLACES.waiting, 1);
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (!isNeeded()) throw allTaken(limit);
      if (enter(words, limit)) return;
      if (performance.now() > until) throw allTaken(limit);
    }
  } finally {
    Atomics.sub(words, PLACES.waiting, 1);
  }
}

const allTaken = (limit: number): EngineError =>
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
