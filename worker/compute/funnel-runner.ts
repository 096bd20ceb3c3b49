import type { Detail, FunnelQuery } from '../../protocol/index.ts';
import type { ActorIndex } from '../segment/segment.ts';
import { createValueReader, type ValueReader } from './breakdown-values.ts';
import { createGrouper, type ActorView, type Grouper, type VisitGroup } from './breakdown.ts';
import type { ComputeContext } from './compute-module.ts';
import type { TallyShape } from './funnel-tally.ts';
import { buildTrendGrid, collectEntries, createTrendEntries, type TrendEntries } from './funnel-trend.ts';
import { createMatcher, findDeepest } from './step-match-attempts.ts';
import { createStream, loadStream, type Matcher, type StepStream } from './step-match-stream.ts';
import { compileSteps, createAttempt, type Attempt, type StepPlan } from './step-match.ts';
import type { IntervalGrid } from './time-bucket.ts';

const EVENTS_BETWEEN_CHECKS = 50_000;

/** A funnel compiled against a segment: asked actor by actor by counting, listing and explaining alike. */
export class FunnelRunner {
  readonly plan: StepPlan;
  readonly match: Matcher;
  readonly stream: StepStream = createStream();
  /** The deepest attempt of the loaded actor. */
  readonly deepest: Attempt;
  readonly whole: ActorView;
  readonly grid: IntervalGrid | null;
  readonly reader: ValueReader | null;
  private readonly context: ComputeContext;
  private readonly group: Grouper | null;
  private readonly entries: TrendEntries = createTrendEntries();

  constructor(context: ComputeContext, query: FunnelQuery) {
    this.context = context;
    this.plan = compileSteps(context, query);
    this.match = createMatcher(this.plan);
    this.deepest = createAttempt(this.plan.stepCount);
    this.whole = { stream: this.stream, deepest: this.deepest, createFilter: null };
    this.grid = query.viz === 'trend' ? buildTrendGrid(context, query) : null;
    const breakdown = query.breakdown ?? null;
    this.reader = breakdown === null ? null : createValueReader(context.segment, breakdown.props);
    this.group =
      this.reader === null || breakdown === null ? null : createGrouper(this.plan, this.match, this.reader, breakdown);
  }

  /** Calls `visit` for every actor of the range, loaded; lets a cancel through every few ten thousand events. */
  forEachActor(visit: (actor: ActorIndex) => void): void {
    const { range, segment } = this.context;
    let checked = Number.NEGATIVE_INFINITY;
    for (let actor = range.from; actor < range.to; actor++) {
      const events = segment.offsets[actor] ?? 0;
      if ((actor & 255) === 0 || events - checked > EVENTS_BETWEEN_CHECKS) {
        this.context.checkpoint(actor - range.from);
        checked = events;
      }
      this.load(actor);
      visit(actor);
    }
  }

  /** Reads an actor's events and finds its deepest attempt. */
  load(actor: ActorIndex): Attempt {
    loadStream(this.stream, this.plan, this.context.segment, actor);
    findDeepest(this.match, this.stream, this.plan.stepCount, this.deepest);
    return this.deepest;
  }

  /** The groups in which the loaded actor counts. */
  forEachGroup(visit: VisitGroup): void {
    this.group?.(this.whole, visit);
  }

  /** The actor's attempts by interval of entry. Only for trends. */
  getEntries(view: ActorView): TrendEntries {
    if (this.grid !== null) collectEntries(this.match, view, this.grid, this.entries);
    return this.entries;
  }
}

export function getShape(query: FunnelQuery, grid: IntervalGrid | null, detail: Detail = 'full'): TallyShape {
  const last = query.steps.length - 1;
  return {
    stepCount: query.steps.length,
    fromStep: query.fromStep ?? 0,
    toStep: query.toStep ?? last,
    timed: detail === 'full',
    intervals: grid === null ? null : grid.starts.length,
  };
}
