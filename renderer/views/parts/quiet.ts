import type { AnswerLike } from '../../widgets/states.tsx';

/** A small part beside a main one: its progress is in the status bar, not over it. */
export const quiet = <R>(answer: AnswerLike<R>): AnswerLike<R> => ({ ...answer, progress: null });

/** A part that is not asked before a more important one has its answer looks as if it were loading. */
export const queued = <R>(answer: AnswerLike<R>, isTurn: boolean): AnswerLike<R> =>
  isTurn || answer.result !== null ? answer : { ...answer, status: 'loading' };

/**
 * Beside `quiet`, a part that moves with a growing source: the counts before stay in full until the next are there.
 * Dimmed for every event that comes it would blink.
 */
export const steady = <R>(answer: AnswerLike<R>): AnswerLike<R> => ({
  ...quiet(answer),
  stale: answer.stale && answer.status !== 'loading',
});
