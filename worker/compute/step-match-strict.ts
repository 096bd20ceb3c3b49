import { clearAttempt, createAttempt, type Attempt, type StepPlan } from './step-match.ts';
import type { Matcher, StepStream, Visit } from './step-match-stream.ts';

/**
 * Strict attempts (SEMANTICS.md, funnel rule 7): every step is the very next event of the stream, in arrival order
 * among equal times. An optional step may be passed over, but no event.
 */
export function createStrictMatcher(plan: StepPlan): Matcher {
  const attempt = createAttempt(plan.stepCount);
  const depths = new Int8Array(plan.stepCount * plan.stepCount);
  return (stream: StepStream, visit: Visit) => {
    for (let first = 0; first < stream.count; first++) {
      if (((stream.masks[first] ?? 0) & 1) === 0) continue;
      clearAttempt(attempt, stream.times[first] ?? 0);
      if (plan.optionalMask === 0) fillRun(plan, stream, first, attempt);
      else fillWithSkips({ plan, stream, first, depths: depths.fill(-1) }, attempt);
      if (!visit(attempt)) return;
    }
  };
}

function fillRun(plan: StepPlan, stream: StepStream, first: number, attempt: Attempt): void {
  const end = attempt.start + plan.windowMs;
  for (let k = 0; k < plan.stepCount; k++) {
    const event = first + k;
    if (event >= stream.count || (((stream.masks[event] ?? 0) >>> k) & 1) === 0) return;
    if ((stream.times[event] ?? 0) > end) return;
    fill(attempt, stream, k, event);
  }
}

function fill(attempt: Attempt, stream: StepStream, step: number, event: number): void {
  attempt.times[step] = stream.times[event] ?? 0;
  attempt.events[step] = event;
  attempt.level = step + 1;
}

interface SkipSearch {
  readonly plan: StepPlan;
  readonly stream: StepStream;
  readonly first: number;
  /** `[event - first][step]`: deepest step reachable when the event fills the step; -1 = not known yet. */
  readonly depths: Int8Array;
}

/** Skips optional steps only where that leads deeper. */
function fillWithSkips(search: SkipSearch, attempt: Attempt): void {
  const deepest = getDepth(search, search.first, 0);
  fill(attempt, search.stream, 0, search.first);
  let event = search.first;
  for (let step = 0; step < deepest;) {
    event++;
    const depthAt = event;
    const next = nextSteps(search, event, step).find((k) => getDepth(search, depthAt, k) === deepest);
    if (next === undefined) throw new Error('A strict attempt lost its way');
    step = next;
    fill(attempt, search.stream, step, event);
  }
}

function getDepth(search: SkipSearch, event: number, step: number): number {
  const cell = (event - search.first) * search.plan.stepCount + step;
  const known = search.depths[cell] ?? -1;
  if (known !== -1) return known;
  const depths = nextSteps(search, event + 1, step).map((k) => getDepth(search, event + 1, k));
  const depth = Math.max(step, ...depths);
  search.depths[cell] = depth;
  return depth;
}

/** Steps that `event` may fill when `step` was filled just before it. */
function nextSteps({ plan, stream, first }: SkipSearch, event: number, step: number): number[] {
  const inTime = event < stream.count && (stream.times[event] ?? 0) <= (stream.times[first] ?? 0) + plan.windowMs;
  if (!inTime) return [];
  const mask = stream.masks[event] ?? 0;
  const steps: number[] = [];
  for (let k = step + 1; k < plan.stepCount; k++) {
    if (((mask >>> k) & 1) === 1) steps.push(k);
    if (((plan.optionalMask >>> k) & 1) === 0) break;
  }
  return steps;
}
