import { clearAttempt, countBits, createAttempt, type Attempt, type StepPlan } from './step-match.ts';
import { Assignment } from './step-match-assign.ts';
import type { Matcher, StepStream, Visit } from './step-match-stream.ts';

/**
 * Unordered attempts (SEMANTICS.md, funnel rule 8). From each time with a step event on, as many different steps as
 * the window allows, one event filling one step. Of events with the same mask only as many as the mask has steps can
 * be needed, so each attempt looks at a handful of candidates, however long the stream:
 *
 *   masks       001 001 001 010 001      steps a, b
 *   candidates  ^           ^            the first of each mask
 */
export function createUnorderedMatcher(plan: StepPlan): Matcher {
  const search: Search = {
    plan,
    classes: [],
    heads: [],
    nextSame: new Int32Array(64),
    candidates: [],
    filled: new Assignment(plan.stepCount),
    requiredFilled: new Assignment(plan.stepCount),
  };
  const attempt = createAttempt(plan.stepCount);
  return (stream: StepStream, visit: Visit) => {
    linkSameMasks(search, stream);
    for (let i = 0; i < stream.count; i++) {
      if (stream.masks[i] === 0 || (i > 0 && isSameMoment(stream, i))) continue;
      clearAttempt(attempt, stream.times[i] ?? 0);
      collectCandidates(search, stream, i);
      fillAttempt(search, stream, attempt);
      if (!visit(attempt)) return;
    }
  };
}

interface Search {
  readonly plan: StepPlan;
  /** Distinct masks of the stream, and the first event of each from the start of the attempt on. */
  classes: number[];
  heads: number[];
  /** Next event with the same mask, -1 = none. */
  nextSame: Int32Array;
  /** Stream indexes, ascending. */
  candidates: number[];
  readonly filled: Assignment;
  /** Steps that must not be skipped, for funnels with optional steps. */
  readonly requiredFilled: Assignment;
}

/** Whether an earlier step event has the same time, so that its attempt is the same. */
function isSameMoment(stream: StepStream, i: number): boolean {
  for (let j = i - 1; j >= 0 && stream.times[j] === stream.times[i]; j--) if (stream.masks[j] !== 0) return true;
  return false;
}

function linkSameMasks(search: Search, stream: StepStream): void {
  if (search.nextSame.length < stream.count) search.nextSame = new Int32Array(stream.count * 2);
  search.classes = [];
  search.heads = [];
  for (let i = stream.count - 1; i >= 0; i--) {
    const mask = stream.masks[i] ?? 0;
    if (mask === 0) continue;
    let c = search.classes.indexOf(mask);
    if (c === -1) c = search.classes.push(mask) - 1;
    search.nextSame[i] = search.heads[c] ?? -1;
    search.heads[c] = i;
  }
}

function collectCandidates(search: Search, stream: StepStream, start: number): void {
  const { classes, heads, nextSame, candidates } = search;
  const end = (stream.times[start] ?? 0) + search.plan.windowMs;
  candidates.length = 0;
  for (let c = 0; c < classes.length; c++) {
    let event = heads[c] ?? -1;
    while (event !== -1 && event < start) event = nextSame[event] ?? -1;
    heads[c] = event;
    for (let left = countBits(classes[c] ?? 0); left > 0 && event !== -1; left--) {
      if ((stream.times[event] ?? 0) > end) break;
      insertSorted(candidates, event);
      event = nextSame[event] ?? -1;
    }
  }
}

function insertSorted(list: number[], value: number): void {
  let at = list.length;
  for (; at > 0 && (list[at - 1] ?? 0) > value; at--) list[at] = list[at - 1] ?? 0;
  list[at] = value;
}

/** Skipping optional steps never lowers the level: when all required steps are done, every step counts as reached. */
function fillAttempt({ plan, candidates, filled, requiredFilled }: Search, stream: StepStream, attempt: Attempt): void {
  filled.clear();
  requiredFilled.clear();
  const all = ~0 >>> (32 - plan.stepCount);
  const required = all & ~plan.optionalMask;
  let done = 0;
  let requiredDone = 0;
  for (const event of candidates) {
    if (plan.optionalMask !== 0 && requiredFilled.place(event, stream.masks, required)) requiredDone++;
    if (!filled.place(event, stream.masks, all)) continue;
    attempt.times[done] = stream.times[event] ?? 0;
    attempt.events[done] = event;
    done++;
    if (done === plan.stepCount) break;
  }
  for (let k = 0; k < done; k++) attempt.steps[k] = Math.max(0, filled.eventOf.indexOf(attempt.events[k] ?? -1));
  const isComplete = plan.optionalMask !== 0 && requiredDone === plan.required.length;
  attempt.level = isComplete ? plan.stepCount : done;
}
