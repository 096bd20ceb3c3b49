import { EngineError } from '../../protocol/errors.ts';
import type { ProofStep, QuerySession } from '../../protocol/query-schema.ts';
import { getAddress, getRefName } from '../../protocol/source-names.ts';
import type { SourceRef } from '../../protocol/source.ts';
import type { Answer, Argument, TaskName } from './messages.ts';
import type { ProcessPool } from './process-pool.ts';
import { cancelled, type QueryProcess, type TaskOptions } from './query-process.ts';

interface OpenSession {
  readonly info: QuerySession;
  readonly ref: SourceRef;
  /** In memory alone: each process of the session needs it. */
  readonly password: string | undefined;
}
export interface At {
  readonly queryId: string;
  readonly sessionId: string;
}

const CONNECT_MS = 30_000;
/** A server that does not confirm a cancel is left alone after this: the process ends, and with it the connection. */
const CANCEL_GRACE_MS = 2_500;
const ASK_AGAIN_MS = 20;

/** The open sources of ad-hoc SQL, and what runs in them. */
export class Sessions {
  readonly #pool: ProcessPool;
  readonly #folders: { readonly dataDir: string; readonly scratchDir: string };
  readonly #open = new Map<string, OpenSession>();
  /** How to stop each request that is under way. */
  readonly running = new Map<string, () => void>();
  #next = 1;

  constructor(pool: ProcessPool, dataDir: string, scratchDir: string) {
    this.#pool = pool;
    this.#folders = { dataDir, scratchDir };
  }

  list(): readonly QuerySession[] {
    return [...this.#open.values()].map(({ info }) => info);
  }

  /** Throws E_USAGE for a session that is not open. */
  get(sessionId: string): OpenSession {
    const session = this.#open.get(sessionId);
    if (session !== undefined) return session;
    throw new EngineError('E_USAGE', 'This session is not open.', { hint: 'Connect again.' });
  }

  async connect(request: {
    readonly queryId: string;
    readonly ref: SourceRef;
    readonly password?: string | undefined;
  }): Promise<QuerySession> {
    const { queryId, password, ref } = request;
    const sessionId = `q${this.#next++}`;
    return this.withProcess({ queryId, sessionId }, ref.kind, async (process) => {
      const task = { ref, password, ...this.#folders, isProved: false };
      const told = await process.run('connect', task, queryId, { killAfterMs: CONNECT_MS });
      process.sessionId = sessionId;
      if (told === null) throw new Error('the process did not say what it opened');
      const info = { ...told, sessionId, name: getRefName(ref) || getAddress(ref) };
      if (told.readOnly.status === 'failed') throw notProved(told.readOnly.steps);
      this.#open.set(sessionId, { info, ref, password });
      return info;
    });
  }

  disconnect(sessionId: string): void {
    this.get(sessionId);
    this.#open.delete(sessionId);
    this.#pool.endSession(sessionId);
  }

  /** True when it was under way. */
  cancel(queryId: string): boolean {
    const stop = this.running.get(queryId);
    stop?.();
    return stop !== undefined;
  }

  /** One task in a process that has the session open. */
  ask<T extends TaskName>(at: At, name: T, argument: Argument<T>, options: TaskOptions): Promise<Answer<T>> {
    return this.inSession(at, (process) => process.run(name, argument, at.queryId, options));
  }

  /** Work with a process that has the session open; a fresh one opens it first. */
  inSession<T>(at: At, work: (process: QueryProcess) => Promise<T>): Promise<T> {
    const { ref, password, info } = this.get(at.sessionId);
    return this.withProcess(at, info.dialect, async (process) => {
      if (process.sessionId === null) {
        const task = { ref, password, ...this.#folders, isProved: true };
        await process.run('connect', task, at.queryId, { killAfterMs: CONNECT_MS });
        process.sessionId = at.sessionId;
      }
      return work(process);
    });
  }

  /** A process for the time of `work`, which a cancel ends: a file's at once, a server's by asking the server first. */
  async withProcess<T>(at: At, kind: SourceRef['kind'], work: (process: QueryProcess) => Promise<T>): Promise<T> {
    if (this.running.has(at.queryId))
      throw new EngineError('E_USAGE', 'A request with this id is running.', { hint: 'Choose another id.' });
    const process = this.#pool.lease(at.sessionId, kind);
    let isCancelled = false;
    let isDone = false;
    let asking: NodeJS.Timeout | undefined;
    this.running.set(at.queryId, () => {
      isCancelled = true;
      if (kind === 'sqlite' || process.sessionId === null) return process.kill(cancelled());
      process.askToCancel();
      // Between two statements of a request there is nothing to stop yet.
      asking ??= setInterval(() => process.askToCancel(), ASK_AGAIN_MS);
      setTimeout(() => !isDone && process.kill(cancelled()), CANCEL_GRACE_MS).unref();
    });
    try {
      const value = await work(process);
      if (isCancelled) throw cancelled();
      return value;
    } catch (thrown) {
      // One that failed to connect has nothing open, and may have half of something.
      if (process.sessionId === null) process.kill(cancelled());
      throw isCancelled ? cancelled() : thrown;
    } finally {
      isDone = true;
      clearInterval(asking);
      this.running.delete(at.queryId);
      this.#pool.giveBack(process);
    }
  }
}

function notProved(steps: readonly ProofStep[]): EngineError {
  return new EngineError('E_REFUSED', 'This connection could not be proved to be read-only.', {
    hint: 'Nothing is run on it. Connect to the server itself, not through a pooler that changes transactions.',
    details: steps.map(({ name, passed, text }) => `${name}: ${passed ? 'proved' : 'NOT proved'}, ${text}`).join('\n'),
  });
}
