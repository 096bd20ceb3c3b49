import { EngineError } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/source.ts';
import { isToKeeper, servePlaces, type ToKeeper } from '../connection/remote-places.ts';
import type { PlaceKeeper } from '../connection/session-budget.ts';
import type { Answer, Argument, FromProcess, TaskEvent, TaskName, ToProcess } from './messages.ts';
import { readMemory } from './read-memory.ts';

/** The line to a child process, however it was started. */
export interface ProcessLink {
  readonly pid: () => number | undefined;
  readonly send: (message: ToProcess) => void;
  readonly onMessage: (listener: (message: FromProcess) => void) => void;
  /** Called once. */
  readonly onExit: (listener: () => void) => void;
  /** At once, whatever it does. */
  readonly kill: () => void;
}

export interface TaskOptions {
  readonly onEvent?: (event: TaskEvent) => void;
  /** Of the whole process, bytes; over it, it is killed. */
  readonly memoryBytes?: number;
  /** After this, ms, it is killed. */
  readonly killAfterMs?: number;
}
interface Running {
  readonly id: number;
  readonly queryId: string | null;
  readonly onEvent: ((event: TaskEvent) => void) | undefined;
  readonly settle: (done: { readonly value: unknown } | { readonly error: EngineError }) => void;
}

const MEMORY_WATCH_MS = 10;

/** One child process, as its supervisor sees it. */
export class QueryProcess {
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  /** The session whose database it has open; null = a spare. */
  sessionId: string | null = null;
  isDead = false;
  isReady = false;
  readonly #link: ProcessLink;
  readonly #folder: string;
  readonly #waiting: Running[] = [];
  #nextId = 1;
  /** Why it was killed. */
  #reason: EngineError | null = null;

  /** `folder`: where it tells its memory. */
  constructor(link: ProcessLink, folder: string, keeper: PlaceKeeper) {
    this.#link = link;
    this.#folder = folder;
    const places = servePlaces((message) => !this.isDead && link.send(message), keeper);
    this.exited = new Promise((resolve) => link.onExit(() => resolve()));
    void this.exited.then(() => {
      places.close();
      this.#lost();
    });
    this.ready = new Promise((resolve) => {
      link.onMessage((message) => {
        if (message.type === 'ready') {
          this.isReady = true;
          resolve();
        } else if (isToKeeper(message)) places.receive(message);
        else this.#receive(message);
      });
      void this.exited.then(() => resolve());
    });
  }

  get pid(): number {
    return this.#link.pid() ?? 0;
  }

  /** Resident, in bytes; null = not known. */
  get memoryBytes(): number | null {
    return readMemory(this.pid, this.#folder);
  }

  get queryId(): string | null {
    return this.#waiting[0]?.queryId ?? null;
  }

  /** It was killed, and may not be gone yet. */
  get isEnding(): boolean {
    return this.isDead || this.#reason !== null;
  }

  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Throws EngineError: the task's own, or the reason why the process died. */
  async run<T extends TaskName>(
    name: T,
    argument: Argument<T>,
    queryId: string | null,
    options: TaskOptions = {},
  ): Promise<Answer<T>> {
    await this.ready;
    if (this.isDead) throw this.#reason ?? crashed();
    const id = this.#nextId++;
    const stopWatching = this.#watch(options);
    try {
      return await new Promise<Answer<T>>((resolve, reject) => {
        const settle: Running['settle'] = (done) =>
          'error' in done ? reject(done.error) : resolve(done.value as Answer<T>);
        this.#waiting.push({ id, queryId, onEvent: options.onEvent, settle });
        this.#link.send({ type: 'task', id, name, argument });
      });
    } finally {
      stopWatching();
    }
  }

  /** Prepares a spare for sessions of this kind. */
  warm(kind: SourceRef['kind']): void {
    this.#link.send({ type: 'warm', kind });
  }

  /** Lets the session ask its server to give up; the process stays. */
  askToCancel(): void {
    if (!this.isDead) this.#link.send({ type: 'cancel' });
  }

  /** Its open tasks fail with `reason` as soon as it is gone. */
  kill(reason: EngineError): void {
    if (this.isDead) return;
    this.#reason ??= reason;
    this.#link.kill();
  }

  #watch({ memoryBytes, killAfterMs }: TaskOptions): () => void {
    const timers: NodeJS.Timeout[] = [];
    if (killAfterMs !== undefined)
      timers.push(setTimeout(() => this.kill(overdue()), Math.min(killAfterMs, 0x7fff_ffff)));
    if (memoryBytes !== undefined)
      timers.push(
        setInterval(() => {
          if ((this.memoryBytes ?? 0) > memoryBytes) this.kill(tooMuchMemory(memoryBytes));
        }, MEMORY_WATCH_MS),
      );
    return () => timers.forEach((timer) => clearTimeout(timer));
  }

  #receive(message: Exclude<FromProcess, ToKeeper | { type: 'ready' }>): void {
    const at = this.#waiting.findIndex(({ id }) => id === message.id);
    const running = this.#waiting[at];
    if (running === undefined) return;
    if (message.type === 'event') return running.onEvent?.(message.event);
    this.#waiting.splice(at, 1);
    running.settle(message.type === 'done' ? { value: message.value } : { error: EngineError.fromData(message.error) });
  }

  #lost(): void {
    this.isDead = true;
    for (const { settle } of this.#waiting.splice(0)) settle({ error: this.#reason ?? crashed() });
  }
}

export const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Run it again when you want the answer.' });
const overdue = (): EngineError =>
  new EngineError('E_DEADLINE', 'This took longer than its time limit.', {
    hint: 'Ask for less, or allow more time.',
  });
const crashed = (): EngineError =>
  new EngineError('E_ENGINE_LOST', 'The query process ended unexpectedly.', {
    hint: 'Nothing else was touched; the next query runs in a new one.',
  });
const tooMuchMemory = (bytes: number): EngineError =>
  new EngineError('E_LIMIT', `This needed more than ${Math.round(bytes / 1e6)} MB of memory.`, {
    hint: 'Ask for fewer or smaller values, or allow more memory.',
  });
