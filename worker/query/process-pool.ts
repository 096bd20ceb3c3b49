import { EngineError } from '../../protocol/errors.ts';
import type { SourceRef } from '../../protocol/source.ts';
import { getKeeper, type PlaceKeeper } from '../connection/session-budget.ts';
import { QueryProcess, type ProcessLink } from './query-process.ts';

/** More at once are refused rather than queued: two cores gain nothing from them. */
const MAX_PROCESSES = 12;
/** One that holds on to more of what is done would use up the limit of the next task; bytes. */
const KEPT_BYTES = 200_000_000;
/** Idle processes of a session beyond the first end after this. */
const IDLE_MS = 30_000;

/** Query processes: from the first one on a spare that is always ready, and those that have a session's database open. */
export class ProcessPool {
  readonly #start: (folder: string) => ProcessLink;
  readonly #folder: string;
  readonly #keeper: PlaceKeeper;
  readonly #processes = new Set<QueryProcess>();
  readonly #leased = new Set<QueryProcess>();
  readonly #idleTimers = new Map<QueryProcess, NodeJS.Timeout>();
  /** What was opened last: the next session is likely to be of its kind. */
  #kind: SourceRef['kind'] = 'sqlite';
  #isStopped = false;

  /** `start` gets the folder of all processes; `keeper` counts the connections that they have with servers. */
  constructor(start: (folder: string) => ProcessLink, folder: string, keeper: PlaceKeeper = getKeeper()) {
    this.#start = start;
    this.#folder = folder;
    this.#keeper = keeper;
  }

  get processes(): readonly QueryProcess[] {
    return [...this.#processes];
  }

  isLeased(process: QueryProcess): boolean {
    return this.#leased.has(process);
  }

  get spareReady(): boolean {
    return this.#spares().some(({ isReady }) => isReady);
  }

  /** One that has this session open and nothing to do, else the spare. Throws E_BUSY. */
  lease(sessionId: string, kind?: SourceRef['kind']): QueryProcess {
    this.#kind = kind ?? this.#kind;
    if (this.#isStopped) throw new EngineError('E_ENGINE_LOST', 'Tributary is ending.', { hint: 'Start it again.' });
    const idle = [...this.#processes].find(
      (process) => process.sessionId === sessionId && !process.isEnding && !this.#leased.has(process),
    );
    const [spare] = this.#spares().toSorted((a, b) => Number(b.isReady) - Number(a.isReady));
    const leased = idle ?? spare ?? this.#add();
    this.#leased.add(leased);
    clearTimeout(this.#idleTimers.get(leased));
    this.#keepSpare();
    return leased;
  }

  giveBack(process: QueryProcess): void {
    this.#leased.delete(process);
    if (process.isDead || process.sessionId === null) return;
    if ((process.memoryBytes ?? 0) > KEPT_BYTES) return process.kill(ended());
    const others = [...this.#processes].filter(
      (other) => other !== process && other.sessionId === process.sessionId && !this.#leased.has(other),
    );
    if (others.length === 0) return;
    this.#idleTimers.set(process, setTimeout(() => process.kill(ended()), IDLE_MS).unref());
  }

  endSession(sessionId: string): void {
    for (const process of this.#processes) if (process.sessionId === sessionId) process.kill(ended());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const all = [...this.#processes];
    for (const process of all) process.kill(ended());
    await Promise.all(all.map((process) => process.exited));
  }

  #spares(): QueryProcess[] {
    return [...this.#processes].filter((process) => process.sessionId === null && !this.#leased.has(process));
  }

  #keepSpare(): void {
    if (!this.#isStopped && this.#spares().length === 0 && this.#processes.size < MAX_PROCESSES) this.#add();
  }

  #add(): QueryProcess {
    if (this.#processes.size >= MAX_PROCESSES)
      throw new EngineError('E_BUSY', `${MAX_PROCESSES} query processes are at work.`, {
        hint: 'Wait for a query to end, or cancel one.',
      });
    const added = new QueryProcess(this.#start(this.#folder), this.#folder, this.#keeper);
    this.#processes.add(added);
    void added.ready.then(() => added.sessionId === null && added.warm(this.#kind));
    void added.exited.then(() => {
      this.#processes.delete(added);
      this.#leased.delete(added);
      clearTimeout(this.#idleTimers.get(added));
      this.#idleTimers.delete(added);
      // One that cannot even start is not tried for ever.
      if (added.isReady) this.#keepSpare();
    });
    return added;
  }
}

const ended = (): EngineError => new EngineError('E_CANCELLED', 'The session was closed.', { hint: 'Connect again.' });
