import { EngineError } from '../../protocol/errors.ts';
import type { SourceWatch } from '../../protocol/index.ts';
import type { ServerListener } from '../source/postgres/server-listener.ts';
import type { RequestScope } from './request-scope.ts';
import type { SourceSession } from './source-session.ts';

const POLL_MS = 1_000;
/** Where new rows are told: rows that were put into a partition by its own name are not. */
const SAFETY_MS = 10_000;
/** A look that takes long is repeated less often: the machine is for the questions. */
const REST_SHARE = 2;

interface Look {
  readonly at: number;
  readonly tookMs: number;
  readonly wakes: number;
}

/** Waits for changes of open sources. */
export class SourceWatches {
  readonly #listeners = new Map<string, ServerListener>();
  readonly #looks = new WeakMap<SourceSession, Look>();

  /**
   * Until the source has changed, or changes are noticed in another way than in the beginning, at most `waitMs`; looks at it as
   * soon as rows are told of, and every now and then.
   */
  async watch(session: SourceSession, waitMs: number, scope: RequestScope): Promise<SourceWatch> {
    const listener = await this.#listenerOf(session);
    const until = performance.now() + waitMs;
    const wasTold = listener?.isListening === true;
    for (;;) {
      scope.throwIfStopped();
      const isTold = listener?.isListening === true;
      const look = this.#looks.get(session);
      const everyMs = isTold ? SAFETY_MS : Math.max(POLL_MS, REST_SHARE * (look?.tookMs ?? 0));
      const told = { way: isTold ? 'notified' : 'polling', everyMs: Math.round(everyMs) } as const;
      const isDue = look === undefined || look.wakes !== (listener?.wakes ?? 0);
      const restMs = isDue ? 0 : look.at + everyMs - performance.now();
      if (restMs <= 0) {
        if (await this.#hasChanged(session, listener)) return { ...told, changed: true };
        continue;
      }
      const leftMs = until - performance.now();
      if (leftMs <= 0 || isTold !== wasTold) return { ...told, changed: false };
      await (listener?.wait(Math.min(restMs, leftMs)) ?? sleep(Math.min(restMs, leftMs)));
    }
  }

  stop(): void {
    for (const listener of this.#listeners.values()) listener.stop();
  }

  async #hasChanged(session: SourceSession, listener: ServerListener | null): Promise<boolean> {
    const wakes = listener?.wakes ?? 0;
    const at = performance.now();
    try {
      await session.compareNow();
      return false;
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'E_SOURCE_CHANGED') return true;
      throw thrown;
    } finally {
      this.#looks.set(session, { at: performance.now(), tookMs: performance.now() - at, wakes });
    }
  }

  /** null = a file. The driver is loaded only where there is a server. */
  async #listenerOf({ handle: { ref, password } }: SourceSession): Promise<ServerListener | null> {
    if (ref.kind === 'sqlite') return null;
    const table = ref.mapping?.table ?? 'global_events';
    const key = JSON.stringify([ref.target, password, table]);
    const known = this.#listeners.get(key);
    if (known !== undefined) return known;
    const { ServerListener: Listener } = await import('../source/postgres/server-listener.ts');
    const listener = this.#listeners.get(key) ?? new Listener({ target: ref.target, password, table });
    this.#listeners.set(key, listener);
    return listener;
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
