import { EngineError, isUnreachable, toErrorData } from '../../protocol/errors.ts';
import type { EngineStatus, SourceInfo, SourceRef } from '../../protocol/index.ts';
import type { Pool } from '../pool.ts';
import type { ColumnStore } from '../store/column-store.ts';
import type { ActorSegments } from './actor-segments.ts';
import { canonicalJson } from './canonical-json.ts';
import { Mutex } from './mutex.ts';
import type { RequestScope } from './request-scope.ts';
import type { MemoryLimit } from './windows/memory-limit.ts';
import { openPreview, openSession } from './open-session.ts';
import type { SourceSession } from './source-session.ts';
import { createBudget, createImports, type ServerBudget } from '../source/postgres/session-link.ts';
import { giveBackOf, limitOf, PLACES, placesOf, serverOf } from '../connection/session-budget.ts';
import type { SourceHandle } from './tasks.ts';

export interface SourcesOptions {
  readonly pool: Pool;
  readonly dataDir: string;
  readonly scratchDir: string;
  readonly slices?: number | undefined;
  readonly kernels: boolean;
  /** false = derived columns are neither made nor used. */
  readonly derived: boolean;
  readonly keptAnswers: number;
  readonly memoryLimit: MemoryLimit | null;
  readonly actorSegments: ActorSegments;
  /** Where columns are kept for the next session; null = nowhere. */
  readonly store: ColumnStore | null;
  /** How many of the latest rows a preview shows; 0 = there are none. */
  readonly previewRows: number;
  /** Built entry of the thread that speaks to a server; undefined = the sources run unbuilt. */
  readonly sessionUrl: string | undefined;
  /** Threads for a preview. */
  readonly newPreviewPool: () => Pool;
}
export type Build = 'all' | 'asked' | 'preview';

/** The open sources of an engine, by id and by what was opened. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #sessions = new Map<string, SourceSession>();
  readonly #opening = new Mutex();
  readonly #budgets = new Map<string, ServerBudget>();
  #opened = 0;

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** A thread of the pool has ended, with its sessions. */
  forgetThread(threadId: number): void {
    for (const { held, places } of this.#budgets.values()) giveBackOf({ held, threadId }, places);
  }

  list(): readonly SourceInfo[] {
    return [...this.#sessions.values()].map((session) => session.info);
  }

  get connections(): EngineStatus['connections'] {
    return [...this.#sessions.values()].flatMap(({ handle: { sourceId, ref } }) => {
      if (ref.kind === 'sqlite') return [];
      const server = serverOf(ref.target);
      const places = placesOf(server);
      const [open, waiting] = [Atomics.load(places, PLACES.open), Atomics.load(places, PLACES.waiting)];
      return [{ sourceId, server, open, waiting, most: limitOf(ref.target) }];
    });
  }

  /** Throws E_USAGE for an id that is not open. */
  get(sourceId: string): SourceSession {
    const session = this.#sessions.get(sourceId);
    if (session === undefined)
      throw new EngineError('E_USAGE', 'This source is not open.', {
        hint: 'Open it first; an engine that was restarted has nothing open.',
      });
    return session;
  }

  /** The session of an unchanged source that is open already, else a new one. A changed one is opened anew beside the old. */
  open(
    ref: SourceRef,
    build: Build,
    scope: RequestScope,
    firstColumns: readonly string[] | null = null,
    password?: string,
  ): Promise<SourceSession> {
    return this.#opening.run(async () => {
      scope.throwIfStopped();
      const known = await this.#findUnchanged(ref, build);
      if (known !== null) return known;
      const preview = build === 'preview' ? await this.#openPreview(ref, scope) : null;
      return preview ?? this.#openWhole(ref, build === 'asked', scope, firstColumns, password);
    });
  }

  async #openWhole(
    ref: SourceRef,
    lazy: boolean,
    scope: RequestScope,
    firstColumns: readonly string[] | null,
    password: string | undefined,
  ): Promise<SourceSession> {
    const { pool, ...rest } = this.#options;
    const handle = await this.makeHandle(ref, password);
    try {
      const session = await openSession(
        { ...rest, pool, handle, ref, firstColumns },
        lazy,
        scope,
        this.#findLatest(ref),
      );
      this.#sessions.set(handle.sourceId, session);
      return session;
    } catch (error) {
      pool.closeSource(handle.sourceId);
      throw error;
    }
  }

  /** How threads find it. The connections to one server are counted together, whatever is open of it, and by whom. */
  async makeHandle(ref: SourceRef, password: string | undefined): Promise<SourceHandle> {
    const { scratchDir, sessionUrl } = this.#options;
    const handle = { sourceId: `s${++this.#opened}`, ref: await this.resolve(ref), scratchDir };
    if (ref.kind === 'sqlite') return handle;
    const target = canonicalJson(ref.target);
    const budget = this.#budgets.get(target) ?? createBudget(placesOf(serverOf(ref.target)));
    this.#budgets.set(target, budget);
    // Two that are opened at once each export a snapshot, and each waits for its own scans.
    return { ...handle, password, sessionUrl, budget: { ...budget, imports: createImports() } };
  }

  /** null = it is opened whole. */
  async #openPreview(ref: SourceRef, scope: RequestScope): Promise<SourceSession | null> {
    const { scratchDir, previewRows: latest, newPreviewPool, ...rest } = this.#options;
    if (latest === 0 || ref.kind !== 'sqlite' || ref.path === 'sample:') return null;
    const handle = { sourceId: `s${++this.#opened}`, ref, scratchDir, latest };
    const pool = newPreviewPool();
    let session: SourceSession | null = null;
    try {
      session = await openPreview({ ...rest, pool, handle, ref }, scope);
      if (session !== null) this.#sessions.set(handle.sourceId, session);
      return session;
    } finally {
      if (session === null) void pool.stop();
    }
  }

  /** The threads of previews; those of the engine are not ours. */
  async stop(): Promise<void> {
    const previews = [...this.#sessions.values()].filter((session) => session.partial !== null);
    await Promise.all(previews.map((session) => session.pool.stop()));
  }

  close(sourceId: string): void {
    this.get(sourceId).close();
    this.#sessions.delete(sourceId);
  }

  /** When all that sessions do behind everyone's back is done. */
  async settle(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.settle()));
  }

  /** Of the sessions of a source that is opened again, the one that knows most of its rows. */
  #findLatest(ref: SourceRef): SourceSession | null {
    const wanted = canonicalJson(ref);
    const known = [...this.#sessions.values()].filter((session) => canonicalJson(session.info.ref) === wanted);
    const knowing = known.filter((session) => session.mayGrow && session.segments.whole !== null);
    return known.findLast((session) => session.isSpoiled) ?? knowing.at(-1) ?? null;
  }

  /** `sample:` as the file it stands for, made when it is not there. */
  async resolve(ref: SourceRef): Promise<SourceRef> {
    if (ref.kind !== 'sqlite' || ref.path !== 'sample:') return ref;
    return { ...ref, path: await this.#options.pool.run('ensureSample', { dataDir: this.#options.dataDir }) };
  }

  async #findUnchanged(ref: SourceRef, build: Build): Promise<SourceSession | null> {
    const wanted = canonicalJson(ref);
    // A whole one before a preview, whichever was opened first.
    const sessions = [...this.#sessions.values()].toSorted(
      (a, b) => Number(a.partial !== null) - Number(b.partial !== null),
    );
    for (const session of sessions) {
      if (canonicalJson(session.info.ref) !== wanted || (session.partial !== null && build !== 'preview')) continue;
      const unchanged = await session.compareNow().then(() => true, orUnreachable);
      if (unchanged) return session;
    }
    return null;
  }
}

/** Who cannot reach a server now cannot open it anew either: said at once, not after a second attempt. */
function orUnreachable(thrown: unknown): false {
  if (isUnreachable(toErrorData(thrown).code)) throw thrown;
  return false;
}
