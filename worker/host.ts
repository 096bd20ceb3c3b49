import { rmSync } from 'node:fs';
import os from 'node:os';
import { EngineError } from '../protocol/errors.ts';
import type { Analysis, EngineApi, EngineStatus } from '../protocol/index.ts';
import { getActorDifference, getActorListCsv, getActorPage, getSelected } from './host/actors.ts';
import { getAnswer, getFirstColumns, getWholeAnswer } from './host/answer.ts';
import { readDraft, testServer } from './host/connections.ts';
import { ActorSegments } from './host/actor-segments.ts';
import { Checks } from './host/checks.ts';
import { planAnalysis, planReading, runByWay } from './host/compute-way.ts';
import { Requests } from './host/requests.ts';
import { makeScratchFolder } from './host/scratch.ts';
import { Sources } from './host/sources.ts';
import { getMemoryLimit } from './host/windows/memory-limit.ts';
import { openStore } from './host/open-store.ts';
import { getLatest } from './host/latest.ts';
import { getActorTimeline } from './host/timeline.ts';
import { getValues, getVocabulary } from './host/vocabulary.ts';
import { SourceWatches } from './host/watch-source.ts';
import { Pool } from './pool.ts';

export interface EngineOptions {
  /** Folder for the bundled sample and private copies. */
  readonly dataDir: string;
  /** Default: one a core. */
  readonly threads?: number | undefined;
  /** Entry of a worker thread, where a bundle moved it. */
  readonly threadUrl?: URL | undefined;
  readonly version?: string | undefined;
  /** Into how many slices a scan is cut; default by threads. */
  readonly slices?: number | undefined;
  /** false = everything is computed by the TypeScript twins of the WebAssembly kernels: the same answers, slower. Default true. */
  readonly kernels?: boolean | undefined;
  /** false = no derived columns (first occurrences, counters): every question scans. For measuring. Default true. */
  readonly derived?: boolean | undefined;
  /** Most bytes of columns kept in `dataDir` for the next session, of all sources together; 0 = none. Default 20 GB, or TRIBUTARY_CACHE_BYTES. */
  readonly cacheBytes?: number | undefined;
  /**
   * Most bytes the process is to take: sources that need more are built and answered piece by piece. Default: no limit, or
   * TRIBUTARY_MEMORY_LIMIT (a number, or one with KB, MB, GB).
   */
  readonly memoryLimitBytes?: number | undefined;
  /** Cuts every source into so many pieces, as if it were larger than memory. For tests. */
  readonly pieces?: number | undefined;
  /** Told once of what does not work and can be done without. Default: a warning of the process. */
  readonly onProblem?: ((message: string) => void) | undefined;
  /** Answers kept for each source; 0 for measuring. Default 64. */
  readonly keptAnswers?: number | undefined;
  /** How many of the latest rows `build: 'preview'` shows of a source with many times more; 0 = every source is opened whole. Default 500,000, or TRIBUTARY_PREVIEW_ROWS. */
  readonly previewRows?: number | undefined;
}
export type Engine = EngineApi & {
  /** Ends its threads, and waits until what is being kept for the next session is written. */
  stop(): Promise<void>;
};
/** In this process, where more can be asked than carriers carry. */
export type LocalEngine = Engine & {
  /** What a document says, with its defaults filled in. Throws E_BAD_QUERY. */
  checkAnalysis(document: unknown): Promise<Analysis>;
  /** When all is done that is done behind everyone's back: source rows compared, columns kept. */
  settle(): Promise<void>;
};

/**
 * Start here. The engine: opens sources, plans, fans work out to threads, merges, caches. The way of a question:
 * `run` → host/answer.ts (prepare: moments, hours, columns) → host/segment-set.ts (build what is missing, in threads)
 * → compute modules on actor ranges, in threads → merge → envelope. Nothing here reads an event.
 */
export function createEngine(options: EngineOptions): LocalEngine {
  const scratchDir = makeScratchFolder(options.dataDir);
  const threads = options.threads ?? os.availableParallelism();
  const pool = new Pool({ threads, threadUrl: options.threadUrl, onGone: (id) => sources.forgetThread(id) });
  const store = openStore(options);
  const memoryLimit = getMemoryLimit(options.memoryLimitBytes, options.pieces);
  const actorSegments = new ActorSegments(pool, options.dataDir);
  const sources = new Sources({
    pool,
    actorSegments,
    dataDir: options.dataDir,
    scratchDir,
    slices: options.slices,
    kernels: options.kernels ?? true,
    derived: options.derived ?? true,
    keptAnswers: options.keptAnswers ?? 64,
    store,
    memoryLimit,
    sessionUrl: options.threadUrl && new URL('./postgres-session.js', options.threadUrl).href,
    previewRows: getPreviewRows(options.previewRows),
    newPreviewPool: () => new Pool({ threads: Math.min(threads, PREVIEW_THREADS), threadUrl: options.threadUrl }),
  });
  const checks = new Checks(options.dataDir, () => pool.warmUp());
  const requests = new Requests(checks);
  const readAnalysis = async (document: unknown): Promise<Analysis> =>
    actorSegments.load(await checks.analysis(document));
  const watches = new SourceWatches();

  const getStatus = (): EngineStatus => {
    const list = sources.list();
    const segmentBytes = list.reduce((sum, source) => sum + source.memoryBytes, 0);
    return {
      version: options.version ?? '0',
      pid: process.pid,
      threads: pool.size,
      memoryBytes: process.memoryUsage.rss(),
      memoryLimitBytes: memoryLimit === null || !Number.isFinite(memoryLimit.bytes) ? null : memoryLimit.bytes,
      segmentBytes,
      sources: list.map(({ partitions: _partitions, ...source }) => source),
      connections: sources.connections,
      running: requests.ids,
    };
  };

  const getColumns = async (first: unknown): Promise<readonly string[] | null> =>
    first === undefined || first === null ? null : getFirstColumns(await checks.analysis(first));

  return {
    status: () => requests.runInternal('status', () => Promise.resolve(getStatus())),

    inspect: (input, onProgress) =>
      requests.run('open', input, onProgress, async ({ ref, password }, scope) => {
        const handle = await sources.makeHandle(ref, password);
        scope.begin('inspect', 'rows', null);
        return pool.run('inspect', handle, { control: scope.control });
      }),

    readConnection: (input) => requests.run('draft', input, undefined, ({ text }) => readDraft(text)),

    testConnection: (input) =>
      requests.run('connection', input, undefined, ({ ref, password }) => testServer(ref, password)),

    open: (input, onProgress) =>
      requests.run(
        'open',
        input,
        onProgress,
        async ({ ref, build, first, follow, follower, password, compact }, scope) => {
          const session = await sources.open(ref, build, scope, await getColumns(first), password);
          session.followers[follow ? 'add' : 'delete'](follower);
          return compact ? session.compactInfo : session.info;
        },
      ),

    close: (sourceId) =>
      requests.runInternal('close', () => {
        sources.close(sourceId);
        return Promise.resolve(null);
      }),

    checkSource: (sourceId) =>
      requests.runInternal('checkSource', async () => {
        await sources.get(sourceId).compareNow();
        return null;
      }),

    watch: (input) =>
      requests.run('watch', input, undefined, ({ sourceId, waitMs }, scope) =>
        watches.watch(sources.get(sourceId), waitMs, scope),
      ),

    migrations: (sourceId) =>
      requests.runInternal('migrations', ({ control }) =>
        pool.run('migrations', sources.get(sourceId).handle, { control, home: sourceId }),
      ),

    vocabulary: (sourceId) =>
      requests.runInternal('vocabulary', (scope) => getVocabulary(sources.get(sourceId), scope)),

    values: (input, onProgress) =>
      requests.run('values', input, onProgress, ({ sourceId, property, limit }, scope) =>
        getValues(sources.get(sourceId), property, limit, scope),
      ),

    plan: (input) =>
      requests.run('run', input, undefined, async ({ sourceId, analysis, ...asked }, scope) =>
        planAnalysis(sources.get(sourceId), await readAnalysis(analysis), asked, scope),
      ),

    partitions: (input) =>
      requests.run('run', input, undefined, async ({ sourceId, analysis, ...asked }, scope) =>
        planReading(sources.get(sourceId), await readAnalysis(analysis), asked, scope),
      ),

    run: (input, onProgress) =>
      requests.run('run', input, onProgress, async ({ sourceId, analysis, detail, ...asked }, scope) => {
        if (detail === 'counts') requests.askForRoom();
        return runByWay(sources.get(sourceId), await readAnalysis(analysis), { ...asked, detail }, scope);
      }),

    actors: (input, onProgress) =>
      requests.run('actors', input, onProgress, async (request, scope) => {
        const session = sources.get(request.sourceId);
        const answer = await getWholeAnswer(session, await readAnalysis(request.analysis), scope);
        const selected = await getSelected(session, answer, request.selection, scope);
        return getActorPage(session, answer, selected, request, scope);
      }),

    difference: (input, onProgress) =>
      requests.run('difference', input, onProgress, async ({ sourceId, a, b }, scope) => {
        const session = sources.get(sourceId);
        const answerA = await getWholeAnswer(session, await readAnalysis(a.analysis), scope);
        const answerB = await getWholeAnswer(session, await readAnalysis(b.analysis), scope);
        const sideA = { answer: answerA, selected: await getSelected(session, answerA, a.selection, scope) };
        const sideB = { answer: answerB, selected: await getSelected(session, answerB, b.selection, scope) };
        return getActorDifference(session, sideA, sideB, scope);
      }),

    timeline: (input) =>
      requests.run('timeline', input, undefined, async ({ sourceId, actor, analysis, offset, limit }, scope) =>
        getActorTimeline(
          sources.get(sourceId),
          {
            actor,
            analysis: analysis === undefined || analysis === null ? null : await readAnalysis(analysis),
            offset,
            limit,
          },
          scope,
        ),
      ),

    latest: (input) =>
      requests.run('latest', input, undefined, async ({ sourceId, limit, journey }, scope) =>
        getLatest(
          sources.get(sourceId),
          { limit, journey: journey === undefined || journey === null ? null : await readAnalysis(journey) },
          scope,
        ),
      ),

    sql: (input) =>
      requests.run('sql', input, undefined, async ({ sourceId, analysis, selection, dialect }, scope) => {
        const { getSqlText } = await import('./host/sql-text.ts');
        return getSqlText(sources.get(sourceId), { analysis: await readAnalysis(analysis), selection, dialect }, scope);
      }),

    csv: (input, onProgress) =>
      requests.run(
        'csv',
        input,
        onProgress,
        async ({ sourceId, analysis, selection, spreadsheetSafe, table }, scope) => {
          const session = sources.get(sourceId);
          if (session.partial !== null) throw notInFiles();
          const query = await readAnalysis(analysis);
          const { getAnswerCsv } = await import('./host/answer-csv.ts');
          if (selection === undefined)
            return getAnswerCsv((await getAnswer(session, query, scope)).result, table, spreadsheetSafe);
          const answer = await getWholeAnswer(session, query, scope);
          return getActorListCsv(
            session,
            answer,
            await getSelected(session, answer, selection, scope),
            spreadsheetSafe,
            scope,
          );
        },
      ),

    cancel: (requestId) => Promise.resolve({ ok: true, value: requests.cancel(requestId) }),

    checkAnalysis: (document) => checks.analysis(document),

    settle: async () => {
      await sources.settle();
      await store?.settle();
    },

    stop: async () => {
      requests.cancelAll();
      watches.stop();
      await Promise.all([pool.stop(), sources.stop()]);
      await store?.settle();
      rmSync(scratchDir, { recursive: true, force: true });
    },
  };
}

/** Beside those that read the whole. */
const PREVIEW_THREADS = 2;
const PREVIEW_ROWS = 500_000;

/** What is not a number of rows counts as not said. */
function getPreviewRows(asked: number | undefined, env = process.env['TRIBUTARY_PREVIEW_ROWS']): number {
  const said = asked ?? (env === undefined || env === '' ? Number.NaN : Number(env));
  return said >= 0 ? Math.floor(said) : PREVIEW_ROWS;
}

const notInFiles = (): EngineError =>
  new EngineError('E_UNSUPPORTED', 'Only the latest rows of this source were read so far, so nothing is written.', {
    hint: 'Export when all rows are read.',
  });

export { clearCache, listCache, verifyCache, type CacheDamage, type CacheEntry } from './host/cache.ts';
