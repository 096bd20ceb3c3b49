import { EngineError, toErrorData } from '../../protocol/errors.ts';
import type { OnProgress, Reply } from '../../protocol/index.ts';
import { getCall, type Checks, type RequestByKind, type RequestKind } from './checks.ts';
import { askForRoom } from './control.ts';
import { RequestScope } from './request-scope.ts';

/** A hand that moves asks again within some frames. */
const ROOM_MS = 100;

/** The running requests of an engine. Whatever happens inside, a request ends in a `Reply`. */
export class Requests {
  readonly #running = new Map<string, RequestScope>();
  readonly #opening = new Set<RequestScope>();
  readonly #checks: Checks;
  #internal = 0;

  constructor(checks: Checks) {
    this.#checks = checks;
  }

  get ids(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Checks the input, then runs `work` until it ends, is cancelled or overdue. */
  async run<K extends RequestKind, T>(
    kind: K,
    input: unknown,
    onProgress: OnProgress | undefined,
    work: (request: RequestByKind[K], scope: RequestScope) => Promise<T>,
  ): Promise<Reply<T>> {
    const call = getCall(input);
    if (call === null) return this.#checks.request(kind, input).then(() => failed(new Error('unreadable')), failed);
    if (this.#running.has(call.requestId))
      return failed(
        new EngineError('E_USAGE', `A request with the id "${call.requestId}" is running.`, {
          hint: 'Give every request its own id.',
        }),
      );
    // Registered before it is checked, so that it can be cancelled from the moment it was asked.
    const scope = new RequestScope(call.requestId, call.deadlineMs, onProgress);
    if (kind === 'open') this.#opening.add(scope);
    return this.#runScope(scope, async () => work(await this.#checks.request(kind, input), scope));
  }

  /** For a question that follows a hand: sources that are being read make room for it, and for its picture. */
  askForRoom(): void {
    for (const { control } of this.#opening) askForRoom(control, ROOM_MS);
  }

  /** For short calls without an id of their own. */
  runInternal<T>(name: string, work: (scope: RequestScope) => Promise<T>): Promise<Reply<T>> {
    return this.#runScope(new RequestScope(`(${name} ${++this.#internal})`, null, undefined), work);
  }

  cancel(requestId: string): boolean {
    const scope = this.#running.get(requestId);
    scope?.stop();
    return scope !== undefined;
  }

  cancelAll(): void {
    for (const scope of this.#running.values()) scope.stop();
  }

  async #runScope<T>(scope: RequestScope, work: (scope: RequestScope) => Promise<T>): Promise<Reply<T>> {
    this.#running.set(scope.requestId, scope);
    try {
      return { ok: true, value: await Promise.race([work(scope), scope.stopped]) };
    } catch (error) {
      return failed(error);
    } finally {
      scope.end();
      this.#running.delete(scope.requestId);
      this.#opening.delete(scope);
    }
  }
}

function failed(error: unknown): Reply<never> {
  return { ok: false, error: toErrorData(error) };
}
