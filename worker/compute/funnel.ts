import type { FunnelQuery } from '../../protocol/index.ts';
import type { ComputeContext, ComputeModule } from './compute-module.ts';
import { describeFunnelActors, explainFunnel } from './funnel-explain.ts';
import { MAX_GROUPS, mergeFunnel, tooManyGroups, type FunnelPartial } from './funnel-merge.ts';
import { FunnelRunner, getShape } from './funnel-runner.ts';
import { selectFunnel } from './funnel-select.ts';
import { listFunnelRules } from './funnel-semantics.ts';
import { TallyBuilder } from './funnel-tally.ts';

/** Funnels as conformance/SEMANTICS.md has them, rules 1 to 13. */
export const funnelModule: ComputeModule<'funnel', FunnelPartial> = {
  type: 'funnel',
  compute: computeFunnel,
  merge: mergeFunnel,
  select: selectFunnel,
  semantics: listFunnelRules,
  describeActors: describeFunnelActors,
  explain: explainFunnel,
};

function computeFunnel(context: ComputeContext, query: FunnelQuery): FunnelPartial {
  const runner = new FunnelRunner(context, query);
  const shape = getShape(query, runner.grid);
  const all = new TallyBuilder(shape);
  const groups = new Map<number, TallyBuilder>();
  runner.forEachActor(() => {
    all.addAttempt(runner.deepest);
    if (runner.grid !== null) all.addEntries(runner.getEntries(runner.whole));
    runner.forEachGroup((id, view) => {
      let tally = groups.get(id);
      if (tally === undefined) {
        if (groups.size === MAX_GROUPS) throw tooManyGroups();
        groups.set(id, (tally = new TallyBuilder(shape)));
      }
      tally.addAttempt(view.deepest);
      if (runner.grid !== null) tally.addEntries(runner.getEntries(view));
    });
  });
  const { reader } = runner;
  return {
    all: all.build(),
    groups: new Map(
      [...groups].map(([id, tally], i) => {
        if (i % 1024 === 0) context.checkpoint(context.range.to - context.range.from);
        return [JSON.stringify(reader?.valuesOf(id) ?? []), tally.build()];
      }),
    ),
  };
}
