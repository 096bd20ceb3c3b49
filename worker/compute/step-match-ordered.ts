import type { Milliseconds } from '../segment/segment.ts';
import { clearAttempt, createAttempt, type StepPlan } from './step-match.ts';
import { Assignment } from './step-match-assign.ts';
import type { Matcher, StepStream, Visit } from './step-match-stream.ts';
import { buildTieGroups, createTieGroups, type TieGroups } from './step-match-ties.ts';

/**
 * Ordered attempts (SEMANTICS.md, funnel rules 2 to 5). An attempt begins at a time at which an event fits step 1 and
 * fills each further step as early as it can; filling a step earlier never makes a later one impossible, so this
 * is the deepest attempt from that start. `next` of the tie groups makes every jump one look-up.
 *
 *   steps a, b, c    a@0 b@5 a@6 b@7 c@9    window 4
 *   start 0: a@0, then b@5 is too late: level 1      start 6: a@6 b@7 c@9: level 3
 */
export function createOrderedMatcher(plan: StepPlan): Matcher {
  const groups = createTieGroups();
  const attempt = createAttempt(plan.stepCount);
  const walker: Walker = {
    plan,
    groups,
    assignment: new Assignment(plan.stepCount),
    times: attempt.times,
    events: attempt.events,
  };
  return (stream: StepStream, visit: Visit) => {
    buildTieGroups(groups, stream, plan.stepCount);
    for (let g = groups.next[0] ?? 0; g < groups.count; g = groups.next[(g + 1) * plan.stepCount] ?? groups.count) {
      clearAttempt(attempt, groups.times[g] ?? 0);
      attempt.level =
        plan.optionalMask === 0 ? walk(walker, stream, g, plan.required) : walkOptional(walker, stream, g);
      if (!visit(attempt)) return;
    }
  };
}

interface Walker {
  readonly plan: StepPlan;
  readonly groups: TieGroups;
  readonly assignment: Assignment;
  /** Where filled steps are written; a failed walk leaves traces of the steps it did fill. */
  readonly times: Float64Array;
  readonly events: Int32Array;
}

/** Fills the steps of `path` from group `start` on; the number filled. */
function walk(walker: Walker, stream: StepStream, start: number, path: Uint8Array): number {
  const { groups, plan } = walker;
  const end = (groups.times[start] ?? 0) + plan.windowMs;
  let group = start;
  let filled = 0;
  for (;;) {
    filled = fillGroup(walker, stream, group, path, filled);
    if (filled === path.length) return filled;
    group = groups.next[(group + 1) * plan.stepCount + (path[filled] ?? 0)] ?? groups.count;
    if (group >= groups.count || (groups.times[group] ?? 0) > end) return filled;
  }
}

/** Fills as many of the next steps of `path` as the events of one time allow; the new number filled. */
function fillGroup(walker: Walker, stream: StepStream, group: number, path: Uint8Array, filled: number): number {
  const { groups } = walker;
  const first = groups.from[group] ?? 0;
  const time = groups.times[group] ?? 0;
  if ((groups.from[group + 1] ?? 0) - first > 1) return fillTies(walker, stream, group, path, filled);
  const step = path[filled] ?? 0;
  walker.times[step] = time;
  walker.events[step] = groups.members[first] ?? -1;
  return filled + 1;
}

function fillTies(walker: Walker, stream: StepStream, group: number, path: Uint8Array, filled: number): number {
  const { groups, assignment } = walker;
  const time: Milliseconds = groups.times[group] ?? 0;
  assignment.clear();
  let allowed = 0;
  let next = filled;
  for (; next < path.length; next++) {
    allowed |= 1 << (path[next] ?? 0);
    if (!placeAny(walker, stream, group, allowed)) break;
  }
  for (let i = filled; i < next; i++) {
    const step = path[i] ?? 0;
    walker.times[step] = time;
    walker.events[step] = assignment.eventOf[step] ?? -1;
  }
  return next;
}

/** One more event of the group for the steps in `allowed`, of which all but the last are filled. */
function placeAny({ groups, assignment }: Walker, stream: StepStream, group: number, allowed: number): boolean {
  const to = groups.from[group + 1] ?? 0;
  for (let m = groups.from[group] ?? 0; m < to; m++) {
    const event = groups.members[m] ?? 0;
    if (!assignment.eventOf.includes(event) && assignment.place(event, stream.masks, allowed)) return true;
  }
  return false;
}

/**
 * With optional steps: first the required ones, as if the others were not there; then the deepest optional step that
 * can follow the last of them; then every other optional step that fits in between without moving any time.
 */
function walkOptional(walker: Walker, stream: StepStream, start: number): number {
  const { plan } = walker;
  const trial: Walker = { ...walker, times: walker.times.slice(), events: walker.events.slice() };
  const reached = walk(trial, stream, start, plan.required);
  let path = plan.required.slice(0, reached);
  const isFull = (steps: Uint8Array): boolean => walk(trial, stream, start, steps) === steps.length;
  const limit = plan.required[reached] ?? plan.stepCount;
  for (let k = limit - 1; k > (path.at(-1) ?? 0); k--) {
    const longer = Uint8Array.of(...path, k);
    if (!isFull(longer)) continue;
    path = longer;
    break;
  }
  walk(trial, stream, start, path);
  for (let k = 1; k < (path.at(-1) ?? 0); k++) {
    if (path.includes(k)) continue;
    const times = trial.times.slice();
    const fuller = Uint8Array.of(...path, k).sort();
    if (isFull(fuller) && path.every((step) => trial.times[step] === times[step])) path = fuller;
    else trial.times.set(times);
  }
  walk(walker, stream, start, path);
  return (path.at(-1) ?? -1) + 1;
}
