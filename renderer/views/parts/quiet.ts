import type { AnswerLike } from '../../widgets/states.tsx';

/** A small part beside a main one: its progress is in the status bar, not over it. */
export const quiet = <R>(answer: AnswerLike<R>): AnswerLike<R> => ({ ...answer, progress: null });
