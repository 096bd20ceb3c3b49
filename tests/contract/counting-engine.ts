import { EngineError, ENGINE_METHODS, type EngineApi, type Progress, type Reply } from '../../protocol/index.ts';

/**
 * A small engine for tests of the carriers: `run` reports progress every 5 ms until it is cancelled or `steps` are
 * done, `values` fails with a code, `timeline` throws a plain Error; every other method answers its own arguments.
 */
export function countingEngine(): EngineApi & { stop(): Promise<void>; readonly cancelled: readonly string[] } {
  const stops = new Map<string, () => void>();
  const cancelled: string[] = [];
  const echo = Object.fromEntries(
    ENGINE_METHODS.map((name) => [name, (request: unknown) => Promise.resolve({ ok: true, value: { name, request } })]),
  );
  const engine = {
    ...echo,
    run: (request: { requestId: string; analysis: { steps: number } }, onProgress?: (progress: Progress) => void) =>
      count(request.requestId, request.analysis.steps, onProgress),
    values: () =>
      Promise.resolve({
        ok: false,
        error: new EngineError('E_NO_SUCH_COLUMN', 'There is no plan.', { hint: 'Choose another.' }).toData(),
      }),
    timeline: () => Promise.reject(new Error('a mistake')),
    cancel: (requestId: string): Promise<Reply<boolean>> => {
      const stop = stops.get(requestId);
      if (stop !== undefined) cancelled.push(requestId);
      stop?.();
      return Promise.resolve({ ok: true, value: stop !== undefined });
    },
    stop: () => Promise.resolve(stops.forEach((stop) => stop())),
    cancelled,
  };

  function count(
    requestId: string,
    steps: number,
    onProgress: ((progress: Progress) => void) | undefined,
  ): Promise<Reply<unknown>> {
    return new Promise((resolve) => {
      let done = 0;
      const end = (reply: Reply<unknown>): void => {
        clearInterval(timer);
        stops.delete(requestId);
        resolve(reply);
      };
      const timer = setInterval(() => {
        done++;
        onProgress?.({ requestId, phase: 'scan', done, total: steps, unit: 'rows', perSecond: 200, etaMs: null });
        if (done >= steps) end({ ok: true, value: { counted: done } });
      }, 5);
      stops.set(requestId, () =>
        end({ ok: false, error: new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Run it again.' }).toData() }),
      );
    });
  }
  return engine as unknown as EngineApi & { stop(): Promise<void>; readonly cancelled: readonly string[] };
}
