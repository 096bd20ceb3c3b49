import type { EngineApi } from '../engine-api.ts';

/** Of each engine: who has which source open. */
const holders = new WeakMap<EngineApi, Map<string, Set<symbol>>>();

/**
 * An engine as one of its clients sees it. Who opens what another has open gets the same source: it is closed when the last of
 * them closes it. A client that goes away closes nothing, so that a window that is loaded again finds its source as it was.
 */
export function shareSources(engine: EngineApi): { readonly engine: EngineApi; readonly leave: () => void } {
  const me = Symbol('client');
  const held = holders.get(engine) ?? new Map<string, Set<symbol>>();
  holders.set(engine, held);
  const own: Pick<EngineApi, 'open' | 'close'> = {
    open: async (request, onProgress) => {
      const reply = await engine.open(request, onProgress);
      if (reply.ok) held.set(reply.value.sourceId, (held.get(reply.value.sourceId) ?? new Set()).add(me));
      return reply;
    },
    close: (sourceId) => {
      const clients = held.get(sourceId);
      clients?.delete(me);
      if (clients !== undefined && clients.size > 0) return Promise.resolve({ ok: true, value: null });
      held.delete(sourceId);
      return engine.close(sourceId);
    },
  };
  return {
    engine: Object.assign(Object.create(engine) as EngineApi, own),
    leave: () => held.forEach((clients) => clients.delete(me)),
  };
}
