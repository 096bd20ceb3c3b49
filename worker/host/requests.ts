import { EngineError, fromZodError, toErrorData, type OnProgress, type Reply } from '../../protocol/index.ts';
import type { z } from 'zod';
import { RequestScope } from './request-scope.ts';

interface Request {
  readonly requestId: string;
  readonly deadlineMs: number | null;
}

/** The running requests of an engine. Whatever happens inside, a request ends in a `Reply`. */
export class Requests {
  readonly #running = new Map<string, RequestScope>();
  #internal = 0;

  get ids(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Checks the input, then runs `work` until it ends, is cancelled or overdue. */
  async run<R extends Request, T>(
    schema: z.ZodType<R>,
    input: unknown,
    onProgress: OnProgress | undefined,
    work: (request: R, scope: RequestScope) => Promise<T>,
  ): Promise<Reply<T>> {
    const parsed = schema.safeParse(input);
    if (!parsed.success) return failed(fromZodError(parsed.error, 'E_USAGE', 'This request cannot be read'));
    const request = parsed.data;
    if (this.#running.has(request.requestId))
      return failed(
        new EngineError('E_USAGE', `A request with the id "${request.requestId}" is running.`, {
          hint: 'Give every request its own id.',
        }),
      );
    return this.#runScope(new RequestScope(request.requestId, request.deadlineMs, onProgress), (scope) =>
      work(request, scope),
    );
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
    }
  }
}

function failed(error: unknown): Reply<never> {
  return { ok: false, error: toErrorData(error) };
}
