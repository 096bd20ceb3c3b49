import { EngineError } from '../protocol/errors.ts';
import type { Analysis, EngineApi, Reply } from '../protocol/index.ts';
import { findAppRoot } from '../worker/files/app-root.ts';
import { resolveDataDir } from '../worker/files/data-dir.ts';
import { endProgress, say } from './console.ts';

export interface EngineFlags {
  readonly dataDir?: string | undefined;
  readonly threads?: number | undefined;
  readonly deadlineMs?: number | undefined;
  /** Bytes. */
  readonly memoryLimit?: number | undefined;
}

/** The part of a request that is the same for all: its id for cancelling, and the time left. */
export interface Call {
  readonly requestId: string;
  readonly deadlineMs: number | null;
}

/** What a command asks of the engine; `ask` makes the call's common part and unpacks the reply. */
export interface EngineSession {
  readonly engine: EngineApi;
  readonly ask: <T>(send: (call: Call) => Promise<Reply<T>>) => Promise<T>;
  /** Before anything is opened. Throws E_BAD_QUERY. */
  readonly check: (document: unknown) => Promise<Analysis>;
}

/** Runs `work` with an engine of its own; Ctrl-C cancels what is asked, and a second one ends the process. */
export async function withEngine<T>(flags: EngineFlags, work: (session: EngineSession) => Promise<T>): Promise<T> {
  const app = findAppRoot(import.meta.dirname, import.meta.url);
  const { createEngine } = await import('../worker/host.ts');
  const dataDir = resolveDataDir(flags.dataDir);
  const engine = createEngine({
    dataDir,
    onProblem: (message) => say(`note: ${message}`),
    threads: flags.threads,
    memoryLimitBytes: flags.memoryLimit,
    threadUrl: app.threadUrl,
    version: app.version,
  });
  const requestId = `cli-${process.pid}`;
  const until = flags.deadlineMs === undefined ? null : Date.now() + flags.deadlineMs;
  const interrupts = onInterrupt(() => void engine.cancel(requestId));
  const session: EngineSession = {
    engine,
    check: (document) => engine.checkAnalysis(document),
    ask: async (send) => {
      if (interrupts.seen()) throw cancelled();
      const deadlineMs = until === null ? null : Math.max(1, until - Date.now());
      return unpack(await send({ requestId, deadlineMs }));
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

/** A terminal and a supervising process may both pass the same Ctrl-C on. */
const SAME_PRESS = 300;

/** Calls `cancel` on the first Ctrl-C; another one ends the process at once. */
export function onInterrupt(cancel: () => void): { readonly seen: () => boolean; readonly stop: () => void } {
  let seen = 0;
  const handle = (): void => {
    if (seen > 0 && Date.now() - seen > SAME_PRESS) process.exit(130);
    if (seen > 0) return;
    seen = Date.now();
    cancel();
  };
  process.on('SIGINT', handle);
  return { seen: () => seen > 0, stop: () => process.off('SIGINT', handle) };
}
