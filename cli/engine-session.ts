import { EngineError, type EngineApi, type OnProgress, type Reply } from '../protocol/index.ts';
import { findAppRoot } from '../worker/files/app-root.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { createEngine } from '../worker/host.ts';
import { endProgress, showProgress } from './console.ts';

export interface EngineFlags {
  readonly dataDir?: string | undefined;
  readonly threads?: number | undefined;
  readonly deadlineMs?: number | undefined;
}

/** What a command asks of the engine: `ask` adds the request's id, the time left and progress, and unpacks the reply. */
export interface EngineSession {
  readonly engine: EngineApi;
  ask<Request extends object, T>(
    method: (
      request: Request & { requestId: string; deadlineMs: number | null },
      onProgress?: OnProgress,
    ) => Promise<Reply<T>>,
    request: Request,
  ): Promise<T>;
}

/** Runs `work` with an engine of its own; Ctrl-C cancels what is asked, and a second one ends the process. */
export async function withEngine<T>(flags: EngineFlags, work: (session: EngineSession) => Promise<T>): Promise<T> {
  const app = findAppRoot(import.meta.dirname, import.meta.url);
  const engine = createEngine({
    dataDir: resolveDataDir(flags.dataDir),
    threads: flags.threads,
    threadUrl: app.threadUrl,
    version: app.version,
  });
  const requestId = `cli-${process.pid}`;
  const until = flags.deadlineMs === undefined ? null : Date.now() + flags.deadlineMs;
  const interrupts = onInterrupt(() => void engine.cancel(requestId));
  const session: EngineSession = {
    engine,
    ask: async (method, request) => {
      if (interrupts.seen()) throw cancelled();
      const deadlineMs = until === null ? null : Math.max(1, until - Date.now());
      return unpack(await method({ ...request, requestId, deadlineMs }, showProgress));
    },
  };
  try {
    return await work(session);
  } finally {
    endProgress();
    interrupts.stop();
    await engine.stop();
  }
}

export function unpack<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw EngineError.fromData(reply.error);
}

const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Start it again when you want the answer.' });

/** Calls `cancel` on the first Ctrl-C; the second one ends the process at once. */
export function onInterrupt(cancel: () => void): { seen(): boolean; stop(): void } {
  let seen = false;
  const handle = (): void => {
    if (seen) process.exit(130);
    seen = true;
    cancel();
  };
  process.on('SIGINT', handle);
  return { seen: () => seen, stop: () => process.off('SIGINT', handle) };
}
