import { ExclusionIndex } from './exclusion.ts';
import { copyAttempt, type Attempt, type StepPlan } from './step-match.ts';
import { createOrderedMatcher } from './step-match-ordered.ts';
import { createStrictMatcher } from './step-match-strict.ts';
import { createUnorderedMatcher } from './step-match-unordered.ts';
import type { Matcher, StepStream } from './step-match-stream.ts';

export function createMatcher(plan: StepPlan): Matcher {
  const match = createOrderMatcher(plan);
  if (plan.exclusionSteps.length === 0) return match;
  const exclusions = new ExclusionIndex(plan);
  return (stream, visit) => {
    exclusions.load(stream);
    match(stream, (attempt) => {
      exclusions.judge(attempt, stream);
      return visit(attempt);
    });
  };
}

function createOrderMatcher(plan: StepPlan): Matcher {
  if (plan.order === 'strict') return createStrictMatcher(plan);
  return plan.order === 'ordered' ? createOrderedMatcher(plan) : createUnorderedMatcher(plan);
}

/**
 * The actor's attempt: the earliest started among the deepest (SEMANTICS.md, funnel rules 5 and 6), of those that
 * `accepts` lets through. Level 0 when there is none.
 */
export function findDeepest(
  match: Matcher,
  stream: StepStream,
  stepCount: number,
  deepest: Attempt,
  accepts: ((attempt: Attempt) => boolean) | null = null,
): void {
  deepest.level = 0;
  match(stream, (attempt) => {
    const counts = attempt.voidedBy === -1 && attempt.level > deepest.level;
    if (counts && (accepts === null || accepts(attempt))) copyAttempt(attempt, deepest);
    return deepest.level < stepCount;
  });
}
