import type { FastifyInstance } from 'fastify';
import { DEFAULT_LIMITS } from '../protocol/carrier/codec.ts';
import { socketPipe } from '../protocol/carrier/pipes.ts';
import { exposeQuery } from '../protocol/carrier/query-carrier.ts';
import type { QueryApi } from '../protocol/query.ts';

/** The window's line for ad-hoc SQL, beside the engine's: comlink over a WebSocket of its own. */
export function addQuerySocket(app: FastifyInstance, queries: QueryApi): void {
  app.get('/query', { websocket: true }, (socket) => {
    // Without a listener an `error` event would end the process; `close` follows it.
    socket.on('error', () => undefined);
    exposeQuery(queries, socketPipe(socket, DEFAULT_LIMITS));
  });
}
