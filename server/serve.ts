import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fastifyStatic from '@fastify/static';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { EngineError } from '../protocol/index.ts';
import { beginSession, endSession, openAppState, type AppState } from '../worker/files/app-state.ts';
import { answerShellCall, createShellHandlers, type ShellHandlers } from '../worker/files/shell-handlers.ts';
import { createEngine, type Engine } from '../worker/host.ts';
import { startQueries } from '../worker/query/start-queries.ts';
import { newSecrets } from './access.ts';
import { browserShell } from './browser-shell.ts';
import { addEngineApi, addEngineSocket } from './engine-routes.ts';
import { installGate, sendError } from './gate.ts';
import { addQuerySocket } from './query-socket.ts';

export interface ServeOptions {
  /** 0 or absent: any free port. */
  readonly port?: number | undefined;
  readonly dataDir: string;
  /** The built window. */
  readonly rendererDir: string;
  /** Absolute paths that the window opens at its start. */
  readonly openFiles?: readonly string[] | undefined;
  /** Worker threads; absent = the user's setting, else all cores but one. */
  readonly threads?: number | undefined;
  readonly version?: string | undefined;
  readonly threadUrl?: URL | undefined;
  /** For tests: another engine. */
  readonly newEngine?: (() => Engine) | undefined;
}
export interface Serving {
  /** With the token: give it to one user only. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** What does not end by then goes with the process: who asked for the end does not wait for ever. */
const CLOSE_MS = 5_000;
const MAX_SOCKET_BYTES = 64_000_000;
const MAX_WORKSPACE_BODY = 64_000_000;

/** Serves the window and the engine on 127.0.0.1. Throws E_BUSY when the port is taken, E_NOT_FOUND without a built window. */
export async function serve(options: ServeOptions): Promise<Serving> {
  if (!existsSync(join(options.rendererDir, 'index.html')))
    throw new EngineError('E_NOT_FOUND', `${options.rendererDir} holds no built window.`, {
      hint: 'Run `npm run build` first.',
    });
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const state = openAppState(options.dataDir, 'browser');
  const lastFailure = await beginSession(state);
  const engine = await holdEngine(options, state);
  const queries = startQueries({ dataDir: options.dataDir });
  const secrets = newSecrets();
  const app = newApp();
  const sockets = trackSockets(app);
  let port = 0;
  installGate(app, secrets, () => port);
  await app.register(fastifyWebsocket, { options: { maxPayload: MAX_SOCKET_BYTES, perMessageDeflate: false } });
  const restartEngine = async (): Promise<void> => {
    for (const client of app.websocketServer.clients) client.close(1012, 'the engine is started again');
    await engine.restart();
  };
  const shell = createShellHandlers(
    state,
    browserShell({
      version: options.version ?? '0.0.0',
      lastFailure,
      openFiles: options.openFiles ?? [],
      restartEngine,
    }),
  );
  await app.register(async (routes) => {
    addEngineSocket(routes, engine.get);
    addQuerySocket(routes, queries);
    addEngineApi(routes, engine.get);
    addShellApi(routes, shell);
  });
  await app.register(fastifyStatic, {
    root: options.rendererDir,
    dotfiles: 'deny',
    cacheControl: false,
    redirect: false,
  });
  port = await listen(app, options.port ?? 0);
  return {
    port,
    token: secrets.token,
    url: `http://127.0.0.1:${port}/?token=${secrets.token}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      const stopped = app.close().then(() => Promise.all([engine.get().stop(), queries.stop()]));
      await Promise.race([stopped, delay(CLOSE_MS, undefined, { ref: false })]);
      await endSession(state);
    },
  };
}

function newApp(): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: 1_000_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    routerOptions: { maxParamLength: 200 },
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    return sendError(
      reply,
      status,
      status < 500 ? 'E_USAGE' : 'E_INTERNAL',
      error.message,
      status < 500 ? 'Correct the request.' : 'Try again; then report it.',
    );
  });
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, 404, 'E_NOT_FOUND', 'There is nothing here.', 'Start from /.'),
  );
  return app;
}

/** Every open connection, upgraded ones included, so that closing never waits for a client. */
function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function addShellApi(app: FastifyInstance, handlers: ShellHandlers): void {
  app.post<{ Params: { method: string } }>('/api/shell/:method', { bodyLimit: MAX_WORKSPACE_BODY }, (request) =>
    answerShellCall(handlers, request.params.method, request.body),
  );
}

/** The engine of now: `restart` replaces it. */
async function holdEngine(
  options: ServeOptions,
  state: AppState,
): Promise<{ get: () => Engine; restart: () => Promise<void> }> {
  const { dataDir, threadUrl, version } = options;
  const start = async (): Promise<Engine> => {
    if (options.newEngine !== undefined) return options.newEngine();
    const { value: settings } = await state.settings.load();
    const threads = options.threads ?? settings.threads ?? undefined;
    const memoryLimitBytes = settings.memoryLimit ?? undefined;
    return createEngine({ dataDir, threads, memoryLimitBytes, threadUrl, version });
  };
  let engine = await start();
  return {
    get: () => engine,
    restart: async () => {
      const old = engine;
      engine = await start();
      await old.stop();
    },
  };
}

async function listen(app: FastifyInstance, port: number): Promise<number> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
    throw new EngineError('E_BUSY', `Port ${port} is in use.`, {
      hint: 'Choose another with --port, or leave it out.',
    });
  }
  return (app.server.address() as AddressInfo).port;
}
