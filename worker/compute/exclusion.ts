import type { Milliseconds } from '../segment/segment.ts';
import type { Attempt, StepPlan } from './step-match.ts';
import type { StepStream } from './step-match-stream.ts';

/**
 * Which attempts are void (SEMANTICS.md, funnel rule 9). "After" and "before" are strict and by time: an excluded
 * event at the very moment of a step does no harm.
 *
 *   exclusion x, steps 0 to 1      a@0 x@3 b@5    void
 *                                  a@0 b@5 x@6    stands
 *                                  a@0 x@3        void while the window is open at 3
 */
export class ExclusionIndex {
  private readonly plan: StepPlan;
  /** Per exclusion, stream indexes of its events, ascending. */
  private readonly events: number[][];

  constructor(plan: StepPlan) {
    this.plan = plan;
    this.events = plan.exclusionSteps.map(() => []);
  }

  /** Call it once per stream, before `judge`. */
  load(stream: StepStream): void {
    this.events.forEach((list) => (list.length = 0));
    for (let i = 0; i < stream.count; i++) {
      const excluded = stream.excluded[i] ?? 0;
      if (excluded === 0) continue;
      this.events.forEach((list, x) => {
        if (((excluded >>> x) & 1) === 1) list.push(i);
      });
    }
  }

  /** Writes `voidedBy` and `voidedAt`. */
  judge(attempt: Attempt, stream: StepStream): void {
    attempt.voidedBy = -1;
    attempt.voidedAt = -1;
    for (let x = 0; x < this.events.length; x++) {
      const span = this.plan.order === 'unordered' ? spanOfAll(attempt, this.plan) : spanOfSteps(attempt, this.plan, x);
      const found = span === null ? -1 : findBetween(this.events[x] ?? [], stream, span.after, span.before);
      if (found === -1) continue;
      attempt.voidedBy = x;
      attempt.voidedAt = found;
      return;
    }
  }
}

interface Span {
  readonly after: Milliseconds;
  readonly before: Milliseconds;
}

/** Between the first event and completion, or the end of the window. */
function spanOfAll(attempt: Attempt, plan: StepPlan): Span {
  const last = attempt.level === plan.stepCount ? latestTime(attempt) : attempt.start + plan.windowMs;
  return { after: attempt.start, before: last };
}

function latestTime(attempt: Attempt): Milliseconds {
  return attempt.times.reduce((latest, time) => (time > latest ? time : latest), attempt.start);
}

/** Null when fromStep was not reached. A skipped step stands for its filled neighbour: the one before, or behind. */
function spanOfSteps(attempt: Attempt, plan: StepPlan, exclusion: number): Span | null {
  const { fromStep = 0, toStep = 0 } = plan.exclusionSteps[exclusion] ?? {};
  if (attempt.level <= fromStep) return null;
  let from = fromStep;
  while (from > 0 && Number.isNaN(attempt.times[from])) from--;
  let to = toStep;
  while (to < plan.stepCount && Number.isNaN(attempt.times[to])) to++;
  return { after: attempt.times[from] ?? 0, before: attempt.times[to] ?? attempt.start + plan.windowMs };
}

/** First of the events with `after < time < before`, -1 = none. */
function findBetween(events: readonly number[], stream: StepStream, after: Milliseconds, before: Milliseconds): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((stream.times[events[mid] ?? 0] ?? 0) <= after) low = mid + 1;
    else high = mid;
  }
  const event = events[low];
  return event !== undefined && (stream.times[event] ?? 0) < before ? event : -1;
}
