import * as Comlink from 'comlink';
import { ENGINE_METHODS, type EngineApi, type OnProgress, type Progress } from '../engine-api.ts';
import { EngineError, toErrorData, type Reply } from '../errors.ts';
import { Mux, isPort } from './mux.ts';
import type { Pipe } from './packet.ts';

/** The engine over a pipe: comlink on both sides, with the narrow door of `guard` in front of the real engine. */
type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<Reply<unknown>>>>;
type EngineMethod = (typeof ENGINE_METHODS)[number];
type RemoteProgress = Comlink.Remote<OnProgress>;

/** Serves `engine` to one client. When the client goes away, its running requests are cancelled. */
export function exposeEngine(engine: EngineApi, pipe: Pipe): Mux {
  const mux = new Mux(pipe, 1);
  const running = new Set<string>();
  const methods = Object.fromEntries(
    ENGINE_METHODS.map((name) => [name, (...args: unknown[]) => serveCall(engine, name, args, running)]),
  );
  Comlink.expose(methods satisfies Methods, guard(mux.endpoint()));
  mux.onClose(() => {
    for (const requestId of running) void engine.cancel(requestId);
  });
  return mux;
}

async function serveCall(
  engine: EngineApi,
  name: EngineMethod,
  args: unknown[],
  running: Set<string>,
): Promise<Reply<unknown>> {
  const [request, progress] = args;
  const remote = typeof progress === 'function' ? (progress as RemoteProgress) : undefined;
  let received: Promise<unknown> = Promise.resolve();
  const onProgress: OnProgress | undefined = remote && ((report) => void (received = delivered(remote(report))));
  const requestId = requestIdOf(request);
  if (requestId !== undefined) running.add(requestId);
  try {
    const call = engine[name] as (request: unknown, onProgress?: OnProgress) => Promise<Reply<unknown>>;
    return await call.call(engine, request, onProgress);
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) };
  } finally {
    if (requestId !== undefined) running.delete(requestId);
    // Progress has its own channel: without this the answer could overtake the last report.
    await received;
    remote?.[Comlink.releaseProxy]();
  }
}

const DELIVERY_MS = 1_000;
/** Settles when the window has taken the report; a window that has gone or hangs is not waited for. */
function delivered(report: unknown): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, DELIVERY_MS)));
  const taken = Promise.resolve(report).catch(() => undefined);
  return Promise.race([taken, late]).finally(() => clearTimeout(timer));
}

function requestIdOf(request: unknown): string | undefined {
  const id =
    typeof request === 'object' && request !== null ? (request as { requestId?: unknown }).requestId : undefined;
  return typeof id === 'string' ? id : undefined;
}

/**
 * Comlink lets the other side get, set and construct anything it can reach from the exposed object, up to
 * `constructor.constructor`. Only calls of the engine's own methods pass here; everything else is dropped.
 */
function guard(endpoint: Comlink.Endpoint): Comlink.Endpoint {
  return {
    postMessage: (message, transfer) => endpoint.postMessage(message, transfer),
    addEventListener: (type, listener) => {
      const call = typeof listener === 'function' ? listener : listener.handleEvent.bind(listener);
      endpoint.addEventListener(type, (event: Event) => {
        if (isEngineCall((event as MessageEvent).data)) call(event);
      });
    },
    removeEventListener: () => undefined,
  };
}

function isEngineCall(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { type, path, argumentList } = message as Record<string, unknown>;
  return (
    type === 'APPLY' &&
    Array.isArray(path) &&
    path.length === 1 &&
    (ENGINE_METHODS as readonly unknown[]).includes(path[0]) &&
    Array.isArray(argumentList) &&
    argumentList.length <= 2 &&
    argumentList.every((argument) => isEngineArgument(argument))
  );
}

/** Raw data, or a callback; not comlink's other wire values (`throw` would throw while it is read). */
function isEngineArgument(argument: unknown): boolean {
  if (typeof argument !== 'object' || argument === null) return false;
  const { type, name, value } = argument as Record<string, unknown>;
  return type === 'RAW' || (type === 'HANDLER' && name === 'proxy' && isPort(value));
}

export type EngineConnection = EngineApi & {
  /** Ends the connection; open calls resolve to E_ENGINE_LOST. */
  disconnect(): void;
  /** Called once, when the carrier is lost or `disconnect` was called. */
  onLost(listener: () => void): void;
};

/** The engine at the other end of a pipe. Calls resolve to E_ENGINE_LOST when the carrier is lost: they never hang. */
export function connectEngine(pipe: Pipe): EngineConnection {
  const mux = new Mux(pipe, 0);
  const remote = Comlink.wrap<Methods>(mux.endpoint());
  const open = new Set<(reply: Reply<never>) => void>();
  let isLost = false;
  mux.onClose(() => {
    isLost = true;
    for (const resolve of open) resolve(lostReply());
    open.clear();
  });
  const call = async (name: string, request: unknown, onProgress: unknown): Promise<Reply<unknown>> => {
    if (isLost) return lostReply();
    const method = remote[name] as unknown as (...args: unknown[]) => Promise<Reply<unknown>>;
    let settle!: (reply: Reply<never>) => void;
    const lost = new Promise<Reply<never>>((resolve) => (settle = resolve));
    open.add(settle);
    try {
      return await Promise.race([method(...wireArguments(request, onProgress)), lost]);
    } finally {
      open.delete(settle);
    }
  };
  const methods = Object.fromEntries(
    ENGINE_METHODS.map((name) => [name, (request: unknown, onProgress: unknown) => call(name, request, onProgress)]),
  );
  return {
    ...(methods as unknown as EngineApi),
    disconnect: () => mux.close(),
    onLost: (listener) => mux.onClose(() => listener()),
  };
}

function wireArguments(request: unknown, onProgress: unknown): unknown[] {
  if (typeof onProgress !== 'function') return [request];
  // A fresh function for each call: comlink marks it, and ends its port when the call is done.
  return [request, Comlink.proxy((progress: Progress) => (onProgress as OnProgress)(progress))];
}

function lostReply(): Reply<never> {
  return { ok: false, error: engineLost().toData() };
}

export function engineLost(): EngineError {
  return new EngineError('E_ENGINE_LOST', 'The connection to the engine is lost.', {
    hint: 'It is started again by itself; then open the source again. Your analyses are kept.',
  });
}
