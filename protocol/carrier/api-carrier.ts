import * as Comlink from 'comlink';
import { toErrorData, type EngineError, type Reply } from '../errors.ts';
import { Mux, isPort } from './mux.ts';
import type { Pipe } from './packet.ts';

/**
 * A contract of total methods over a pipe: comlink on both sides, with the narrow door of `guard` in front of the real
 * thing. Each method takes at most a request and a listener for its progress.
 */
export interface Contract {
  readonly methods: readonly string[];
  /** The key of a request that holds the id to cancel it by. */
  readonly idKey: string;
  /** What open calls are answered with when the carrier is lost. */
  readonly lost: () => EngineError;
}
type OnReport = (report: unknown) => void;
type RemoteReport = Comlink.Remote<OnReport>;
type Method = (request: unknown, onReport?: OnReport) => Promise<Reply<unknown>>;
export type Methods = Readonly<Record<string, Method>>;

/** Serves `api` to one client. When the client goes away, its running requests are cancelled. */
export function exposeApi(contract: Contract, api: Methods, cancel: (id: string) => void, pipe: Pipe): Mux {
  const mux = new Mux(pipe, 1);
  const running = new Set<string>();
  const methods = Object.fromEntries(
    contract.methods.map((name) => [
      name,
      (...args: unknown[]) => serveCall(api[name]?.bind(api), args, idOf(contract, args[0]), running),
    ]),
  );
  Comlink.expose(methods, guard(contract, mux.endpoint()));
  mux.onClose(() => running.forEach(cancel));
  return mux;
}

async function serveCall(
  method: Method | undefined,
  args: unknown[],
  id: string | undefined,
  running: Set<string>,
): Promise<Reply<unknown>> {
  const [request, listener] = args;
  const remote = typeof listener === 'function' ? (listener as RemoteReport) : undefined;
  let received: Promise<unknown> = Promise.resolve();
  const onReport: OnReport | undefined = remote && ((report) => void (received = delivered(remote(report))));
  if (id !== undefined) running.add(id);
  try {
    if (method === undefined) throw new Error('a method of the contract is missing');
    return await method(request, onReport);
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) };
  } finally {
    if (id !== undefined) running.delete(id);
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

function idOf({ idKey }: Contract, request: unknown): string | undefined {
  const id = typeof request === 'object' && request !== null ? (request as Record<string, unknown>)[idKey] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/**
 * Comlink lets the other side get, set and construct anything it can reach from the exposed object, up to
 * `constructor.constructor`. Only calls of the contract's own methods pass here; everything else is dropped.
 */
function guard({ methods }: Contract, endpoint: Comlink.Endpoint): Comlink.Endpoint {
  return {
    postMessage: (message, transfer) => endpoint.postMessage(message, transfer),
    addEventListener: (type, listener) => {
      const call = typeof listener === 'function' ? listener : listener.handleEvent.bind(listener);
      endpoint.addEventListener(type, (event: Event) => {
        if (isCall(methods, (event as MessageEvent).data)) call(event);
      });
    },
    removeEventListener: () => undefined,
  };
}

function isCall(methods: readonly string[], message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { type, path, argumentList } = message as Record<string, unknown>;
  return (
    type === 'APPLY' &&
    Array.isArray(path) &&
    path.length === 1 &&
    (methods as readonly unknown[]).includes(path[0]) &&
    Array.isArray(argumentList) &&
    argumentList.length <= 2 &&
    argumentList.every((argument) => isArgument(argument))
  );
}

/** Raw data, or a callback; not comlink's other wire values (`throw` would throw while it is read). */
function isArgument(argument: unknown): boolean {
  if (typeof argument !== 'object' || argument === null) return false;
  const { type, name, value } = argument as Record<string, unknown>;
  return type === 'RAW' || (type === 'HANDLER' && name === 'proxy' && isPort(value));
}

export interface Line {
  /** Ends the connection; open calls resolve to the contract's lost error. */
  hangUp(): void;
  /** Called once, when the carrier is lost or `hangUp` was called. */
  onLost(listener: () => void): void;
}

/** What is at the other end of a pipe. Calls resolve to `lost` when the carrier is lost: they never hang. */
export function connectApi(contract: Contract, pipe: Pipe): Line & { readonly methods: Methods } {
  const mux = new Mux(pipe, 0);
  const remote = Comlink.wrap<Methods>(mux.endpoint());
  const open = new Set<(reply: Reply<never>) => void>();
  const lostReply = (): Reply<never> => ({ ok: false, error: contract.lost().toData() });
  let isLost = false;
  mux.onClose(() => {
    isLost = true;
    for (const resolve of open) resolve(lostReply());
    open.clear();
  });
  const call = async (name: string, request: unknown, onReport: unknown): Promise<Reply<unknown>> => {
    if (isLost) return lostReply();
    const method = remote[name] as unknown as (...args: unknown[]) => Promise<Reply<unknown>>;
    let settle!: (reply: Reply<never>) => void;
    const lost = new Promise<Reply<never>>((resolve) => (settle = resolve));
    open.add(settle);
    try {
      return await Promise.race([method(...wireArguments(request, onReport)), lost]);
    } finally {
      open.delete(settle);
    }
  };
  const methods = Object.fromEntries(
    contract.methods.map((name) => [name, (request: unknown, onReport: unknown) => call(name, request, onReport)]),
  );
  return { methods, hangUp: () => mux.close(), onLost: (listener) => mux.onClose(() => listener()) };
}

function wireArguments(request: unknown, onReport: unknown): unknown[] {
  if (typeof onReport !== 'function') return [request];
  // A fresh function for each call: comlink marks it, and ends its port when the call is done.
  return [request, Comlink.proxy((report: unknown) => (onReport as OnReport)(report))];
}
