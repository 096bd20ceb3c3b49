import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DEFAULT_LIMITS } from '../protocol/carrier/codec.ts';
import { exposeEngine } from '../protocol/carrier/engine-carrier.ts';
import { socketPipe } from '../protocol/carrier/pipes.ts';
import { shareSources } from '../protocol/carrier/shared-sources.ts';
import {
  ENGINE_METHODS,
  EXIT_CODE,
  toErrorData,
  type EngineApi,
  type ErrorCode,
  type Progress,
  type Reply,
} from '../protocol/index.ts';
import { sendError } from './gate.ts';

type EngineMethod = (typeof ENGINE_METHODS)[number];
/** Requests are small; only answers are large. */
const REQUEST_LIMITS = { ...DEFAULT_LIMITS, maxDepth: 100 };
const MAX_BODY_BYTES = 4_000_000;

/** The window's own line: comlink over a WebSocket. */
export function addEngineSocket(app: FastifyInstance, getEngine: () => EngineApi): void {
  app.get('/engine', { websocket: true }, (socket) => {
    // Without a listener an `error` event would end the process; `close` follows it.
    socket.on('error', () => undefined);
    exposeEngine(getEngine(), socketPipe(socket, REQUEST_LIMITS));
  });
}

/**
 * The engine for scripts: `GET /api/status`, `POST /api/run` and so on with the request as JSON. Answers are the
 * same `Reply` as everywhere. With `Accept: application/x-ndjson` lines of `{ "progress": … }` come first and
 * `{ "reply": … }` last. A client that goes away cancels its request.
 */
export function addEngineApi(app: FastifyInstance, getShared: () => EngineApi): void {
  let nextRequest = 1;
  // All scripts together are one client.
  const clients = new WeakMap<EngineApi, EngineApi>();
  const getEngine = (): EngineApi => {
    const shared = getShared();
    const engine = clients.get(shared) ?? shareSources(shared).engine;
    clients.set(shared, engine);
    return engine;
  };
  app.get('/api/status', async (_request, reply) => sendReply(reply, await getEngine().status()));
  app.post<{ Params: { method: string } }>('/api/:method', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const { method } = request.params;
    if (!isEngineMethod(method))
      return sendError(reply, 404, 'E_USAGE', `There is no /api/${method}.`, `Methods: ${ENGINE_METHODS.join(', ')}.`);
    const argument = argumentOf(method, request.body, `http-${nextRequest++}`);
    if (argument === undefined)
      return sendError(reply, 400, 'E_USAGE', `Wrong body for ${method}.`, 'Send a JSON object; see docs/cli.md.');
    return answer(getEngine(), method, argument, request, reply);
  });
}

function isEngineMethod(method: string): method is EngineMethod {
  return (ENGINE_METHODS as readonly string[]).includes(method);
}

const SourceIdSchema = z.strictObject({ sourceId: z.string() });
/** Methods whose argument is the id alone. */
const OF_SOURCE: ReadonlySet<EngineMethod> = new Set(['close', 'checkSource', 'migrations', 'vocabulary']);
const RequestIdSchema = z.strictObject({ requestId: z.string() });

/** The first argument of the engine's method; undefined = the body does not fit. */
function argumentOf(method: EngineMethod, body: unknown, requestId: string): unknown {
  if (OF_SOURCE.has(method)) return SourceIdSchema.safeParse(body).data?.sourceId;
  if (method === 'cancel') return RequestIdSchema.safeParse(body).data?.requestId;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  // Scripts get whole answers or none.
  const isPreview = method === 'open' && (body as { build?: unknown }).build === 'preview';
  return { requestId, ...body, ...(isPreview ? { build: 'all' } : {}) };
}

async function answer(
  engine: EngineApi,
  method: EngineMethod,
  argument: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.raw.on('close', () => {
    const id = (argument as { requestId?: unknown }).requestId;
    if (!reply.raw.writableFinished && typeof id === 'string') void engine.cancel(id);
  });
  const call = engine[method].bind(engine) as (
    argument: unknown,
    onProgress?: (progress: Progress) => void,
  ) => Promise<Reply<unknown>>;
  if (request.headers.accept !== 'application/x-ndjson') return sendReply(reply, await call(argument).catch(failed));
  const lines = new PassThrough();
  const finish = async (): Promise<void> => {
    const last = await call(argument, (progress) => lines.write(`${JSON.stringify({ progress })}\n`)).catch(failed);
    lines.end(`${JSON.stringify({ reply: last })}\n`);
  };
  void finish();
  return reply.type('application/x-ndjson').send(lines);
}

const failed = (thrown: unknown): Reply<never> => ({ ok: false, error: toErrorData(thrown) });

const STATUS: Partial<Record<ErrorCode, number>> = {
  E_NOT_FOUND: 404,
  E_EXISTS: 409,
  E_SOURCE_CHANGED: 409,
  E_BUSY: 503,
  E_SERVER_BUSY: 503,
  E_LIMIT: 413,
  E_DEADLINE: 504,
  E_CANCELLED: 499,
  E_DISK_FULL: 507,
};
const STATUS_BY_EXIT: Readonly<Record<1 | 2 | 3 | 4 | 5, number>> = { 1: 500, 2: 400, 3: 422, 4: 403, 5: 503 };

function sendReply(reply: FastifyReply, answered: Reply<unknown>): FastifyReply {
  const status = answered.ok ? 200 : (STATUS[answered.error.code] ?? STATUS_BY_EXIT[EXIT_CODE[answered.error.code]]);
  return reply.code(status).send(answered);
}
