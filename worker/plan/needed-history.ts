import type { Analysis } from '../../protocol/index.ts';

/**
 * Which events an analysis can see, as bounds on event time.
 *
 * SEMANTICS funnel rule 1 makes the stream of most analyses the events inside `dateRange`: nothing before or after it
 * can change the answer. These look further back or forward:
 * - funnel with `firstTimeOnly` (rule 11) and retention by `firstEver`: the first ever event, so all earlier history;
 * - retention by `everyInterval`: its grid is laid by `intervals` and `endsIn`, not by the range alone;
 * - lifecycle: "new" is first seen in all the data, "dormant" looks one interval back, the last interval is whole;
 * - journey: the state at a moment is the outcome of everything before it.
 * Nothing after asOf exists for any of them.
 */
export interface TimeBounds {
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs: number;
}
export interface NeededHistory {
  /** Inclusive; ±Infinity = open. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function getNeededHistory(analysis: Analysis, bounds: TimeBounds): NeededHistory {
  const toMs = Math.min(bounds.toMs, bounds.asOfMs);
  switch (analysis.type) {
    case 'funnel':
      return { fromMs: analysis.steps.some((step) => step.firstTimeOnly === true) ? -Infinity : bounds.fromMs, toMs };
    case 'flow':
    case 'transitions':
    case 'stepMatrix':
    case 'variants':
    case 'stickiness':
    case 'rollup':
      return { fromMs: bounds.fromMs, toMs };
    case 'lifecycle':
    case 'retention':
    case 'journey':
      return { fromMs: -Infinity, toMs: bounds.asOfMs };
  }
}
