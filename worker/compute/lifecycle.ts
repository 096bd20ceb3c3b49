import type { LifecycleQuery, LifecycleSelection, LifecycleStatus, SemanticsRule } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type Segment } from '../segment/segment.ts';
import { scanActivity } from './activity-kernel.ts';
import { forEachActivity, type ActiveIntervals } from './activity.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { compileCounted, compileKnown, createActorList, testCounted, testKnown } from './event-stream.ts';
import type { Bounds } from './kernel-pass.ts';
import type { EventPredicate } from './predicate.ts';
import { buildRangeGrid, getPeriodIndex, isUnfinished } from './range-grid.ts';
import { getCommonRules } from './semantics-rules.ts';
import { buildIntervals, getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/** By interval of the grid; interval 0 is the one before the range and is not shown. Dormant counts are positive here. */
export type LifecyclePartial = Readonly<Record<LifecycleStatus, Float64Array>>;

export const lifecycleModule: ComputeModule<'lifecycle', LifecyclePartial> = {
  type: 'lifecycle',
  compute(context, query) {
    const grid = buildLifecycleGrid(context, query);
    return scanStatuses(context, query, grid) ?? computeLifecycleTwin(context, query, grid);
  },
  merge(partials, query, context): AnswerBody<'lifecycle'> {
    const grid = buildLifecycleGrid(context, query);
    const series = (status: LifecycleStatus, sign: 1 | -1): number[] =>
      grid.labels.slice(1).map((_, i) => partials.reduce((n, p) => n + (p[status][i + 1] ?? 0) * sign, 0));
    return {
      type: 'lifecycle',
      series: {
        new: series('new', 1),
        returning: series('returning', 1),
        resurrecting: series('resurrecting', 1),
        dormant: series('dormant', -1),
      },
      periods: grid.labels.slice(1),
      unfinished: isUnfinished({ ...context, toMs: context.asOfMs }, grid, grid.starts.length - 1),
    };
  },
  select(context, query, selection: LifecycleSelection) {
    const grid = buildLifecycleGrid(context, query);
    const wanted = getPeriodIndex(grid, selection.period);
    const actors = createActorList();
    forEachStatus(context, query, grid, (actor, interval, status) => {
      if (interval === wanted && status === selection.status) actors.add(actor);
    });
    return actors.toArray();
  },
  semantics: getSemantics,
};

function scanStatuses(context: ComputeContext, query: LifecycleQuery, grid: IntervalGrid): LifecyclePartial | null {
  const n = grid.starts.length;
  const tests = [testCounted(context, query.where, query.event), testKnown(context)];
  const counts = scanActivity(context, 'lifecycle', { bounds: getBounds(context, grid), grid, tests, cells: 4 * n });
  if (counts === null) return null;
  const column = (status: number): Float64Array => counts.subarray(status * n, (status + 1) * n);
  return { new: column(0), returning: column(1), resurrecting: column(2), dormant: column(3) };
}

function computeLifecycleTwin(context: ComputeContext, query: LifecycleQuery, grid: IntervalGrid): LifecyclePartial {
  const column = (): Float64Array => new Float64Array(grid.starts.length);
  const counts = { new: column(), returning: column(), resurrecting: column(), dormant: column() };
  forEachStatus(context, query, grid, (_, interval, status) => {
    counts[status][interval] = (counts[status][interval] ?? 0) + 1;
  });
  return counts;
}

/** The intervals of the range and the one before it, to know who was active then. */
export function buildLifecycleGrid(context: ComputeContext, query: LifecycleQuery): IntervalGrid {
  const shown = buildRangeGrid(context, query, query.interval);
  const [first] = shown.starts;
  return first === undefined
    ? shown
    : buildIntervals(query.timezone, query.interval, query.weekStart, first - 1, shown.end - 1);
}

const getBounds = ({ asOfMs }: ComputeContext, grid: IntervalGrid): Bounds => ({
  fromMs: grid.starts[0] ?? Number.POSITIVE_INFINITY,
  toMs: Math.min(grid.end - 1, asOfMs),
});

/** Calls back once per actor, shown interval and status. Intervals count whole, also where the range begins or ends inside one. */
function forEachStatus(
  context: ComputeContext,
  query: LifecycleQuery,
  grid: IntervalGrid,
  visit: (actor: ActorIndex, interval: number, status: LifecycleStatus) => void,
): void {
  const { segment, asOfMs } = context;
  const counted = compileCounted(context, query.where, query.event);
  const known = compileKnown(segment, context.knownAtMs);
  const last = grid.starts.length - 1;
  forEachActivity(context, getBounds(context, grid), counted, grid, (actor, active) => {
    if (active.count === 0) return;
    const seen = getIntervalIndex(grid, getFirstSeen(segment, actor, known, asOfMs));
    for (let i = 0; i < active.count; i++) {
      const interval = active.indexes[i] ?? 0;
      if (interval > 0) visit(actor, interval, statusOf(active, i, seen));
      const isActiveNext = i + 1 < active.count && active.indexes[i + 1] === interval + 1;
      if (interval < last && !isActiveNext) visit(actor, interval + 1, 'dormant');
    }
  });
}

function statusOf(active: ActiveIntervals, i: number, firstSeen: number): LifecycleStatus {
  const interval = active.indexes[i];
  if (interval === firstSeen) return 'new';
  return i > 0 && active.indexes[i - 1] === (interval ?? 0) - 1 ? 'returning' : 'resurrecting';
}

/** Time of the actor's first event of any kind in all the data: filters do not make anybody new. */
function getFirstSeen(segment: Segment, actor: ActorIndex, known: EventPredicate | null, asOfMs: number): number {
  const end = segment.offsets[actor + 1] ?? 0;
  for (let event = segment.offsets[actor] ?? 0; event < end; event++) {
    if (known !== null && !known(event)) continue;
    const time = getTime(segment, event);
    return time <= asOfMs ? time : Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}

function getSemantics(query: LifecycleQuery): readonly SemanticsRule[] {
  return [
    ...getCommonRules(query),
    {
      rule: 'intervals',
      text: `Local calendar intervals (${query.interval}) in ${query.timezone} that touch the range; each counts whole.`,
    },
    {
      rule: 'new',
      text: 'Active, and the first event ever of the actor (of any kind, whatever the filters) is in this interval.',
    },
    {
      rule: 'returning, resurrecting',
      text: 'Active and active in the interval before; active, not new and not active in the interval before.',
    },
    { rule: 'dormant', text: 'Not active, but active in the interval before; shown negative.' },
  ];
}
