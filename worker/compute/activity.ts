import { getTime, type ActorIndex, type Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { forEachActor } from './event-stream.ts';
import type { EventPredicate } from './predicate.ts';
import { getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/** Different intervals in ascending order; reused from actor to actor. */
export interface ActiveIntervals {
  count: number;
  readonly indexes: Int32Array;
}
export const createActiveIntervals = (grid: IntervalGrid): ActiveIntervals => ({
  count: 0,
  indexes: new Int32Array(grid.starts.length),
});

/** An actor's events come by time, so only the last interval must be compared. */
export function addInterval(active: ActiveIntervals, index: number): void {
  if (index < 0 || (active.count > 0 && active.indexes[active.count - 1] === index)) return;
  active.indexes[active.count++] = index;
}

export function hasInterval(active: ActiveIntervals, index: number): boolean {
  for (let i = 0; i < active.count; i++) if (active.indexes[i] === index) return true;
  return false;
}

/** Visits every actor of the range with the intervals of its counted events in `fromMs`..`toMs`. */
export function forEachActivity(
  context: ComputeContext,
  bounds: { readonly fromMs: Milliseconds; readonly toMs: Milliseconds },
  counted: EventPredicate | null,
  grid: IntervalGrid,
  visit: (actor: ActorIndex, active: ActiveIntervals) => void,
): void {
  const active = createActiveIntervals(grid);
  forEachActor(context, bounds.fromMs, bounds.toMs, (actor, from, to) => {
    active.count = 0;
    for (let event = from; event < to; event++) {
      if (counted === null || counted(event))
        addInterval(active, getIntervalIndex(grid, getTime(context.segment, event)));
    }
    visit(actor, active);
  });
}
