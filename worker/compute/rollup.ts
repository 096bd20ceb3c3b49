import {
  EngineError,
  type RollupQuery,
  type RollupSelection,
  type RollupSeries,
  type SemanticsRule,
} from '../../protocol/index.ts';
import { compareText } from './compare-text.ts';
import type { AnswerBody, ComputeContext, ComputeModule } from './compute-module.ts';
import { compileCounted, createActorList, forEachActor } from './event-stream.ts';
import { buildRangeGrid, getPeriodIndex, isOpen, isUnfinished } from './range-grid.ts';
import { chooseSeries, getSeriesCodes, type SeriesCodes } from './rollup-series.ts';
import { getCommonRules } from './semantics-rules.ts';
import { addExactly, getNumbers, toSum } from './sums.ts';
import { getIntervalEnd, getIntervalIndex, type IntervalGrid } from './time-bucket.ts';

/** Cells are [slot][bucket]: the shown series, Other, and last the total of all. */
export interface RollupPartial {
  readonly shown: readonly string[];
  readonly valueCount: number | null;
  readonly events: Float64Array;
  readonly actors: Float64Array;
  /** Actors per slot over all buckets. */
  readonly totalActors: Float64Array;
  readonly sums: Float64Array | null;
  /** What rounding took from `sums`. */
  readonly lost: Float64Array | null;
}
const MAX_CELLS = 20_000_000;

export const rollupModule: ComputeModule<'rollup', RollupPartial> = {
  type: 'rollup',
  compute: computeRollup,
  merge: mergeRollup,
  select: selectRollup,
  semantics: getSemantics,
};

function computeRollup(context: ComputeContext, query: RollupQuery): RollupPartial {
  const { segment } = context;
  const grid = buildRangeGrid(context, query, query.interval);
  const counted = compileCounted(context, query.where, query.event);
  const codes = getSeriesCodes(segment, query);
  const { shown, slotOf, valueCount } = chooseSeries(context, codes, query.limit, counted);
  const partial = createPartial(shown, valueCount, grid.starts.length, isOpen(query.sum));
  const { events, actors, totalActors, sums, lost } = partial;
  const numbers = isOpen(query.sum) ? null : getNumbers(segment, query.sum ?? '');
  const buckets = grid.starts.length;
  const total = shown.length + 1;
  // Events of an actor come by time, so the last bucket seen per slot tells whether the actor is new to this one.
  const seen = new Float64Array(total + 1).fill(-1);
  const seenActor = new Float64Array(total + 1).fill(-1);
  const count = (slot: number, bucket: number, actor: number, event: number): void => {
    const cell = slot * buckets + bucket;
    events[cell] = (events[cell] ?? 0) + 1;
    const mark = actor * buckets + bucket;
    if (seen[slot] !== mark) {
      seen[slot] = mark;
      actors[cell] = (actors[cell] ?? 0) + 1;
      if (seenActor[slot] !== actor) {
        seenActor[slot] = actor;
        totalActors[slot] = (totalActors[slot] ?? 0) + 1;
      }
    }
    if (sums !== null && lost !== null && numbers !== null) addExactly(sums, lost, cell, numbers(event));
  };
  const { seconds, millis, baseSeconds } = segment;
  forEachActor(context, context.fromMs, context.toMs, (actor, from, to) => {
    for (let event = from; event < to; event++) {
      if (counted !== null && !counted(event)) continue;
      const bucket = getIntervalIndex(grid, (baseSeconds + (seconds[event] ?? 0)) * 1000 + (millis[event] ?? 0));
      if (bucket < 0) continue;
      count(slotOf[codes.codeOf(event, actor)] ?? 0, bucket, actor, event);
      count(total, bucket, actor, event);
    }
  });
  return partial;
}

function createPartial(
  shown: readonly string[],
  valueCount: number | null,
  buckets: number,
  withoutSum: boolean,
): RollupPartial {
  const slots = shown.length + 2;
  const cells = slots * buckets;
  if (cells > MAX_CELLS)
    throw new EngineError('E_LIMIT', `The answer would have ${cells} cells.`, {
      hint: 'Choose a longer interval, a shorter range or fewer series.',
      path: 'interval',
    });
  const make = (length: number): Float64Array => new Float64Array(length);
  return {
    shown,
    valueCount,
    events: make(cells),
    actors: make(cells),
    totalActors: make(slots),
    sums: withoutSum ? null : make(cells),
    lost: withoutSum ? null : make(cells),
  };
}

function mergeRollup(
  partials: readonly RollupPartial[],
  query: RollupQuery,
  context: ComputeContext,
): AnswerBody<'rollup'> {
  const grid = buildRangeGrid(context, query, query.interval);
  const merged = addPartials(partials, grid.starts.length, query);
  const slots = merged.shown.length + 2;
  const [first, last] = trimPeriods(merged, grid, query);
  const buckets = grid.starts.length;
  const toSeries = (slot: number, value: string): RollupSeries => {
    const cut = (cells: Float64Array): number[] =>
      Array.from(cells.subarray(slot * buckets + first, slot * buckets + last + 1));
    const events = cut(merged.events);
    const sums = merged.sums === null || merged.lost === null ? null : toSum(cut(merged.sums), cut(merged.lost));
    return {
      value,
      events,
      actors: cut(merged.actors),
      totalEvents: events.reduce((a, b) => a + b, 0),
      totalActors: merged.totalActors[slot] ?? 0,
      ...(sums === null ? {} : { sums: sums.cells, totalSum: sums.total }),
    };
  };
  const shown = merged.shown.map((value, slot) => toSeries(slot, value)).filter((series) => series.totalEvents > 0);
  const other = toSeries(slots - 2, getOtherLabel(merged.shown));
  const starts = Array.from(grid.starts.subarray(first, last + 1));
  return {
    type: 'rollup',
    periods: grid.labels.slice(first, last + 1),
    periodStarts: starts.map((ms) => new Date(ms).toISOString()),
    series: [
      ...shown.toSorted((a, b) => b.totalEvents - a.totalEvents || compareText(a.value, b.value)),
      ...(other.totalEvents > 0 ? [other] : []),
    ],
    seriesCount: merged.valueCount ?? shown.length,
    total: toSeries(slots - 1, 'Total'),
    unfinished: query.interval !== 'total' && last >= first && isUnfinished(context, grid, last),
  };
}

function addPartials(partials: readonly RollupPartial[], buckets: number, query: RollupQuery): RollupPartial {
  const [first, ...rest] = partials;
  if (first === undefined) return createPartial([], 0, buckets, isOpen(query.sum));
  const sum = createPartial(first.shown, first.valueCount, buckets, isOpen(query.sum));
  for (const partial of [first, ...rest]) {
    for (const key of ['events', 'actors', 'totalActors'] as const) {
      const into = sum[key];
      partial[key].forEach((value, i) => (into[i] = (into[i] ?? 0) + value));
    }
    const { sums, lost } = sum;
    if (sums === null || lost === null) continue;
    partial.sums?.forEach((value, i) => addExactly(sums, lost, i, value));
    partial.lost?.forEach((value, i) => addExactly(sums, lost, i, value));
  }
  return sum;
}

/** First and last period shown: where the range is open, empty periods at the ends are left out. */
function trimPeriods({ events }: RollupPartial, grid: IntervalGrid, query: RollupQuery): readonly [number, number] {
  const buckets = grid.starts.length;
  const total = events.subarray(events.length - buckets);
  let first = 0;
  let last = buckets - 1;
  if (isOpen(query.dateRange?.from)) while (first <= last && total[first] === 0) first++;
  if (isOpen(query.dateRange?.to)) while (last >= first && total[last] === 0) last--;
  return [first, last];
}

/** `Other`, or a longer name where a shown value is called so. */
function getOtherLabel(shown: readonly string[]): string {
  let label = 'Other';
  while (shown.includes(label)) label = `${label} (rest)`;
  return label;
}

function selectRollup(
  context: ComputeContext,
  query: RollupQuery,
  selection: RollupSelection,
  answer: AnswerBody<'rollup'>,
): Uint32Array {
  const { segment } = context;
  const counted = compileCounted(context, query.where, query.event);
  const codes = getSeriesCodes(segment, query);
  const wanted = selection.series === undefined ? null : chooseCodes(codes, query.limit, selection.series, answer);
  const grid = buildRangeGrid(context, query, query.interval);
  const period = selection.period === undefined ? null : getPeriodIndex(grid, selection.period);
  const from = period === null ? context.fromMs : Math.max(context.fromMs, grid.starts[period] ?? 0);
  const to = period === null ? context.toMs : Math.min(context.toMs, getIntervalEnd(grid, period) - 1);
  const actors = createActorList();
  forEachActor(context, from, to, (actor, start, end) => {
    for (let event = start; event < end; event++) {
      if (counted !== null && !counted(event)) continue;
      if (wanted !== null && wanted[codes.codeOf(event, actor)] !== 1) continue;
      actors.add(actor);
      return;
    }
  });
  return actors.toArray();
}

/** 1 for every code of the series that was clicked: one value, or everything that is not shown. */
function chooseCodes(
  { count, nameOf }: SeriesCodes,
  limit: number,
  series: string,
  answer: AnswerBody<'rollup'>,
): Uint8Array {
  const values = answer.series.map(({ value }) => value);
  if (!values.includes(series))
    throw new EngineError('E_BAD_QUERY', `The answer has no series "${series}".`, {
      hint: 'Take a value from its series.',
      path: 'series',
    });
  const isOther = answer.seriesCount > limit && series === values.at(-1);
  const shown = new Set(isOther ? values.slice(0, -1) : []);
  return Uint8Array.from({ length: count }, (_, code) =>
    isOther ? Number(!shown.has(nameOf(code))) : Number(nameOf(code) === series),
  );
}

function getSemantics(query: RollupQuery): readonly SemanticsRule[] {
  const span =
    query.interval === 'total'
      ? 'One count over the whole range.'
      : `Local calendar intervals (${query.interval}) in ${query.timezone}; an event belongs to the interval of its time.`;
  const rules = [
    ...getCommonRules(query),
    { rule: 'intervals', text: span },
    { rule: 'unique actors', text: 'Exact: an actor counts once per interval and series, and once in the total.' },
  ];
  if (query.by !== null)
    rules.push({
      rule: 'series',
      text: `The ${query.limit} largest values of ${query.by} by events (ties by name); Other is the rest, its actors counted once. Missing and empty values are one blank series.`,
    });
  if (!isOpen(query.sum))
    rules.push({ rule: 'sum', text: `Sum of ${query.sum}; values that are not numbers count as nothing.` });
  return rules;
}
