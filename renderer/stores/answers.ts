import { useEffect, useMemo } from 'react';
import { create } from 'zustand';
import {
  toErrorData,
  type Analysis,
  type AnalysisOf,
  type AnalysisResult,
  type AnalysisType,
  type ErrorData,
  type Progress,
  type ResultByType,
} from '../../protocol/index.ts';
import { engine } from '../engine/client.ts';
import { useActivity } from './activity.ts';
import { AnswerCache } from './answer-cache.ts';
import { effectiveAnalysis } from './effective-analysis.ts';
import { useSession } from './session.ts';
import { useWorkspace } from './workspace.ts';

export { effectiveAnalysis } from './effective-analysis.ts';

export interface Answer<R> {
  readonly status: 'idle' | 'loading' | 'ready' | 'error';
  /** The newest answer, possibly of an older question (`stale`). */
  readonly result: R | null;
  /** `result` does not answer what is asked now: show it dimmed. */
  readonly stale: boolean;
  /** Set only when it takes longer than 500 ms. */
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  readonly retry: () => void;
  readonly cancel: () => void;
}

interface Entry {
  readonly status: Answer<unknown>['status'];
  readonly result: AnalysisResult | null;
  /** What `result` answers; what is asked. */
  readonly resultOf: string | null;
  readonly asked: string | null;
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
}
const IDLE: Entry = { status: 'idle', result: null, resultOf: null, asked: null, progress: null, error: null };

/** A burst of changes (a drag) asks once it pauses for this long, and at least every `MAX_WAIT_MS`. */
export const DEBOUNCE_MS = 80;
const MAX_WAIT_MS = 400;
const PROGRESS_AFTER_MS = 500;

const useEntries = create<{ readonly byKey: Readonly<Record<string, Entry>> }>()(() => ({ byKey: {} }));
const entryOf = (key: string): Entry => useEntries.getState().byKey[key] ?? IDLE;
const patch = (key: string, part: Partial<Entry>): void =>
  useEntries.setState((s) => ({ byKey: { ...s.byKey, [key]: { ...(s.byKey[key] ?? IDLE), ...part } } }));

const cache = new AnswerCache<AnalysisResult>(60);

interface Job {
  readonly abort: AbortController;
  readonly timer: ReturnType<typeof setTimeout> | null;
  readonly since: number;
}
const jobs = new Map<string, Job>();
function stopJob(key: string): void {
  const job = jobs.get(key);
  if (job !== undefined && job.timer !== null) clearTimeout(job.timer);
  job?.abort.abort();
  jobs.delete(key);
}

function show(key: string, question: string, result: AnalysisResult, cached: boolean): void {
  patch(key, { status: 'ready', result, resultOf: question, asked: question, progress: null, error: null });
  useActivity
    .getState()
    .setLastAnswer({ timing: result.timing, rowsRead: result.plan.rowsRead, threads: result.plan.threads, cached });
}

async function runNow(key: string, question: string, analysis: Analysis, abort: AbortController): Promise<void> {
  const startedAt = performance.now();
  try {
    const onProgress = (progress: Progress): void => {
      if (!abort.signal.aborted && performance.now() - startedAt > PROGRESS_AFTER_MS) patch(key, { progress });
    };
    const result = await engine.run(analysis, { signal: abort.signal, onProgress });
    cache.set(question, result);
    if (!abort.signal.aborted) show(key, question, result, false);
  } catch (thrown) {
    if (abort.signal.aborted) return; // a newer question, or the user's cancel, has said what to show
    settleFailure(key, toErrorData(thrown));
  } finally {
    if (jobs.get(key)?.abort === abort) jobs.delete(key);
  }
}

function settleFailure(key: string, error: ErrorData): void {
  if (error.code === 'E_CANCELLED') {
    patch(key, { status: entryOf(key).result === null ? 'idle' : 'ready', progress: null });
    return;
  }
  if (error.code === 'E_ENGINE_LOST') {
    // The window says so once; the question is asked again when the engine is back.
    patch(key, { status: 'loading', progress: null });
    return;
  }
  if (error.code === 'E_SOURCE_CHANGED') useSession.getState().markChanged();
  patch(key, { status: 'error', progress: null, error });
}

/** Asks `question` under `key`; whatever was asked there before is cancelled. */
function ask(key: string, question: string, analysis: Analysis, wait: number): void {
  const waiting = jobs.get(key);
  const since = waiting === undefined || waiting.timer === null ? performance.now() : waiting.since;
  stopJob(key);
  const known = cache.get(question);
  if (known !== undefined) {
    show(key, question, known, true);
    return;
  }
  patch(key, { status: 'loading', asked: question, progress: null, error: null });
  const abort = new AbortController();
  const start = (): void => {
    jobs.set(key, { abort, timer: null, since });
    void runNow(key, question, analysis, abort);
  };
  if (wait === 0 || performance.now() - since > MAX_WAIT_MS) start();
  else jobs.set(key, { abort, timer: setTimeout(start, wait), since });
}

/** Forget everything: another source was opened, or the same file anew. */
export function clearAnswers(): void {
  cache.clear();
  for (const key of jobs.keys()) stopJob(key);
  useEntries.setState({ byKey: {} });
}

/** Ask all questions again that are on the screen (after the engine came back); answers stay visible as stale. */
export const useAskAgain = create<{ readonly round: number; readonly askAgain: () => void }>()((set, get) => ({
  round: 0,
  askAgain: () => {
    cache.clear();
    set({ round: get().round + 1 });
  },
}));

/**
 * The answer to `analysis` (null = nothing is asked), with the workspace's frame filled in. The latest question under a
 * key wins; the answer before stays visible as stale. Leaving the screen cancels; coming back shows what is known.
 */
export function useAnswer<T extends AnalysisType>(
  key: string,
  analysis: (AnalysisOf<T> & { type: T }) | null,
): Answer<ResultByType[T]> {
  const entry = useEntries((s) => s.byKey[key]) ?? IDLE;
  const frame = useWorkspace((s) => s.document);
  const sourceId = useSession((s) => s.source?.sourceId ?? null);
  const round = useAskAgain((s) => s.round);
  const { timezone, range, asOf, knownAt } = frame;
  const effective = useMemo(
    () => (analysis === null ? null : effectiveAnalysis<Analysis>(analysis, { timezone, range, asOf, knownAt })),
    [analysis, timezone, range, asOf, knownAt],
  );
  const question = effective === null || sourceId === null ? null : `${sourceId}:${round}:${JSON.stringify(effective)}`;

  useEffect(() => {
    if (question === null || effective === null) return;
    if (entryOf(key).resultOf === question)
      patch(key, { status: 'ready', asked: question, error: null, progress: null });
    // Two parts of a view may show the same answer: it is asked once.
    else if (!jobs.has(key) || entryOf(key).asked !== question)
      ask(key, question, effective, entryOf(key).result === null ? 0 : DEBOUNCE_MS);
    // oxlint-disable-next-line react/exhaustive-deps -- `question` is `effective` as text.
  }, [key, question]);
  useEffect(() => () => leave(key), [key]);

  return useMemo(
    () => ({
      status: question === null ? 'idle' : entry.asked === question ? entry.status : 'loading',
      result: entry.result as ResultByType[T] | null,
      stale: entry.result !== null && entry.resultOf !== question,
      progress: entry.progress,
      error: entry.asked === question ? entry.error : null,
      retry: () => {
        if (question !== null && effective !== null) ask(key, question, effective, 0);
      },
      cancel: () => {
        stopJob(key);
        patch(key, { status: entryOf(key).result === null ? 'idle' : 'ready', progress: null });
      },
    }),
    // oxlint-disable-next-line react/exhaustive-deps -- `question` is `effective` as text.
    [key, entry, question],
  );
}

function leave(key: string): void {
  if (!jobs.has(key)) return;
  stopJob(key);
  patch(key, { status: 'idle', asked: null, progress: null });
}
