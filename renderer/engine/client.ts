import {
  EngineError,
  type ActorDifference,
  type ActorPage,
  type AnalysisDocument,
  type AnalysisOf,
  type AnalysisResult,
  type AnalysisType,
  type ConnectionDraft,
  type ConnectionTest,
  type Detail,
  type EngineApi,
  type EngineStatus,
  type Inspection,
  type LatestEvent,
  type OnProgress,
  type PlannedPartitions,
  type PostgresRef,
  type Progress,
  type PropertyValues,
  type Reply,
  type ResultByType,
  type SourceInfo,
  type SourceWatch,
  type SourceRef,
  type SqlText,
  type StoreMigrations,
  type Timeline,
  type Vocabulary,
} from '../../protocol/index.ts';
import { getChoice } from './compute-choice.ts';
import { beginActivity } from './activity.ts';
import { connection } from './connection.ts';
import { withPartitions } from './partitions.ts';
import { secretsOf } from './passwords.ts';

export interface CallOptions {
  /** Abort = cancel on the engine; the call then throws E_CANCELLED at once. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Default: the source that is open in this window. */
  readonly sourceId?: string | undefined;
}
export interface OpenOptions extends CallOptions {
  /** `preview`: of a large source only the latest rows at first, see the protocol. Default `all`. */
  readonly build?: 'all' | 'preview';
}
export interface RunOptions extends CallOptions {
  /** Default `full`. */
  readonly detail?: Detail;
  /** Asked many times a second: it is not told to the status bar, and has no progress. */
  readonly quiet?: boolean;
}

let currentSource: string | null = null;
/** Which source calls without `sourceId` mean. Set by the session store only. */
export function setCurrentSource(sourceId: string | null): void {
  currentSource = sourceId;
}
function sourceOf(options: CallOptions): string {
  const id = options.sourceId ?? currentSource;
  if (id === null) throw new EngineError('E_USAGE', 'No source is open.', { hint: 'Open a snapshot first.' });
  return id;
}

const cancelled = (): EngineError =>
  new EngineError('E_CANCELLED', 'Cancelled.', { hint: 'Run it again when you need it.' });
let nextRequest = 1;
const newRequestId = (): string => `w${Date.now().toString(36)}-${nextRequest++}`;
/** This window, to an engine that others use too: said from its first following on, for the first request is to be one that is known. */
let follows: { readonly follower?: string } = {};

async function unwrap<T>(reply: Promise<Reply<T>>): Promise<T> {
  const answer = await reply;
  if (answer.ok) return answer.value;
  throw EngineError.fromData(answer.error);
}

interface Call {
  readonly remote: EngineApi;
  readonly requestId: string;
  readonly onProgress: OnProgress;
}

/** Rejects when the signal aborts, and never otherwise. */
function abortOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(cancelled());
    else signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
  aborted.catch(() => undefined); // it may fire after the answer, when nobody listens any more
  return aborted;
}

/** A request without progress: cancelled by its signal. */
async function quietRequest<T>(
  options: CallOptions,
  send: (call: Omit<Call, 'onProgress'>) => Promise<Reply<T>>,
): Promise<T> {
  const requestId = newRequestId();
  const remote = connection.now ?? (await connection.ready());
  const { signal } = options;
  if (signal === undefined) return unwrap(send({ remote, requestId }));
  const aborted = abortOf(signal);
  if (signal.aborted) return aborted;
  signal.addEventListener('abort', () => void remote.cancel(requestId), { once: true });
  return Promise.race([unwrap(send({ remote, requestId })), aborted]);
}

/** One request: its own id, progress to the caller and the status bar, and cancel by signal. */
async function request<T>(label: string, options: CallOptions, send: (call: Call) => Promise<Reply<T>>): Promise<T> {
  const requestId = newRequestId();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const aborted = abortOf(signal);
  const activity = beginActivity({ requestId, label, cancel: () => stop.abort() });
  const onProgress = (progress: Progress): void => {
    if (!activity.isRunning()) return;
    activity.report(progress);
    options.onProgress?.(progress);
  };
  try {
    const remote = connection.now ?? (await Promise.race([connection.ready(), aborted]));
    signal.addEventListener('abort', () => void remote.cancel(requestId));
    return await Promise.race([unwrap(send({ remote, requestId, onProgress })), aborted]);
  } finally {
    activity.end();
  }
}

const plain = async <T>(send: (remote: EngineApi) => Promise<Reply<T>>): Promise<T> =>
  unwrap(send(await connection.ready()));

export interface ActorsQuery {
  readonly analysis: AnalysisDocument;
  readonly selection: unknown;
  readonly offset?: number;
  readonly limit?: number;
  readonly search?: string;
}
export interface TimelineQuery {
  readonly actor: string;
  readonly analysis?: AnalysisDocument;
  readonly offset?: number;
  readonly limit?: number;
}
export interface Side {
  readonly analysis: AnalysisDocument;
  readonly selection: unknown;
}

function run<T extends AnalysisType>(
  analysis: AnalysisOf<T> & { type: T },
  options?: RunOptions,
): Promise<ResultByType[T]>;
function run(analysis: AnalysisDocument, options?: RunOptions): Promise<AnalysisResult>;
function run(analysis: AnalysisDocument, options: RunOptions = {}): Promise<AnalysisResult> {
  const { detail = 'full', quiet = false } = options;
  const ask = ({ remote, requestId }: Pick<Call, 'remote' | 'requestId'>, onProgress?: OnProgress) =>
    remote.run(
      { requestId, sourceId: sourceOf(options), analysis, detail, ...getChoice(sourceOf(options)) },
      onProgress,
    );
  if (quiet) return quietRequest(options, (call) => ask(call));
  return request(`Computing ${analysis.type}`, options, (call) => ask(call, call.onProgress));
}

/** The engine as plain functions. Each throws `EngineError`. Times are ms since the epoch, UTC. */
export const engine = {
  status: (): Promise<EngineStatus> => plain((r) => r.status()),
  inspect: (ref: SourceRef, options: CallOptions = {}): Promise<Inspection> =>
    request('Looking at the source', options, async (c) =>
      c.remote.inspect({ requestId: c.requestId, ref, ...(await secretsOf(ref)) }, c.onProgress),
    ),
  readConnection: (text: string): Promise<ConnectionDraft> =>
    quietRequest({}, ({ remote, requestId }) => remote.readConnection({ requestId, text })),
  /** Without a password: that which is kept. */
  testConnection: (ref: PostgresRef, password: string | null, options: CallOptions = {}): Promise<ConnectionTest> =>
    quietRequest(options, async ({ remote, requestId }) =>
      remote.testConnection({ requestId, ref, ...(password === null ? await secretsOf(ref) : { password }) }),
    ),
  open: async (ref: SourceRef, { build = 'all', ...options }: OpenOptions = {}): Promise<SourceInfo> =>
    withPartitions(
      await request(
        build === 'all' ? 'Reading all rows' : 'Opening',
        options,
        async ({ remote, requestId, onProgress }) =>
          remote.open({ requestId, ref, build, compact: true, ...follows, ...(await secretsOf(ref)) }, onProgress),
      ),
    ),
  /** `open` of a source that is known, behind the user's back; with `follow` its answers stand until the next time. */
  follow: async (ref: SourceRef, follow: boolean, options: CallOptions = {}): Promise<SourceInfo> => {
    if (follows.follower === undefined) follows = { follower: crypto.randomUUID() };
    return withPartitions(
      await quietRequest(options, async ({ remote, requestId }) =>
        remote.open({ requestId, ref, follow, compact: true, ...follows, ...(await secretsOf(ref)) }),
      ),
    );
  },
  /** The newest events, newest first; with a journey, what they moved. */
  latest: (
    query: { readonly limit: number; readonly journey?: AnalysisDocument },
    options: CallOptions = {},
  ): Promise<readonly LatestEvent[]> =>
    quietRequest(options, ({ remote, requestId }) =>
      remote.latest({ requestId, sourceId: sourceOf(options), ...query }),
    ),
  close: (sourceId: string): Promise<null> => plain((r) => r.close(sourceId)),
  checkSource: (sourceId: string): Promise<null> => plain((r) => r.checkSource(sourceId)),
  /** Waits for a change, at most `waitMs`. */
  watch: (sourceId: string, waitMs: number): Promise<SourceWatch> =>
    quietRequest({}, ({ remote, requestId }) => remote.watch({ requestId, sourceId, waitMs })),
  /** Behind the user's back: what the store that is open lacks. */
  migrations: (sourceId: string): Promise<StoreMigrations> => plain((r) => r.migrations(sourceId)),
  vocabulary: (options: CallOptions = {}): Promise<Vocabulary> => plain((r) => r.vocabulary(sourceOf(options))),
  values: (query: { property: string; limit?: number }, options: CallOptions = {}): Promise<PropertyValues> =>
    request('Reading values', options, (c) =>
      c.remote.values({ requestId: c.requestId, sourceId: sourceOf(options), ...query }, c.onProgress),
    ),
  /** Behind the user's back: nothing heavy runs for it. */
  partitions: (analysis: AnalysisDocument, options: CallOptions = {}): Promise<PlannedPartitions> =>
    quietRequest(options, ({ remote, requestId }) =>
      remote.partitions({ requestId, sourceId: sourceOf(options), analysis, ...getChoice(sourceOf(options)) }),
    ),
  run,
  actors: (query: ActorsQuery, options: CallOptions = {}): Promise<ActorPage> =>
    request('Listing actors', options, (c) =>
      c.remote.actors({ requestId: c.requestId, sourceId: sourceOf(options), ...query }, c.onProgress),
    ),
  difference: (query: { a: Side; b: Side }, options: CallOptions = {}): Promise<ActorDifference> =>
    request('Comparing actors', options, (c) =>
      c.remote.difference({ requestId: c.requestId, sourceId: sourceOf(options), ...query }, c.onProgress),
    ),
  timeline: (query: TimelineQuery, options: CallOptions = {}): Promise<Timeline> =>
    request('Reading a timeline', options, (c) =>
      c.remote.timeline({ requestId: c.requestId, sourceId: sourceOf(options), ...query }),
    ),
  /** The statement that gives the same, in the source's own SQL. */
  sql: (query: { analysis: AnalysisDocument; selection?: unknown }, options: CallOptions = {}): Promise<SqlText> =>
    request('Writing SQL', options, (c) =>
      c.remote.sql({ requestId: c.requestId, sourceId: sourceOf(options), ...query }),
    ),
  /** CSV text. With `selection`: the actors behind a number, else the answer's own table. */
  csv: (
    query: { analysis: AnalysisDocument; selection?: unknown; spreadsheetSafe?: boolean },
    options: CallOptions = {},
  ): Promise<string> =>
    request('Writing CSV', options, (c) =>
      c.remote.csv({ requestId: c.requestId, sourceId: sourceOf(options), ...query }, c.onProgress),
    ),
} as const;
export type EngineClient = typeof engine;
