import { EngineError } from '../../protocol/errors.ts';
import type { RollupQuery, RollupSelection, SemanticsRule } from '../../protocol/index.ts';
import { getTime } from '../segment/segment.ts';
import type { ComputeContext, ComputeModule } from './compute-module.ts';
import { keepPartials } from './kept-partial.ts';
import { compileCounted, createActorList, forEachActor } from './event-stream.ts';
import { buildRangeGrid, getPeriodIndex, isOpen } from './range-grid.ts';
import { mergeRollup } from './rollup-merge.ts';
import { chooseSeries, countEvents, getOtherLabel, getSeriesCodes, type SeriesSlots } from './rollup-series.ts';
import { tallyRollup } from './rollup-kernel.ts';
import { RollupTally, type RollupPartial } from './rollup-tally.ts';
import { getCommonRules } from './semantics-rules.ts';
import { getNumbers } from './sums.ts';
import { getIntervalEnd, getIntervalIndex } from './time-bucket.ts';

export const rollupModule: ComputeModule<'rollup', RollupPartial> = {
  type: 'rollup',
  compute: computeRollup,
  preparation: keepPartials(computeRollup),
  survey: surveyRollup,
  addsCells: true,
  merge: mergeRollup,
  select: selectRollup,
  semantics: getSemantics,
};

function computeRollup(context: ComputeContext, query: RollupQuery): RollupPartial {
  return tallyRollup(context, query) ?? computeRollupTwin(context, query);
}

function computeRollupTwin(context: ComputeContext, query: RollupQuery): RollupPartial {
  const { segment } = context;
  const grid = buildRangeGrid(context, query, query.interval);
  const counted = compileCounted(context, query.where, query.event);
  const codes = getSeriesCodes(segment, query);
  const { shown, slotOf, valueCount } = chooseSeries(
    codes,
    query.limit,
    () => context.survey ?? countEvents(context, codes, counted),
  );
  const numbers = isOpen(query.sum) ? null : getNumbers(segment, query.sum ?? '');
  const tally = new RollupTally(shown, valueCount, grid.starts.length, numbers);
  forEachActor(context, context.fromMs, context.toMs, (actor, from, to) => {
    for (let event = from; event < to; event++) {
      if (counted !== null && !counted(event)) continue;
      const bucket = getIntervalIndex(grid, getTime(segment, event));
      if (bucket >= 0) tally.add(slotOf[codes.codeOf(event, actor)] ?? 0, bucket, actor, event);
    }
  });
  return tally.partial;
}

/** Events of the range by series, for `chooseSeries`; null = all series are shown. */
function surveyRollup(context: ComputeContext, query: RollupQuery): Float64Array | null {
  const codes = getSeriesCodes(context.segment, query);
  if (codes.count <= query.limit) return null;
  return countEvents(context, codes, compileCounted(context, query.where, query.event), context.range);
}

function selectRollup(context: ComputeContext, query: RollupQuery, selection: RollupSelection): Uint32Array {
  const counted = compileCounted(context, query.where, query.event);
  const codes = getSeriesCodes(context.segment, query);
  const slots =
    selection.series === undefined
      ? null
      : chooseSeries(codes, query.limit, () => context.survey ?? countEvents(context, codes, counted));
  const wanted = slots === null ? -1 : getSlot(slots, selection.series ?? '');
  const grid = buildRangeGrid(context, query, query.interval);
  const period = selection.period === undefined ? null : getPeriodIndex(grid, selection.period);
  const from = period === null ? context.fromMs : Math.max(context.fromMs, grid.starts[period] ?? 0);
  const to = period === null ? context.toMs : Math.min(context.toMs, getIntervalEnd(grid, period) - 1);
  const actors = createActorList();
  forEachActor(context, from, to, (actor, start, end) => {
    for (let event = start; event < end; event++) {
      if (counted !== null && !counted(event)) continue;
      if (slots !== null && slots.slotOf[codes.codeOf(event, actor)] !== wanted) continue;
      actors.add(actor);
      return;
    }
  });
  return actors.toArray();
}

/** The slot of the series that was clicked: one value, or everything that is not shown. */
function getSlot({ shown }: SeriesSlots, series: string): number {
  const slot = series === getOtherLabel(shown) ? shown.length : shown.indexOf(series);
  if (slot >= 0) return slot;
  throw new EngineError('E_BAD_QUERY', `The answer has no series "${series}".`, {
    hint: 'Take a value from its series.',
    path: 'series',
  });
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
