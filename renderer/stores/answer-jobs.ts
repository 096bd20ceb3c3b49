import { toErrorData, type AnalysisResult, type Detail, type ErrorData, type Progress } from '../../protocol/index.ts';
import { engine } from '../engine/client.ts';
import { AnswerCache } from './answer-cache.ts';
import { dropWaiting, entryOf, patch, show, showInFrame, type Question } from './answer-entries.ts';
import { useSession } from './session.ts';

/** A burst of changes asks once it pauses for this long, and at least every `MAX_WAIT_MS`. */
export const DEBOUNCE_MS = 80;
const MAX_WAIT_MS = 400;
const PROGRESS_AFTER_MS = 500;
/** While a hand moves, what is on the screen is dimmed when no answer came for this long. */
const PATIENCE_MS = 300;

const cache = new AnswerCache<AnalysisResult>(60);
const cacheKey = (detail: Detail, { text }: Question): string => `${detail} ${text}`;

interface Job {
  readonly abort: AbortController;
  readonly question: Question;
  readonly timer: ReturnType<typeof setTimeout> | null;
  readonly since: number;
}
const jobs = new Map<string, Job>();
/** The question under way or waiting under a key. */
export const getAsked = (key: string): Question | null => jobs.get(key)?.question ?? null;

/** Whatever comes for it now is not shown. */
export function stopJob(key: string): void {
  const job = jobs.get(key);
  if (job !== undefined && job.timer !== null) clearTimeout(job.timer);
  job?.abort.abort();
  jobs.delete(key);
  const live = liveJobs.get(key);
  if (live !== undefined) clearTimeout(live.patience);
  live?.abort.abort();
  liveJobs.delete(key);
  dropWaiting(key);
}
export function stopAll(): void {
  for (const key of [...jobs.keys(), ...liveJobs.keys()]) stopJob(key);
  cache.clear();
}
export const forgetAnswers = (): void => cache.clear();

/**
 * Asks under `key` for everything; whatever was asked there before is cancelled. `first`: with `counts`, and where nothing
 * is shown yet, for those first: they are there sooner, and what they need is there for a hand that moves.
 */
export function ask(key: string, question: Question, wait: number, first: Detail = 'full'): void {
  const before = jobs.get(key);
  const since = before === undefined || before.timer === null ? performance.now() : before.since;
  stopJob(key);
  const known = cache.get(cacheKey('full', question));
  if (known !== undefined) return show(key, { question, result: known, detail: 'full' }, true);
  patch(key, { status: 'loading', asked: question, progress: null, error: null });
  const abort = new AbortController();
  const start = (): void => {
    jobs.set(key, { abort, question, timer: null, since });
    void runNow(key, question, abort, first);
  };
  if (wait === 0 || performance.now() - since > MAX_WAIT_MS) start();
  else jobs.set(key, { abort, question, timer: setTimeout(start, wait), since });
}

async function runNow(key: string, question: Question, abort: AbortController, first: Detail): Promise<void> {
  let progress: Progress | null = null;
  /** From counts: what is still computed is told in the status bar, and not over the picture. */
  let isDrawn = false;
  const isLong = (): boolean => performance.now() - startedAt >= PROGRESS_AFTER_MS;
  const tell = (): void => {
    if (!abort.signal.aborted && !isDrawn && progress !== null && isLong()) patch(key, { progress });
  };
  const startedAt = performance.now();
  // What computes on a server tells how it begins, and then nothing until it is done.
  const timer = setTimeout(tell, PROGRESS_AFTER_MS);
  try {
    const onProgress = (latest: Progress): void => {
      progress = latest;
      tell();
    };
    const options = { signal: abort.signal, onProgress };
    if (first === 'counts' && entryOf(key).shown === null) {
      const result = await engine.run(question.analysis, { ...options, detail: first });
      isDrawn = true;
      if (!abort.signal.aborted) patch(key, { shown: { question, result, detail: first }, progress: null });
    }
    const result = await engine.run(question.analysis, options);
    cache.set(cacheKey('full', question), result);
    if (!abort.signal.aborted) show(key, { question, result, detail: 'full' }, false);
  } catch (thrown) {
    if (abort.signal.aborted) return; // a newer question, or the user's cancel, has said what to show
    settleFailure(key, toErrorData(thrown));
  } finally {
    clearTimeout(timer);
    if (jobs.get(key)?.abort === abort) jobs.delete(key);
  }
}

function settleFailure(key: string, error: ErrorData): void {
  if (error.code === 'E_CANCELLED') {
    patch(key, { status: entryOf(key).shown === null ? 'idle' : 'ready', progress: null });
    return;
  }
  if (error.code === 'E_ENGINE_LOST') {
    // The window says so once; the question is asked again when the engine is back.
    patch(key, { status: 'loading', progress: null });
    return;
  }
  if (error.code === 'E_SOURCE_CHANGED') useSession.getState().markChanged();
  if (error.code === 'E_NEEDS_CONFIRMATION') void planFor(key, error);
  patch(key, { status: 'error', progress: null, error, planned: null });
}

/** What a yes would mean. Where that cannot be told, the error says enough. */
async function planFor(key: string, error: ErrorData): Promise<void> {
  const { asked } = entryOf(key);
  if (asked === null) return;
  const planned = await engine.partitions(asked.analysis).catch(() => null);
  if (entryOf(key).error === error) patch(key, { planned });
}

/** While a hand moves: at most one question under way, and the newest of those that came meanwhile. */
interface LiveJob {
  readonly abort: AbortController;
  readonly detail: Detail;
  readonly patience: ReturnType<typeof setTimeout>;
  next: Question | null;
}
const liveJobs = new Map<string, LiveJob>();

/** Asks under `key` without cancelling what is under way there: its answer is drawn on the way to the newest. */
export function askLive(key: string, question: Question, detail: Detail): void {
  const running = liveJobs.get(key);
  const full = cache.get(cacheKey('full', question));
  const result = full ?? cache.get(cacheKey(detail, question));
  if (result !== undefined) {
    if (running !== undefined) running.next = null;
    showInFrame(key, { question, result, detail: full === undefined ? detail : 'full' });
  } else if (running !== undefined) running.next = question;
  else {
    stopJob(key); // a full answer to where the hand was before
    startLive(key, question, detail);
  }
}

function startLive(key: string, question: Question, detail: Detail): void {
  const abort = new AbortController();
  const patience = setTimeout(() => {
    const newest = liveJobs.get(key)?.next ?? question;
    patch(key, { status: 'loading', asked: newest, error: null });
  }, PATIENCE_MS);
  liveJobs.set(key, { abort, detail, patience, next: null });
  void runLive(key, question, detail, abort);
}

async function runLive(key: string, question: Question, detail: Detail, abort: AbortController): Promise<void> {
  try {
    const result = await engine.run(question.analysis, { signal: abort.signal, detail, quiet: true });
    cache.set(cacheKey(detail, question), result);
    if (!abort.signal.aborted) showInFrame(key, { question, result, detail });
  } catch (thrown) {
    if (!abort.signal.aborted) settleFailure(key, toErrorData(thrown));
  }
  if (abort.signal.aborted) return;
  const job = liveJobs.get(key);
  clearTimeout(job?.patience);
  liveJobs.delete(key);
  // The engine works on the next one while this one is drawn.
  if (job !== undefined && job.next !== null) startLive(key, job.next, detail);
}
