import { EngineError, type FunnelGroup, type FunnelQuery, type FunnelStepResult } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext } from './compute-module.ts';
import { getStats } from './funnel-samples.ts';
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
    ...(query.breakdown ? describeGroups(mergeGroups(partials, query, shape), query, context, grid) : {}),
  };
}

function toSteps({ levels, filled, stepTimes }: Tally, query: FunnelQuery): FunnelStepResult[] {
  const counts = query.steps.map((_, k) => levels.subarray(k).reduce((sum, n) => sum + n, 0));
  return query.steps.map((step, k) => {
    const count = counts[k] ?? 0;
    const samples = stepTimes[k];
    return {
      name: getStepName(step, k),
      count,
      ...(step.optional === true && query.order !== 'unordered' ? { filled: filled[k] ?? 0 } : {}),
      conversionFromStart: toShare(count, counts[0] ?? 0),
      conversionFromPrevious: toShare(count, counts[Math.max(0, k - 1)] ?? 0),
      ...(k === 0 || samples === undefined ? {} : (getStats(samples) ?? {})),
    };
  });
}

/** A step's own name, else its events. */
export function getStepName(step: FunnelQuery['steps'][number], index: number): string {
  if (typeof step.name === 'string' && step.name !== '') return step.name;
  const events = step.anyOf?.map((alternative) => alternative.name ?? alternative.event) ?? [step.event ?? null];
  return events.map((event) => event ?? 'any event').join(' or ') || `Step ${index + 1}`;
}

/** 0..1; 0 of nobody. */
const toShare = (part: number, of: number): number => (of === 0 ? 0 : part / of);

/** Up to asOf or the last event of the data, whichever is earlier: what lies behind it is not known yet. */
const getHorizon = (context: ComputeContext): number => Math.min(context.asOfMs, context.lastEventMs);

function describeTrend(all: Tally, query: FunnelQuery, context: ComputeContext, grid: IntervalGrid) {
  const trend = all.trend === null ? [] : toTrend(all.trend, grid, getWindow(query), getHorizon(context));
  return { trend, periodCount: trend.length };
}

const getWindow = (query: FunnelQuery): number =>
  query.window === null ? Number.POSITIVE_INFINITY : toMilliseconds(query.window);

/** SEMANTICS.md, funnel rule 13. */
function describeConversion(conversions: Float64Array, query: FunnelQuery) {
  const seconds = conversions.map((ms) => ms / 1000);
  const stats = getStats(conversions);
  return { ...stats, bins: toBins(seconds, query.binCount) };
}

function toBins(seconds: Float64Array, binCount: number | undefined): (readonly [number, number])[] {
  if (seconds.length === 0) return [];
  const min = seconds.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = seconds.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const count = binCount ?? Math.ceil(Math.cbrt(seconds.length));
  const width = min === max ? 60 : Math.ceil((max - min) / count);
  const edges = Array.from({ length: count + 1 }, (_, i) => min + i * width);
  const counts = new Float64Array(count + 1);
  for (const value of seconds) counts[getBin(edges, value)] = (counts[getBin(edges, value)] ?? 0) + 1;
  return edges.map((edge, i) => [edge, counts[i] ?? 0] as const);
}

/** The last edge that is not above the value. Listing the actors of a bin asks the same question. */
export function getBin(edges: readonly number[], value: number): number {
  let bin = edges.length - 1;
  while (bin > 0 && (edges[bin] ?? 0) > value) bin--;
  return bin;
}

/**
 * Groups by entries, ties by value; with a limit the rest is pooled (SEMANTICS.md, funnel rule 10). A group whose own
 * value reads "Other" joins the pool, so that one name never means two groups.
 */
function mergeGroups(partials: readonly FunnelPartial[], query: FunnelQuery, shape: TallyShape): MergedGroup[] {
  const parts = new Map<string, Tally[]>();
  for (const { groups } of partials)
    for (const [key, tally] of groups) parts.set(key, [...(parts.get(key) ?? []), tally]);
  if (parts.size > MAX_GROUPS) throw tooManyGroups();
  const groups = [...parts]
    .map(([key, tallies]) => ({ key, value: JSON.parse(key) as string[], tally: mergeTallies(tallies, shape) }))
    .map((group) => ({ ...group, entries: group.tally.levels.reduce((sum, n) => sum + n, 0) }))
    .toSorted((a, b) => b.entries - a.entries || compareValues(a.value, b.value));
  const limit = query.breakdown?.limit ?? Number.POSITIVE_INFINITY;
  if (groups.length <= limit) return groups;
  const pool = [OTHER];
  const named = groups.filter((group) => compareValues(group.value, pool) !== 0);
  const shown = named.slice(0, limit);
  const rest = groups.filter((group) => !shown.includes(group)).map((group) => group.tally);
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
  const groups: FunnelGroup[] = merged.map(({ value, tally }) => ({ value, steps: toSteps(tally, query) }));
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
