import type { Question } from './question.ts';
import { COUNTS } from './question-counts.ts';
import { JOURNEYS } from './question-journeys.ts';
import { ORDERED_FUNNELS } from './question-ordered-funnels.ts';
import { OTHER_FUNNELS } from './question-other-funnels.ts';

export const QUESTIONS: readonly Question[] = [...ORDERED_FUNNELS, ...OTHER_FUNNELS, ...COUNTS, ...JOURNEYS];

export function getQuestion(id: string): Question {
  const question = QUESTIONS.find((q) => q.id === id);
  if (question === undefined) throw new Error(`There is no question ${id}.`);
  return question;
}
/** Asked of a process that has just started. */
export const START_QUESTION = 'funnel-7d';
