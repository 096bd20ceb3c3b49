import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { create } from 'zustand';
import { useShallow } from 'zustand/shallow';
import {
  getAddress,
  type Analysis,
  type AnalysisOf,
  type AnalysisType,
  type Detail,
  type ErrorData,
  type PlannedPartitions,
  type Progress,
  type ResultByType,
  type SourceInfo,
  type View,
} from '../../protocol/index.ts';
import {
  clearEntries,
  dropPartial,
  entryOf,
  IDLE,
  patch,
  showWaiting,
  useEntries,
  type Entry,
  type Question,
} from './answer-entries.ts';
import { ask, askLive, DEBOUNCE_MS, forgetAnswers, getAsked, stopAll, stopJob } from './answer-jobs.ts';
import { effectiveAnalysis } from './effective-analysis.ts';
import { computeChoice } from '../engine/compute-choice.ts';
import { getFrame, isSameFrame, type Frame } from './frame.ts';
import { getMovedAt, isMoving, useHand } from './hand.ts';
import { useSession } from './session.ts';
import { useWorkspace } from './workspace.ts';

export { effectiveAnalysis } from './effective-analysis.ts';

export interface Answer<T extends AnalysisType> {
  readonly status: 'idle' | 'loading' | 'ready' | 'error';
  /** The newest answer, possibly of an older question (`stale`). */
  readonly result: ResultByType[T] | null;
  /** What `result` answers, frame included: lists behind its numbers are asked with this. */
  readonly of: AnalysisOf<T> | null;
  /** `result` does not answer what is asked now: show it dimmed. */
  readonly stale: boolean;
  /** Which move of the hand `result` follows: the event's `timeStamp`; 0 = none. */
  readonly move: number;
  /** Set only when it takes longer than 500 ms. */
  readonly progress: Progress | null;
  readonly error: ErrorData | null;
  /** With E_NEEDS_CONFIRMATION: what would be read, once it is known. */
  readonly planned: PlannedPartitions | null;
  readonly retry: () => void;
  readonly cancel: () => void;
}
export interface AnswerOptions {
  /** What is asked while a hand moves the frame: `counts` where the picture needs no times, `rest` = nothing. Default `full`. */
  readonly moving?: Detail | 'rest';
  /**
   * `counts`: where nothing is shown yet, the picture is drawn from counts, which are there sooner, and then from all of it.
   * Not of servers: that would be a statement more. Default `full`.
   */
  readonly first?: Detail;
}

/** What the views on the screen ask, by key. Two parts of a view may ask the same: it is asked once. */
interface Watched {
  analysis: Analysis | null;
  own: string;
  moving: Detail | 'rest';
  first: Detail;
  users: number;
}
const watched = new Map<string, Watched>();

function getQuestion({ analysis, own }: Pick<Watched, 'analysis' | 'own'>, frame = getFrame()): Question | null {
  const sourceId = useSession.getState().source?.sourceId;
  if (analysis === null || sourceId === undefined) return null;
  const effective = effectiveAnalysis(analysis, frame);
  const text = `${sourceId}:${useAskAgain.getState().round}:${JSON.stringify(effective)}`;
  return { text, own, analysis: effective, move: getMovedAt() };
}

/** What the views on the screen would ask with `counts` if a hand moved the frame to this. */
export const getQuestionsAt = (frame: Frame): readonly Question[] =>
  [...watched.values()].flatMap((one) => (one.moving === 'counts' ? (getQuestion(one, frame) ?? []) : []));

/** Asks what is to be known under `key` now, unless it is on the screen or under way. */
function refresh(key: string, wait = DEBOUNCE_MS): void {
  const entry = watched.get(key);
  const question = entry === undefined ? null : getQuestion(entry);
  if (entry === undefined || question === null) return;
  if (isMoving()) {
    if (entry.moving !== 'rest') askLive(key, question, entry.moving);
    return;
  }
  const { shown } = entryOf(key);
  if (shown?.detail === 'full' && shown.question.text === question.text) {
    stopJob(key);
    patch(key, { status: 'ready', asked: question, error: null, progress: null });
  } else if (getAsked(key)?.text !== question.text) ask(key, question, shown === null ? 0 : wait, firstOf(entry.first));
}
function refreshAll(wait?: number): void {
  for (const key of watched.keys()) refresh(key, wait);
}

/** Forget everything: another source was opened, or the same file anew. */
export function clearAnswers(): void {
  stopAll();
  clearEntries();
  refreshAll();
}

/** Ask all questions again that are on the screen (after the engine came back); answers stay visible as stale. */
export const useAskAgain = create<{ readonly round: number; readonly askAgain: () => void }>()((set, get) => ({
  round: 0,
  askAgain: () => {
    forgetAnswers();
    set({ round: get().round + 1 });
    refreshAll();
  },
}));

const firstOf = (first: Detail): Detail =>
  first === 'counts' && useSession.getState().source?.ref.kind === 'sqlite' ? 'counts' : 'full';

/** What a view asks first, by the view, of those whose code is here. */
export interface FirstQuestion extends Pick<AnswerOptions, 'first'> {
  readonly key: string;
  readonly analysis: Analysis;
}
export const firstQuestions = new Map<View, () => FirstQuestion>();

/** The question of the view that is about to show a source, while the view is being made. */
function askFirst({ ref }: SourceInfo): void {
  const { document } = useWorkspace.getState();
  // Another workspace is put in place.
  if (document.source === null || getAddress(document.source) !== getAddress(ref)) return;
  const first = firstQuestions.get(document.view)?.();
  if (first === undefined || watched.has(first.key)) return;
  const { key, analysis } = first;
  const question = getQuestion({ analysis, own: JSON.stringify(analysis) });
  if (question !== null) ask(key, question, 0, firstOf(first.first ?? 'full'));
}

// Questions follow the frame at once, in the event that changed it, not a render later.
useWorkspace.subscribe(({ document: now }, { document: before }) => {
  if (!isSameFrame(now, before)) refreshAll();
});
useHand.subscribe(({ moving }) => {
  if (moving) return;
  showWaiting();
  refreshAll(0);
});
useSession.subscribe(({ source: now }, { source: before }) => {
  // A moment later: the workspace of the new source is put in place first.
  if (now?.sourceId === before?.sourceId) return;
  dropPartial((key) => (watched.get(key)?.analysis ?? null) !== null);
  if (now !== null) askFirst(now);
  setTimeout(refreshAll);
});

/**
 * The answer to `analysis` (null = nothing is asked), with the workspace's frame filled in. The latest question under a
 * key wins; the answer before stays visible as stale. While a hand moves the frame, answers are drawn as they come.
 * Leaving the screen cancels; coming back shows what is known.
 */
export function useAnswer<T extends AnalysisType>(
  key: string,
  analysis: (AnalysisOf<T> & { type: T }) | null,
  { moving = 'full', first = 'full' }: AnswerOptions = {},
): Answer<T> {
  const own = useMemo(() => JSON.stringify(analysis), [analysis]);
  const seen = useEntries(useShallow((s) => lookAt(s.byKey[key] ?? IDLE, own)));
  const hasSource = useSession((s) => s.source !== null);
  useEffect(() => () => leave(key), [key]);
  useLayoutEffect(() => enter(key), [key]);
  useLayoutEffect(() => {
    Object.assign(watched.get(key) ?? {}, { analysis, own, moving, first });
    refresh(key);
    // oxlint-disable-next-line react/exhaustive-deps -- `own` is `analysis` as text.
  }, [key, own, moving, first]);

  return useMemo(() => {
    const { shown, status, ...rest } = seen;
    return {
      ...rest,
      status: analysis === null || !hasSource ? 'idle' : status,
      result: (shown?.result ?? null) as ResultByType[T] | null,
      of: (shown?.question.analysis ?? null) as AnalysisOf<T> | null,
      move: shown?.question.move ?? 0,
      retry: () => {
        if (entryOf(key).error?.code === 'E_NEEDS_CONFIRMATION') confirmSource();
        const question = getQuestion(watched.get(key) ?? { analysis: null, own });
        if (question !== null) ask(key, question, 0);
      },
      cancel: () => {
        stopJob(key);
        patch(key, { status: entryOf(key).shown === null ? 'idle' : 'ready', progress: null, error: null });
      },
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `own` is `analysis` as text.
  }, [key, seen, own, hasSource]);
}

/**
 * What a component sees of an entry. That a first question is under way is no news to one that has nothing to show: it is
 * asked in an effect of its first render, and all cards of a view would be rendered twice.
 */
function lookAt({ shown, asked, status, progress, error, planned }: Entry, own: string) {
  const isAsked = asked?.own === own;
  return {
    shown,
    status: isAsked ? status : ('loading' as const),
    stale: shown !== null && !(isAsked && shown.question.text === asked.text),
    progress,
    error: isAsked ? error : null,
    planned: isAsked ? planned : null,
  };
}

/** What the views on the screen ask, frame included, each once. Stands still while a hand moves the frame. */
export function useQuestions(): readonly Analysis[] {
  useEntries((s) => s.byKey); // a view that asks something else says so there
  const moving = useHand((s) => s.moving);
  const questions = [...watched.values()].map((one) => getQuestion(one));
  const asked = new Map(questions.map((question) => [question?.text, question?.analysis]));
  const analyses = [...asked.values()].filter((analysis) => analysis !== undefined);
  const text = JSON.stringify(analyses);
  const [held, hold] = useState({ text, analyses });
  if (!moving && held.text !== text) hold({ text, analyses });
  return held.analyses;
}

/** "All the same": from now on the open server may move or compute more than the budget. */
function confirmSource(): void {
  const { source } = useSession.getState();
  if (source !== null) computeChoice.confirmed.add(source.sourceId);
}

/** An answer that stands still while a hand moves, for pictures that are slow to draw. */
export function useAtRest<A>(answer: A): A {
  const moving = useHand((s) => s.moving);
  const [held, hold] = useState(answer);
  if (!moving && held !== answer) hold(answer);
  return moving ? held : answer;
}

function enter(key: string): void {
  const known = watched.get(key);
  if (known === undefined) watched.set(key, { analysis: null, own: 'null', moving: 'full', first: 'full', users: 1 });
  else known.users++;
}
/** The last part of the view that showed it is gone: what is under way is cancelled. */
function leave(key: string): void {
  const known = watched.get(key);
  if (known === undefined || --known.users > 0) return;
  watched.delete(key);
  if (useSession.getState().source?.partial === undefined) dropPartial((other) => other !== key);
  if (getAsked(key) === null) return stopJob(key);
  stopJob(key);
  patch(key, { status: 'idle', asked: null, progress: null });
}
