import { ENGINE_METHODS, type EngineApi } from '../engine-api.ts';
import { EngineError } from '../errors.ts';
import { connectApi, exposeApi, type Contract, type Line, type Methods } from './api-carrier.ts';
import type { Mux } from './mux.ts';
import type { Pipe } from './packet.ts';
import { shareSources } from './shared-sources.ts';

const ENGINE: Contract = { methods: ENGINE_METHODS, idKey: 'requestId', lost: () => engineLost() };

/** Serves `engine` to one client. When the client goes away, its running requests are cancelled. */
export function exposeEngine(engine: EngineApi, pipe: Pipe): Mux {
  const client = shareSources(engine);
  const mux = exposeApi(ENGINE, client.engine as unknown as Methods, (id) => void engine.cancel(id), pipe);
  mux.onClose(client.leave);
  return mux;
}

export type EngineConnection = EngineApi & Line;

/** The engine at the other end of a pipe. Calls resolve to E_ENGINE_LOST when the carrier is lost: they never hang. */
export function connectEngine(pipe: Pipe): EngineConnection {
  const { methods, ...line } = connectApi(ENGINE, pipe);
  return { ...(methods as unknown as EngineApi), ...line };
}

export function engineLost(): EngineError {
  return new EngineError('E_ENGINE_LOST', 'The connection to the engine is lost.', {
    hint: 'It is started again by itself; then open the source again. Your analyses are kept.',
  });
}
