import type { SemanticsRule, StickinessQuery, StickinessSelection } from '../../protocol/index.ts';
import { scanActivity } from './activity-kernel.ts';
import { forEachActivity } from './activity.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { compileCounted, createActorList, testCounted } from './event-stream.ts';
import { buildRangeGrid } from './range-grid.ts';
import { getCommonRules } from './semantics-rules.ts';

/** Actors by number of active intervals; index 0 = none. */
export interface StickinessPartial {
  readonly actors: Float64Array;
}

export const stickinessModule: ComputeModule<'stickiness', StickinessPartial> = {
  type: 'stickiness',
  compute(context, query) {
    const grid = buildRangeGrid(context, query, query.interval);
    const cells = grid.starts.length + 1;
    const tests = [testCounted(context, query.where, query.event)];
    const counted = scanActivity(context, 'stickiness', { bounds: context, grid, tests, cells });
    if (counted !== null) return { actors: counted };
    const actors = new Float64Array(cells);
    forEachActiveCount(context, query, (_, active) => {
      actors[active] = (actors[active] ?? 0) + 1;
    });
    return { actors };
  },
  merge(partials, query, context): AnswerBody<'stickiness'> {
    const { length } = buildRangeGrid(context, query, query.interval).starts;
    const sum = (active: number): number => partials.reduce((n, p) => n + (p.actors[active] ?? 0), 0);
    return { type: 'stickiness', actorsByActiveIntervals: Array.from({ length }, (_, i) => sum(i + 1)) };
  },
  select(context, query, { activeIntervals }: StickinessSelection) {
    const actors = createActorList();
    forEachActiveCount(context, query, (actor, active) => {
      if (active === activeIntervals) actors.add(actor);
    });
    return actors.toArray();
  },
  semantics: getSemantics,
};

function forEachActiveCount(
  context: ComputeContext,
  query: StickinessQuery,
  visit: (actor: number, active: number) => void,
): void {
  const grid = buildRangeGrid(context, query, query.interval);
  const counted = compileCounted(context, query.where, query.event);
  forEachActivity(context, context, counted, grid, (actor, active) => visit(actor, active.count));
}

function getSemantics(query: StickinessQuery): readonly SemanticsRule[] {
  return [
    ...getCommonRules(query),
    {
      rule: 'stickiness',
      text: `Actors with the event in exactly k local calendar intervals (${query.interval}, ${query.timezone}) of the range.`,
    },
  ];
}
