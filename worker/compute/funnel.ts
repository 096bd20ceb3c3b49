import type { FunnelQuery } from '../../protocol/index.ts';
import type { ComputeContext, ComputeModule } from './compute-module.ts';
import { describeFunnelActors, explainFunnel } from './funnel-explain.ts';
import { TYPES_PRESENT, TYPES_REPEATED } from './derived-types.ts';
import { tallyByKernel } from './funnel-by-kernel.ts';
import { countFromIndex, getDecidingNames } from './funnel-from-index.ts';
import { getIndexNames } from './funnel-index.ts';
import { compileSteps } from './step-match.ts';
import { mergeFunnel, type FunnelPartial } from './funnel-merge.ts';
import { FunnelRunner, getShape } from './funnel-runner.ts';
import { selectFunnel } from './funnel-select.ts';
import { listFunnelRules } from './funnel-semantics.ts';
import { FunnelTally } from './funnel-groups.ts';

/** Funnels as conformance/SEMANTICS.md has them, rules 1 to 13. */
export const funnelModule: ComputeModule<'funnel', FunnelPartial> = {
  type: 'funnel',
  compute: computeFunnel,
  derived: getDerivedNames,
  fromDerived: { names: getDecidingNames, compute: countFromIndex },
  merge: mergeFunnel,
  select: selectFunnel,
  semantics: listFunnelRules,
  describeActors: describeFunnelActors,
  explain: explainFunnel,
};

/** Masks of types for every funnel; first occurrences where they alone decide and no durations are wanted. */
function getDerivedNames(context: ComputeContext, query: FunnelQuery): readonly string[] {
  const masks = [TYPES_PRESENT, TYPES_REPEATED];
  if (context.detail === 'full' || query.viz === 'trend') return masks;
  return [...new Set([...masks, ...(getIndexNames(context, compileSteps(context, query)) ?? [])])];
}

function computeFunnel(context: ComputeContext, query: FunnelQuery): FunnelPartial {
  const runner = new FunnelRunner(context, query);
  const tally = new FunnelTally(runner, getShape(query, runner.grid, context.detail));
  if (!tallyByKernel(context, query, runner, tally)) runner.forEachActor(() => tally.addLoaded());
  const checkpoint = (): void => context.checkpoint(context.range.to - context.range.from);
  return tally.build(checkpoint);
}
