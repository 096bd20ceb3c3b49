import type { AnswerLike } from '../../widgets/states.tsx';

/** A small part beside a main one: its progress is in the status bar, not over it. */
export const quiet = <R>(answer: AnswerLike<R>): AnswerLike<R> => ({ ...answer, progress: null });

/** A part that is not asked before a more important one has its answer looks as if it were loading. */
export const queued = <R>(answer: AnswerLike<R>, isTurn: boolean): AnswerLike<R> =>
  isTurn || answer.result !== null ? answer : { ...answer, status: 'loading' };
