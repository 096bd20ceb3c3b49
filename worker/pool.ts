import type { Worker } from 'node:worker_threads';
import { EngineError } from '../protocol/errors.ts';
import { asBuildError } from './host/build-error.ts';
import { createControl, isStopped, throwIfStopped, type Control } from './host/control.ts';
import { isShortTask, runShortTask, type ShortTask } from './host/short-tasks.ts';
import type { FromThread, SourceHandle, TaskKind, TaskMap, ToThread } from './host/tasks.ts';
import type { Segment } from './segment/segment.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Entry of a thread; bundles move it. */
  readonly threadUrl?: URL | undefined;
  /** A thread has ended, however: what it shared is to be given back. */
  readonly onGone?: (threadId: number) => void;
}
export interface TaskOptions {
  readonly control?: Control;
  /** Which progress word of the control is this task's. */
  readonly slot?: number;
  /** Sent once to each thread that needs it; the key stands for exactly this value. */
  readonly segment?: { readonly key: string; readonly value: Segment };
  /** Tasks of one home run on the same thread, for what a source remembers there. */
  readonly home?: string;
  /** A task of some ms at most (see host/short-tasks.ts): runs here while no thread is up, without waiting for one, or always. */
  readonly inline?: boolean | 'always';
}
interface Job extends TaskOptions {
  readonly id: number;
  readonly task: TaskKind;
  readonly payload: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
interface Thread {
  readonly worker: Worker;
  readonly segments: Set<string>;
  readonly homeOf: Set<string>;
  job: Job | null;
}

/** A fixed number of threads, started when first needed; one task at a time on each, the others wait in order. */
export class Pool {
  readonly size: number;
  readonly #url: URL;
  readonly #threads = new Set<Thread>();
  readonly #onGone: PoolOptions['onGone'];
  readonly #queue: Job[] = [];
  readonly #closed = new Set<string>();
  /** Keys of segments whose columns somebody else has now. */
  readonly #retired = new Set<string>();
  #nextId = 1;
  /** Why; null = it runs. */
  #stopped: EngineError | null = null;

  constructor(options: PoolOptions) {
    this.size = Math.max(1, options.threads);
    this.#url = options.threadUrl ?? new URL('./thread.ts', import.meta.url);
    this.#onGone = options.onGone;
  }

  /**
   * Rejects with the task's EngineError, with E_CANCELLED when stopped before it began, with E_USAGE when its source was
   * closed before, with E_INTERNAL when its thread dies.
   */
  run<K extends TaskKind>(
    task: K,
    payload: TaskMap[K]['payload'],
    options: TaskOptions = {},
  ): Promise<TaskMap[K]['result']> {
    const isHere = this.isCold ? options.inline !== undefined && options.inline !== false : options.inline === 'always';
    if (isHere && this.#stopped === null && isShortTask(task, payload))
      return this.#runHere(task, payload as TaskMap[ShortTask]['payload'], options) as Promise<TaskMap[K]['result']>;
    return new Promise((resolve, reject) => {
      this.#queue.push({
        ...options,
        id: this.#nextId++,
        task,
        payload,
        resolve: (value) => resolve(value as TaskMap[K]['result']),
        reject,
      });
      this.#dispatch();
    });
  }

  /** No thread is up: starting one takes longer than a short task. */
  get isCold(): boolean {
    return this.#threads.size === 0 && this.#stopped === null;
  }

  /** Something runs or waits. */
  get isBusy(): boolean {
    return this.#queue.length > 0 || [...this.#threads].some((thread) => thread.job !== null);
  }

  /** Tasks asked for so far. */
  get asked(): number {
    return this.#nextId - 1;
  }

  /** From now on the segments of this source are refused, for their columns will change; false = one is being read. */
  retireSegments(sourceId: string): boolean {
    const isOf = (job: Job | null): boolean => job?.segment?.key.startsWith(`${sourceId}/`) === true;
    if ([...this.#threads].some((thread) => isOf(thread.job))) return false;
    this.#retired.add(sourceId);
    this.forgetSegments(`${sourceId}/`);
    return true;
  }

  /** Starts the threads, for what comes next. */
  warmUp(): void {
    while (this.#stopped === null && this.#threads.size < this.size) this.#spawn();
  }

  async #runHere(
    task: ShortTask,
    payload: TaskMap[ShortTask]['payload'],
    options: TaskOptions,
  ): Promise<TaskMap[ShortTask]['result']> {
    const { control = createControl(), slot = 0, segment } = options;
    if (this.#closed.has(getSourceId({ ...options, payload }))) throw sourceClosed();
    if (this.#isRetired(options)) throw sourceGrew();
    try {
      return runShortTask(task, payload, { control, slot, segment: segment?.value ?? null });
    } catch (error) {
      throw asBuildError(error);
    }
  }

  /** Drops every segment whose key begins with `prefix`. */
  forgetSegments(prefix: string): void {
    for (const thread of this.#threads)
      for (const key of thread.segments) {
        if (!key.startsWith(prefix)) continue;
        thread.segments.delete(key);
        send(thread, { kind: 'forgetSegment', key });
      }
  }

  /** For good: what is still asked of the source is refused, else a thread would open its file again. */
  closeSource(sourceId: string): void {
    this.#closed.add(sourceId);
    this.forgetSegments(`${sourceId}/`);
    for (const thread of this.#threads) {
      thread.homeOf.delete(sourceId);
      send(thread, { kind: 'closeSource', sourceId });
    }
  }

  /** `reason`: what is still asked is told. Default: the engine was stopped. */
  async stop(reason: EngineError = engineStopped()): Promise<void> {
    this.#stopped = reason;
    for (const job of this.#queue.splice(0)) job.reject(reason);
    await Promise.all([...this.#threads].map(endThread));
  }

  #dispatch(): void {
    for (let i = 0; i < this.#queue.length;) {
      const job = this.#queue[i];
      if (job === undefined) return;
      const refused = this.#closed.has(getSourceId(job)) ? sourceClosed : this.#isRetired(job) ? sourceGrew : null;
      const dead = refused !== null || this.#stopped !== null || (job.control !== undefined && isStopped(job.control));
      const thread = dead ? null : this.#threadFor(job);
      if (!dead && thread === null) {
        // Only jobs bound to a busy thread are passed over.
        if (job.home === undefined) return;
        i++;
        continue;
      }
      this.#queue.splice(i, 1);
      if (refused !== null) job.reject(refused());
      else if (thread === null) rejectStopped(job);
      else start(thread, job);
    }
  }

  #isRetired({ segment }: TaskOptions): boolean {
    return segment !== undefined && this.#retired.has(segment.key.split('/', 1)[0] ?? '');
  }

  /** An idle thread the job may run on, else null. */
  #threadFor(job: Job): Thread | null {
    const { home } = job;
    if (home === undefined) return this.#idleThread();
    for (const thread of this.#threads) if (thread.homeOf.has(home)) return thread.job === null ? thread : null;
    const thread = this.#idleThread();
    thread?.homeOf.add(home);
    return thread;
  }

  #idleThread(): Thread | null {
    for (const thread of this.#threads) if (thread.job === null) return thread;
    return this.#threads.size < this.size ? this.#spawn() : null;
  }

  #spawn(): Thread {
    // Loaded here: an answer that needs no thread does not wait for it.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const worker = new Worker(this.#url, {
      name: 'tributary-engine',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const thread: Thread = { worker, segments: new Set(), homeOf: new Set(), job: null };
    this.#threads.add(thread);
    worker.on('message', (message: FromThread) => this.#settle(thread, message));
    worker.on('error', (error) => this.#lose(thread, error));
    const { threadId } = worker;
    worker.on('exit', () => {
      this.#onGone?.(threadId);
      this.#lose(thread, null);
    });
    return thread;
  }

  #settle(thread: Thread, message: FromThread): void {
    const job = thread.job;
    if (job === null || job.id !== message.id) return;
    thread.job = null;
    if (message.ok) job.resolve(message.value);
    else job.reject(EngineError.fromData(message.error));
    this.#dispatch();
  }

  #lose(thread: Thread, cause: unknown): void {
    if (!this.#threads.delete(thread)) return;
    thread.job?.reject(this.#stopped ?? threadLost(cause));
    thread.job = null;
    void thread.worker.terminate();
    this.#dispatch();
  }
}

/**
 * Threads work in shared memory and make few objects of their own. V8 would let these grow to 48 MB a thread; with so much two
 * threads take 17 MB less after all questions of the bench, and the row readers, which make most objects, some 5 % more time.
 */
const YOUNG_MB = 8;

/** What a thread gets to end by itself: longer than it takes to start, or to notice that its task was stopped. */
const LAST_WORDS_MS = 1_000;

/**
 * A thread is asked to end, and ended only if it does not: to be cut off while it starts, compiles, or enlarges memory that
 * others share is what V8 has died of, and with it the process.
 */
async function endThread({ worker }: Thread): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage({ kind: 'end' } satisfies ToThread);
  const overdue = setTimeout(() => void worker.terminate(), LAST_WORDS_MS);
  await gone;
  clearTimeout(overdue);
}

/** Tasks on files carry a handle; segments are named by their source (`s1/…`). */
function getSourceId({ payload, segment }: Pick<Job, 'payload' | 'segment'>): string {
  const handle = payload as Partial<SourceHandle>;
  return handle.sourceId ?? segment?.key.split('/', 1)[0] ?? '';
}

function start(thread: Thread, job: Job): void {
  thread.job = job;
  const segment =
    job.segment === undefined
      ? null
      : { key: job.segment.key, value: thread.segments.has(job.segment.key) ? null : job.segment.value };
  if (segment !== null) thread.segments.add(segment.key);
  const control = job.control ?? createControl();
  send(thread, {
    kind: 'task',
    id: job.id,
    task: job.task,
    payload: job.payload,
    control,
    slot: job.slot ?? 0,
    segment,
  });
}

function rejectStopped(job: Job): void {
  try {
    if (job.control !== undefined) throwIfStopped(job.control);
    job.reject(engineStopped());
  } catch (error) {
    job.reject(error);
  }
}

function send(thread: Thread, message: ToThread): void {
  thread.worker.postMessage(message);
}

export function sourceClosed(): EngineError {
  return new EngineError('E_USAGE', 'This source was closed.', { hint: 'Open it again.' });
}

export function sourceGrew(): EngineError {
  return new EngineError('E_SOURCE_CHANGED', 'The source has got more rows since it was opened.', {
    hint: 'Open it again to work with its present state.',
  });
}

function engineStopped(): EngineError {
  return new EngineError('E_ENGINE_LOST', 'The engine was stopped.', { hint: 'Start it again.' });
}

function threadLost(cause: unknown): EngineError {
  const details = cause instanceof Error ? (cause.stack ?? cause.message) : undefined;
  if ((cause as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new EngineError('E_LIMIT', 'There was not enough memory for this.', {
      hint: 'Narrow the date range, or leave out properties with very many different values.',
      details,
      cause,
    });
  return new EngineError('E_INTERNAL', 'A worker thread of the engine failed.', {
    hint: 'It was replaced. Try again.',
    details,
    cause,
  });
}
