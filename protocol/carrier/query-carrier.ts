import { EngineError } from '../errors.ts';
import { QUERY_METHODS, type QueryApi } from '../query.ts';
import { connectApi, exposeApi, type Contract, type Line, type Methods } from './api-carrier.ts';
import type { Mux } from './mux.ts';
import type { Pipe } from './packet.ts';

const QUERY: Contract = { methods: QUERY_METHODS, idKey: 'queryId', lost: () => queriesLost() };

/** Serves ad-hoc SQL to one client. When the client goes away, what it runs is cancelled. */
export function exposeQuery(query: QueryApi, pipe: Pipe): Mux {
  return exposeApi(QUERY, query as unknown as Methods, (id) => void query.cancel(id), pipe);
}

export type QueryConnection = QueryApi & Line;

/** Ad-hoc SQL at the other end of a pipe. Calls resolve to E_ENGINE_LOST when the carrier is lost: they never hang. */
export function connectQuery(pipe: Pipe): QueryConnection {
  const { methods, ...line } = connectApi(QUERY, pipe);
  return { ...(methods as unknown as QueryApi), ...line };
}

export function queriesLost(): EngineError {
  return new EngineError('E_ENGINE_LOST', 'The connection to the query process is lost.', {
    hint: 'It is started again by itself; then connect again. Your statements are kept.',
  });
}
