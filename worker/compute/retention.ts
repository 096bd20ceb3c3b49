import { EngineError } from '../../protocol/errors.ts';
import type { RetentionQuery, RetentionSelection, SemanticsRule } from '../../protocol/index.ts';
import { getTime, type ActorIndex, type EventIndex } from '../segment/segment.ts';
import { scanActivity } from './activity-kernel.ts';
import { addInterval, createActiveIntervals, hasInterval, type ActiveIntervals } from './activity.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { compileCounted, createActorList, forEachActor, getEndOfData, testCounted } from './event-stream.ts';
import type { Bounds } from './kernel-pass.ts';
import { isUnfinished } from './range-grid.ts';
import { resolveMoment } from './resolve-context.ts';
import { getCommonRules } from './semantics-rules.ts';
import { buildIntervals, getIntervalIndex, toGrid, type IntervalGrid } from './time-bucket.ts';
import { formatLocal } from './time-zone.ts';

/** cells[cohort * n + k] for n intervals; k = 0 is the cohort size. */
export interface RetentionPartial {
  readonly cells: Float64Array;
}

export const retentionModule: ComputeModule<'retention', RetentionPartial> = {
  type: 'retention',
  compute: computeRetention,
  merge: mergeRetention,
  select: selectRetention,
  semantics: getSemantics,
};

const LONGEST_MS = { hour: 3_600_000, day: 90_000_000, week: 608_400_000, month: 2_682_000_000 } as const;

/** The last `intervals` intervals up to the one that contains `endsIn`. */
export function buildRetentionGrid(context: ComputeContext, query: RetentionQuery): IntervalGrid {
  const { endsIn, interval, intervals, timezone, weekStart } = query;
  const end =
    endsIn === null || endsIn === undefined
      ? Math.min(context.toMs, getEndOfData(context))
      : resolveMoment(endsIn, timezone, 'start', 'endsIn');
  if (!Number.isFinite(end)) return buildIntervals(timezone, interval, weekStart, 0, -1);
  const grid = buildIntervals(timezone, interval, weekStart, end - intervals * LONGEST_MS[interval], end);
  return toGrid(grid.starts.slice(-intervals), grid.end, (start) => formatLocal(timezone, start));
}

const getBounds = (context: ComputeContext, grid: IntervalGrid): Bounds => ({
  fromMs: Math.max(context.fromMs, grid.starts[0] ?? Number.POSITIVE_INFINITY),
  toMs: Math.min(context.toMs, grid.end - 1),
});

/** Visits every actor with the intervals of its cohort events and of its return events. */
function forEachCohort(
  context: ComputeContext,
  query: RetentionQuery,
  grid: IntervalGrid,
  visit: (actor: ActorIndex, cohorts: ActiveIntervals, returns: ActiveIntervals) => void,
): void {
  const { segment } = context;
  const isCohort = compileCounted(context, query.where, query.cohortEvent);
  const isReturn = compileCounted(context, query.where, query.returnEvent);
  const cohorts = createActiveIntervals(grid);
  const returns = createActiveIntervals(grid);
  const intervalOf = (event: EventIndex): number => getIntervalIndex(grid, getTime(segment, event));
  const { fromMs, toMs } = getBounds(context, grid);
  forEachActor(context, fromMs, toMs, (actor, from, to) => {
    cohorts.count = 0;
    returns.count = 0;
    // First ever: an earlier cohort event, also one before the range, leaves the actor out.
    const first = query.cohortRule === 'firstEver' ? findFirst(segment.offsets[actor] ?? 0, to, isCohort) : -1;
    if (first >= from) addInterval(cohorts, intervalOf(first));
    for (let event = from; event < to; event++) {
      if (query.cohortRule === 'everyInterval' && (isCohort === null || isCohort(event)))
        addInterval(cohorts, intervalOf(event));
      if (isReturn === null || isReturn(event)) addInterval(returns, intervalOf(event));
    }
    if (cohorts.count > 0) visit(actor, cohorts, returns);
  });
}

function findFirst(from: EventIndex, to: EventIndex, fits: ((event: EventIndex) => boolean) | null): EventIndex {
  for (let event = from; event < to; event++) if (fits === null || fits(event)) return event;
  return -1;
}

function computeRetention(context: ComputeContext, query: RetentionQuery): RetentionPartial {
  const grid = buildRetentionGrid(context, query);
  const n = grid.starts.length;
  const tests = [query.cohortEvent, query.returnEvent].map((match) => testCounted(context, query.where, match));
  const scan = { bounds: getBounds(context, grid), grid, tests, cells: n * n };
  const counted = scanActivity(context, query.cohortRule, scan);
  return counted === null ? computeRetentionTwin(context, query, grid) : { cells: counted };
}

function computeRetentionTwin(context: ComputeContext, query: RetentionQuery, grid: IntervalGrid): RetentionPartial {
  const n = grid.starts.length;
  const cells = new Float64Array(n * n);
  forEachCohort(context, query, grid, (_, cohorts, returns) => {
    for (let c = 0; c < cohorts.count; c++) {
      const cohort = cohorts.indexes[c] ?? 0;
      cells[cohort * n] = (cells[cohort * n] ?? 0) + 1;
      for (let r = returns.count - 1; r >= 0; r--) {
        const later = (returns.indexes[r] ?? 0) - cohort;
        if (later <= 0) break;
        cells[cohort * n + later] = (cells[cohort * n + later] ?? 0) + 1;
      }
    }
  });
  return { cells };
}

function mergeRetention(
  partials: readonly RetentionPartial[],
  query: RetentionQuery,
  context: ComputeContext,
): AnswerBody<'retention'> {
  const grid = buildRetentionGrid(context, query);
  const n = grid.starts.length;
  const sum = (cell: number): number => partials.reduce((total, p) => total + (p.cells[cell] ?? 0), 0);
  const periodStarts = [...grid.labels];
  return {
    type: 'retention',
    matrix: Array.from({ length: n }, (_, i) => Array.from({ length: n - i }, (_unused, k) => sum(i * n + k))),
    periodStarts,
    firstPeriodStart: periodStarts[0] ?? '',
    unfinished: isUnfinished(context, grid, n - 1),
  };
}

function selectRetention(context: ComputeContext, query: RetentionQuery, selection: RetentionSelection): Uint32Array {
  const grid = buildRetentionGrid(context, query);
  const { cohort, interval, returned } = selection;
  if (cohort + interval >= grid.starts.length)
    throw new EngineError('E_BAD_QUERY', 'The answer has no such cell.', {
      hint: `There are ${grid.starts.length} intervals.`,
      path: 'interval',
    });
  const actors = createActorList();
  forEachCohort(context, query, grid, (actor, cohorts, returns) => {
    if (!hasInterval(cohorts, cohort)) return;
    const isBack = interval === 0 || hasInterval(returns, cohort + interval);
    if (isBack === returned) actors.add(actor);
  });
  return actors.toArray();
}

function getSemantics(query: RetentionQuery): readonly SemanticsRule[] {
  const first = query.cohortRule === 'firstEver';
  return [
    ...getCommonRules(query),
    {
      rule: 'intervals',
      text: `${query.intervals} local calendar intervals (${query.interval}) in ${query.timezone} up to ${query.endsIn ?? 'the last event or asOf'}.`,
    },
    {
      rule: 'cohort',
      text: first
        ? 'Actors whose first ever cohort event (over all the data that passes the filters, also before the range) is in the interval.'
        : 'Actors with the cohort event in the interval; an actor can be in several cohorts.',
    },
    {
      rule: 'returned',
      text: 'Actors of the cohort with the return event in the later interval; column 0 is the cohort size.',
    },
  ];
}
