import { rmSync } from 'node:fs';
import os from 'node:os';
import {
  ActorsRequestSchema,
  CsvRequestSchema,
  DifferenceRequestSchema,
  OpenRequestSchema,
  RunRequestSchema,
  TimelineRequestSchema,
  ValuesRequestSchema,
  parseAnalysis,
  type EngineApi,
  type EngineStatus,
} from '../protocol/index.ts';
import { getActorDifference, getActorListCsv, getActorPage, getSelected } from './host/actors.ts';
import { getAnswerCsv } from './host/answer-csv.ts';
import { getAnswer, getPlan, prepare } from './host/answer.ts';
import { Requests } from './host/requests.ts';
import { makeScratchFolder } from './host/scratch.ts';
import { Sources } from './host/sources.ts';
import { getActorTimeline } from './host/timeline.ts';
import { getValues, getVocabulary } from './host/vocabulary.ts';
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
  /** Answers kept for each source; 0 for measuring. Default 64. */
  readonly keptAnswers?: number | undefined;
}
export type Engine = EngineApi & { stop(): Promise<void> };

/**
 * Start here. The engine: opens sources, plans, fans work out to threads, merges, caches. The way of a question:
 * `run` → host/answer.ts (prepare: moments, hours, columns) → host/segment-set.ts (build what is missing, in threads)
 * → compute modules on actor ranges, in threads → merge → envelope. Nothing here reads an event.
 */
export function createEngine(options: EngineOptions): Engine {
  const scratchDir = makeScratchFolder(options.dataDir);
  const pool = new Pool({ threads: options.threads ?? os.availableParallelism(), threadUrl: options.threadUrl });
  const sources = new Sources({
    pool,
    dataDir: options.dataDir,
    scratchDir,
    slices: options.slices,
    kernels: options.kernels ?? true,
    derived: options.derived ?? true,
    keptAnswers: options.keptAnswers ?? 64,
  });
  const requests = new Requests();

  const getStatus = (): EngineStatus => {
    const list = sources.list();
    const segmentBytes = list.reduce((sum, source) => sum + source.memoryBytes, 0);
    return {
      version: options.version ?? '0',
      pid: process.pid,
      threads: pool.size,
      memoryBytes: process.memoryUsage.rss(),
      segmentBytes,
      sources: list,
      running: requests.ids,
    };
  };

  return {
    status: () => requests.runInternal('status', () => Promise.resolve(getStatus())),

    inspect: (input, onProgress) =>
      requests.run(OpenRequestSchema, input, onProgress, async ({ ref }, scope) => {
        const resolved = await sources.resolve(ref);
        scope.begin('inspect', 'rows', null);
        return pool.run('inspect', { ref: resolved, scratchDir }, { control: scope.control });
      }),

    open: (input, onProgress) =>
      requests.run(
        OpenRequestSchema,
        input,
        onProgress,
        async ({ ref, build }, scope) => (await sources.open(ref, build === 'asked', scope)).info,
      ),

    close: (sourceId) =>
      requests.runInternal('close', () => {
        sources.close(sourceId);
        return Promise.resolve(null);
      }),

    checkSource: (sourceId) =>
      requests.runInternal('checkSource', async () => {
        await sources.get(sourceId).checkUnchanged();
        return null;
      }),

    vocabulary: (sourceId) =>
      requests.runInternal('vocabulary', (scope) => getVocabulary(sources.get(sourceId), scope)),

    values: (input, onProgress) =>
      requests.run(ValuesRequestSchema, input, onProgress, ({ sourceId, property, limit }, scope) =>
        getValues(sources.get(sourceId), property, limit, scope),
      ),

    plan: (input) =>
      requests.run(RunRequestSchema, input, undefined, ({ sourceId, analysis }) => {
        const session = sources.get(sourceId);
        return Promise.resolve(getPlan(session, prepare(session, parseAnalysis(analysis))));
      }),

    run: (input, onProgress) =>
      requests.run(
        RunRequestSchema,
        input,
        onProgress,
        async ({ sourceId, analysis, detail }, scope) =>
          (await getAnswer(sources.get(sourceId), parseAnalysis(analysis), scope, detail)).result,
      ),

    actors: (input, onProgress) =>
      requests.run(ActorsRequestSchema, input, onProgress, async (request, scope) => {
        const session = sources.get(request.sourceId);
        const answer = await getAnswer(session, parseAnalysis(request.analysis), scope);
        const selected = await getSelected(session, answer, request.selection, scope);
        return getActorPage(session, answer, selected, request, scope);
      }),

    difference: (input, onProgress) =>
      requests.run(DifferenceRequestSchema, input, onProgress, async ({ sourceId, a, b }, scope) => {
        const session = sources.get(sourceId);
        const answerA = await getAnswer(session, parseAnalysis(a.analysis), scope);
        const answerB = await getAnswer(session, parseAnalysis(b.analysis), scope);
        const sideA = { answer: answerA, selected: await getSelected(session, answerA, a.selection, scope) };
        const sideB = { answer: answerB, selected: await getSelected(session, answerB, b.selection, scope) };
        return getActorDifference(session, sideA, sideB, scope);
      }),

    timeline: (input) =>
      requests.run(TimelineRequestSchema, input, undefined, ({ sourceId, actor, analysis, offset, limit }, scope) =>
        getActorTimeline(
          sources.get(sourceId),
          {
            actor,
            analysis: analysis === undefined || analysis === null ? null : parseAnalysis(analysis),
            offset,
            limit,
          },
          scope,
        ),
      ),

    csv: (input, onProgress) =>
      requests.run(
        CsvRequestSchema,
        input,
        onProgress,
        async ({ sourceId, analysis, selection, spreadsheetSafe, table }, scope) => {
          const session = sources.get(sourceId);
          const answer = await getAnswer(session, parseAnalysis(analysis), scope);
          if (selection === undefined) return getAnswerCsv(answer.result, table, spreadsheetSafe);
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

    stop: async () => {
      requests.cancelAll();
      await pool.stop();
      rmSync(scratchDir, { recursive: true, force: true });
    },
  };
}
