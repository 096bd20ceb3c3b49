import type { FunnelQuery } from '../../protocol/index.ts';
import { getScratch, roomFor } from '../kernels/scratch.ts';
import type { ComputeContext } from './compute-module.ts';
import { TYPES_PRESENT } from './derived-types.ts';
import { FunnelTally } from './funnel-groups.ts';
import { countByIndex, findIndex, getIndexNames, INDEX_BYTES } from './funnel-index.ts';
import type { FunnelPartial } from './funnel-merge.ts';
import { FunnelRunner, getShape } from './funnel-runner.ts';
import { compileSteps } from './step-match.ts';

const SLICE_ACTORS = 131_072;

/** Columns that may decide a funnel without its events; null = they never do: durations, trends, groups. */
export function getDecidingNames(context: ComputeContext, query: FunnelQuery): readonly string[] | null {
  if (context.detail === 'full' || query.viz === 'trend' || query.breakdown) return null;
  const names = getIndexNames(context, compileSteps(context, query));
  return names === null || query.exclusions.length === 0 ? names : [...names, TYPES_PRESENT];
}

/** The partial of a range from first occurrences alone; null = they leave an actor open, whom only events decide. */
export function countFromIndex(context: ComputeContext, query: FunnelQuery): FunnelPartial | null {
  const { range, segment } = context;
  const runner = new FunnelRunner(context, query);
  const index = findIndex(context, runner.plan);
  if (segment.memory === null || index === null) return null;
  const tally = new FunnelTally(runner, getShape(query, runner.grid, context.detail));
  const plan = getScratch(segment.memory, roomFor(INDEX_BYTES) + 4 * (SLICE_ACTORS + 4));
  const room = { plan, levels: null, undecided: plan + roomFor(INDEX_BYTES) };
  const counts = new Uint32Array(runner.plan.stepCount + 1);
  for (let first = range.from; first < range.to; first += SLICE_ACTORS) {
    context.checkpoint(first - range.from);
    const end = Math.min(first + SLICE_ACTORS, range.to);
    if (countByIndex(context, segment.memory, runner.plan, index, room, { first, end }, counts) > 0) return null;
    tally.all.addLevels(counts);
  }
  return tally.build(() => context.checkpoint(range.to - range.from));
}
