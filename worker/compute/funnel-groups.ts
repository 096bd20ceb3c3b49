import type { ValueId } from './breakdown-values.ts';
import { MAX_GROUPS, tooManyGroups, type FunnelPartial } from './funnel-merge.ts';
import type { FunnelRunner } from './funnel-runner.ts';
import { TallyBuilder, type TallyShape } from './funnel-tally.ts';

const GROUPS_BETWEEN_CHECKS = 1_024;

/** The tally of all actors of a range and those of its groups. */
export class FunnelTally {
  readonly all: TallyBuilder;
  private readonly runner: FunnelRunner;
  private readonly shape: TallyShape;
  private readonly groups = new Map<ValueId, TallyBuilder>();

  constructor(runner: FunnelRunner, shape: TallyShape) {
    this.runner = runner;
    this.shape = shape;
    this.all = new TallyBuilder(shape);
  }

  /** Throws E_LIMIT beyond MAX_GROUPS. */
  groupOf(id: ValueId): TallyBuilder {
    let tally = this.groups.get(id);
    if (tally === undefined) {
      if (this.groups.size === MAX_GROUPS) throw tooManyGroups();
      this.groups.set(id, (tally = new TallyBuilder(this.shape)));
    }
    return tally;
  }

  /** The actor that the runner has loaded. */
  addLoaded(): void {
    const { runner, all } = this;
    all.addAttempt(runner.deepest);
    if (runner.grid !== null) all.addEntries(runner.getEntries(runner.whole));
    runner.forEachGroup((id, view) => {
      const tally = this.groupOf(id);
      tally.addAttempt(view.deepest);
      if (runner.grid !== null) tally.addEntries(runner.getEntries(view));
    });
  }

  build(checkpoint: () => void): FunnelPartial {
    const { reader } = this.runner;
    const groups = [...this.groups].map(([id, tally], i) => {
      if (i % GROUPS_BETWEEN_CHECKS === 0) checkpoint();
      return [JSON.stringify(reader?.valuesOf(id) ?? []), tally.build()] as const;
    });
    return { all: this.all.build(), groups: new Map(groups) };
  }
}
