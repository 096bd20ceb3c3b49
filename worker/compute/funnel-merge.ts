import { EngineError } from '../../protocol/errors.ts';
import type { FunnelGroup, FunnelQuery } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import { toBins } from './funnel-bins.ts';
import { getStats, type Samples } from './funnel-samples.ts';
import { toSteps } from './funnel-steps.ts';
import { mergeTallies, type Tally, type TallyShape } from './funnel-tally.ts';
import { buildTrendGrid, toTrend } from './funnel-trend.ts';
import { getShape } from './funnel-runner.ts';
import { toMilliseconds } from './step-match.ts';
import type { IntervalGrid } from './time-bucket.ts';

/** Groups by their values as a JSON array, so that partials of different threads and sources meet. */
export interface FunnelPartial {
  readonly all: Tally;
  readonly groups: ReadonlyMap<string, Tally>;
}
export const OTHER = 'Other';
/** More groups than this are no breakdown but a list of actors; they would only fill the memory. */
export const MAX_GROUPS = 100_000;
const GROUPS_BETWEEN_CHECKS = 1_024;

export function tooManyGroups(): EngineError {
  return new EngineError('E_LIMIT', `The breakdown has more than ${MAX_GROUPS.toLocaleString('en-US')} groups.`, {
    hint: 'Choose a property with fewer values, or narrow the range.',
    path: 'breakdown.props',
  });
}

interface MergedGroup {
  readonly value: readonly string[];
  readonly tally: Tally;
}

export function mergeFunnel(
  partials: readonly FunnelPartial[],
  query: FunnelQuery,
  context: ComputeContext,
): AnswerBody<'funnel'> {
  const grid = query.viz === 'trend' ? buildTrendGrid(context, query) : null;
  const shape = getShape(query, grid);
  const all = mergeTallies(
    partials.map((partial) => partial.all),
    shape,
  );
  const steps = toSteps(all, query);
  const totals = getStats(all.totals);
  return {
    type: 'funnel',
    steps,
    empty: (steps[0]?.count ?? 0) === 0,
    ...(totals === null
      ? {}
      : { totalAverageSeconds: totals.averageSeconds, totalMedianSeconds: totals.medianSeconds }),
    ...(grid === null ? {} : describeTrend(all, query, context, grid)),
    ...(query.viz === 'timeToConvert' ? describeConversion(all.conversions, query) : {}),
    ...(query.breakdown ? describeGroups(mergeGroups(partials, query, shape, context), query, context, grid) : {}),
  };
}

/** Up to asOf or the last event of the data, whichever is earlier: what lies behind it is not known yet. */
const getHorizon = (context: ComputeContext): number => Math.min(context.asOfMs, context.lastEventMs);

function describeTrend(all: Tally, query: FunnelQuery, context: ComputeContext, grid: IntervalGrid) {
  const trend = all.trend === null ? [] : toTrend(all.trend, grid, getWindow(query), getHorizon(context));
  return { trend, periodCount: trend.length };
}

const getWindow = (query: FunnelQuery): number =>
  query.window === null ? Number.POSITIVE_INFINITY : toMilliseconds(query.window);

/** SEMANTICS.md, funnel rule 13. */
function describeConversion(conversions: Samples, query: FunnelQuery) {
  return { ...getStats(conversions), bins: toBins(conversions, query.binCount) };
}

/**
 * Groups by entries, ties by value; with a limit the rest is pooled (SEMANTICS.md, funnel rule 10). A group whose own
 * value reads "Other" joins the pool, so that one name never means two groups.
 */
function mergeGroups(
  partials: readonly FunnelPartial[],
  query: FunnelQuery,
  shape: TallyShape,
  context: ComputeContext,
): MergedGroup[] {
  const parts = new Map<string, Tally[]>();
  for (const { groups } of partials)
    for (const [key, tally] of groups) parts.set(key, [...(parts.get(key) ?? []), tally]);
  context.checkpoint(0);
  if (parts.size > MAX_GROUPS) throw tooManyGroups();
  const groups = [...parts]
    .map(([key, tallies], i) => {
      if (i % GROUPS_BETWEEN_CHECKS === 0) context.checkpoint(0);
      return { key, value: JSON.parse(key) as string[], tally: mergeTallies(tallies, shape) };
    })
    .map((group) => ({ ...group, entries: group.tally.levels.reduce((sum, n) => sum + n, 0) }))
    .toSorted((a, b) => b.entries - a.entries || compareValues(a.value, b.value));
  context.checkpoint(0);
  const limit = query.breakdown?.limit ?? Number.POSITIVE_INFINITY;
  if (groups.length <= limit) return groups;
  const pool = [OTHER];
  const named = groups.filter(({ key }) => key !== JSON.stringify(pool));
  const shown = named.slice(0, limit);
  const isShown = new Set(shown);
  const rest = groups.filter((group) => !isShown.has(group)).map((group) => group.tally);
  return [...shown, { value: pool, tally: mergeTallies(rest, shape) }];
}

function compareValues(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const other = b[i] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}

/** The pooled rest is listed with the groups, but not counted as one. */
function describeGroups(
  merged: readonly MergedGroup[],
  query: FunnelQuery,
  context: ComputeContext,
  grid: IntervalGrid | null,
) {
  const groups: FunnelGroup[] = merged.map(({ value, tally }, i) => {
    if (i % GROUPS_BETWEEN_CHECKS === 0) context.checkpoint(0);
    return { value, steps: toSteps(tally, query) };
  });
  const trends = merged.flatMap(({ value, tally }) =>
    grid === null ? [] : [{ value, trend: describeTrend(tally, query, context, grid).trend }],
  );
  const limit = query.breakdown?.limit ?? Number.POSITIVE_INFINITY;
  return {
    groups,
    groupCount: Math.min(groups.length, limit),
    groupValues: groups.map((group) => group.value),
    ...(grid === null
      ? {}
      : { groupTrends: trends, groupRates: trends.map(({ trend }) => trend.map((point) => point.rate)) }),
  };
}
