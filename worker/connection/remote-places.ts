import { EngineError, toErrorData, type ErrorData } from '../../protocol/errors.ts';
import { allTaken, getKeeper, type Place, type PlaceKeeper, type PlaceRequest } from './session-budget.ts';

/** The line between a process that needs sessions and the one that counts them. */
export type ToKeeper =
  | { readonly type: 'place'; readonly id: number; readonly request: Omit<PlaceRequest, 'isNeeded'> }
  /** Was taken before this keeper was there. */
  | { readonly type: 'placeHeld'; readonly id: number; readonly server: string }
  /** Also of one that is still waited for. */
  | { readonly type: 'placeBack'; readonly id: number };
export type FromKeeper =
  | { readonly type: 'placeGiven'; readonly id: number }
  | { readonly type: 'placeRefused'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'placeWanted'; readonly id: number; readonly isWanted: boolean };

interface Asked {
  readonly request: PlaceRequest;
  /** `performance.now()`; then it is refused here: whoever counts may be away, or come anew. */
  readonly until: number;
  readonly settle: (outcome: EngineError | null) => void;
}
/** So often is looked who has waited long enough, or is not waited for any more. */
const LOOK_MS = 50;

/** Places that another process counts. While there is none (`attach(null)`), all there are are those held here. */
export class RemotePlaces implements PlaceKeeper {
  #send: ((message: ToKeeper) => void) | null = null;
  readonly #asked = new Map<number, Asked>();
  readonly #held = new Map<number, { readonly server: string; isWanted: boolean }>();
  #nextId = 1;

  /** The keeper of now: it is told what is held and what is waited for. */
  attach(send: ((message: ToKeeper) => void) | null): void {
    this.#send = send;
    for (const [id, { server }] of this.#held) send?.({ type: 'placeHeld', id, server });
    for (const id of this.#asked.keys()) this.#ask(id);
  }

  receive(message: FromKeeper): void {
    const held = this.#held.get(message.id);
    if (message.type === 'placeWanted') {
      if (held !== undefined) held.isWanted = message.isWanted;
    } else this.#settle(message.id, message.type === 'placeGiven' ? null : EngineError.fromData(message.error));
  }

  async take(request: PlaceRequest): Promise<Place> {
    const id = this.#nextId++;
    const until = performance.now() + request.waitMs;
    const looking = setInterval(() => this.#giveUpLate(id), LOOK_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        const settle = (outcome: EngineError | null): void => (outcome === null ? resolve() : reject(outcome));
        this.#asked.set(id, { request, until, settle });
        this.#ask(id);
      });
    } finally {
      clearInterval(looking);
    }
    return this.#place(id, request.server);
  }

  adopt(server: string): Place {
    const id = this.#nextId++;
    this.#send?.({ type: 'placeHeld', id, server });
    return this.#place(id, server);
  }

  #place(id: number, server: string): Place {
    this.#held.set(id, { server, isWanted: false });
    return {
      isWanted: () => this.#held.get(id)?.isWanted === true,
      giveBack: () => {
        if (!this.#held.delete(id)) return;
        this.#send?.({ type: 'placeBack', id });
        if (this.#send === null) for (const asked of this.#asked.keys()) this.#ask(asked);
      },
    };
  }

  #ask(id: number): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const { isNeeded: _isNeeded, ...request } = asked.request;
    const waitMs = Math.max(0, asked.until - performance.now());
    if (this.#send !== null) return this.#send({ type: 'place', id, request: { ...request, waitMs } });
    const inUse = [...this.#held.values()].filter(({ server }) => server === request.server).length;
    if (inUse < request.limit) this.#settle(id, null);
  }

  #giveUpLate(id: number): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    const { isNeeded, limit } = asked.request;
    if (performance.now() <= asked.until + LOOK_MS && isNeeded?.() !== false) return;
    this.#send?.({ type: 'placeBack', id });
    this.#settle(id, allTaken(limit));
  }

  #settle(id: number, outcome: EngineError | null): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.settle(outcome);
  }
}

export const isToKeeper = (message: { readonly type: string }): message is ToKeeper => message.type.startsWith('place');

export interface ServedPlaces {
  receive(message: ToKeeper): void;
  /** The process has gone, and all its sessions with it. */
  close(): void;
}
const WANTED_MS = 50;

/** Counts the sessions of another process with this one's. */
export function servePlaces(send: (message: FromKeeper) => void, keeper: PlaceKeeper = getKeeper()): ServedPlaces {
  const held = new Map<number, { readonly place: Place; isWanted: boolean }>();
  const waiting = new Set<number>();
  let timer: NodeJS.Timeout | null = null;
  const look = (): void => {
    for (const [id, one] of held) {
      const isWanted = one.place.isWanted();
      if (isWanted !== one.isWanted) send({ type: 'placeWanted', id, isWanted });
      one.isWanted = isWanted;
    }
  };
  const hold = (id: number, place: Place): void => {
    held.set(id, { place, isWanted: false });
    timer ??= setInterval(look, WANTED_MS).unref();
  };
  const drop = (id: number): void => {
    waiting.delete(id);
    held.get(id)?.place.giveBack();
    held.delete(id);
    if (held.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  const give = async (id: number, request: PlaceRequest): Promise<void> => {
    waiting.add(id);
    try {
      const place = await keeper.take({ ...request, isNeeded: () => waiting.has(id) });
      if (!waiting.delete(id)) return place.giveBack();
      hold(id, place);
      send({ type: 'placeGiven', id });
    } catch (thrown) {
      if (waiting.delete(id)) send({ type: 'placeRefused', id, error: toErrorData(thrown) });
    }
  };
  return {
    receive: (message) => {
      if (message.type === 'place') void give(message.id, message.request);
      else if (message.type === 'placeHeld') hold(message.id, keeper.adopt(message.server));
      else drop(message.id);
    },
    close: () => {
      for (const id of [...waiting, ...held.keys()]) drop(id);
    },
  };
}
