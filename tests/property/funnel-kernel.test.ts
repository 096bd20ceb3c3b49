import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnalysis, type FunnelQuery, type FunnelSelection } from '../../protocol/index.ts';
import type { ComputeContext } from '../../worker/compute/compute-module.ts';
import { getDerivedShape, parseDerivedName } from '../../worker/compute/derived.ts';
import { funnelModule } from '../../worker/compute/funnel.ts';
import { allocateDerived, type DerivedColumns } from '../../worker/segment/derived-column.ts';
import type { Segment } from '../../worker/segment/segment.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import { contextFor } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/**
 * Kernel and twin on short logs over few names and few moments: equal times, equal seconds with other milliseconds,
 * repeats and disorder are the rule. A failure prints fast-check's seed.
 */
const NAMES = ['a', 'b', 'c', 'd'];
/** Types that no step names; with all of them a type no longer fits a byte of masks, and with half of them two. */
const MORE = Array.from({ length: 16 }, (_, i) => `more ${i}`);
const RUNS = Number(process.env['RUNS'] ?? 150);
const START = Date.UTC(2024, 0, 1);
const event = fc.record({
  actor: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
  event: fc.constantFrom(...NAMES),
  time: fc
    .tuple(fc.nat(12), fc.constantFrom(0, 0, 0, 1, 500, 999))
    .map(([second, millis]) => START + second * 1000 + millis),
  props: fc.record({ plan: fc.constantFrom('', 'x', 'y', null), flag: fc.constantFrom('1', '2') }),
});
const common = fc.array(event, { minLength: 1, maxLength: 40 });
const rare = fc.constantFrom(0, 0, 2, 6, 16).chain((types): fc.Arbitrary<LogEvent[]> => {
  const names = MORE.slice(0, types);
  return types === 0
    ? fc.constant([])
    : fc.array(
        event.map((e) => ({ ...e, event: names[e.time % types] ?? '' })),
        { minLength: types },
      );
});
const logs: fc.Arbitrary<LogEvent[]> = fc.tuple(common, rare).map((parts) => parts.flat());
const condition = fc.record({
  prop: fc.constantFrom('flag', 'plan', '$event', '$actor'),
  op: fc.constantFrom('eq', 'neq'),
  value: fc.constantFrom('1', 'x', 'a', 'u1'),
});
const where = fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.tuple(condition) });
const match = fc.oneof(
  { weight: 6, arbitrary: fc.record({ event: fc.constantFrom(...NAMES), where }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant(null), where }) },
  {
    weight: 1,
    arbitrary: fc.record({
      anyOf: fc.tuple(fc.record({ event: fc.constant('a') }), fc.record({ event: fc.constant('b'), where })),
    }),
  },
);
const step = fc
  .tuple(match, fc.constantFrom(false, false, false, false, true))
  .map(([fits, firstTimeOnly]) => ({ ...fits, firstTimeOnly }));
const moment = fc.option(
  fc
    .tuple(fc.nat(12), fc.constantFrom('000', '001', '999'))
    .map(([s, ms]) => `2024-01-01T00:00:${String(s).padStart(2, '0')}.${ms}Z`),
  { freq: 2, nil: null },
);

const exclusion = fc
  .tuple(match, fc.nat(2), fc.integer({ min: 1, max: 2 }))
  .map(([fits, fromStep, span]) => ({ ...fits, fromStep, toStep: fromStep + span }));

/** Six steps of one type each, mostly different ones: what first occurrences are for. */
const longSteps = fc
  .shuffledSubarray(['a', 'b', 'c', 'd', 'more 0', 'more 1'], { minLength: 1 })
  .map((names) => names.map((name) => ({ event: name, where: [], firstTimeOnly: false })));
const documents = fc
  .record({
    order: fc.constantFrom('ordered', 'ordered', 'strict', 'unordered'),
    steps: fc.oneof({ weight: 2, arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }) }, longSteps),
    window: fc.option(
      fc.record({ value: fc.constantFrom(0, 0.5, 0.999, 1, 2, 3.0005, 5, 9), unit: fc.constant('second') }),
      { freq: 5, nil: null },
    ),
    exclusions: fc.array(exclusion, { maxLength: 2 }),
    breakdown: fc.option(
      fc.record({
        props: fc.constantFrom(['plan'], ['plan'], ['plan', 'flag'], ['$event'], ['gone']),
        attribution: fc.constantFrom(
          { type: 'first_touch' },
          { type: 'last_touch' },
          { type: 'all_events' },
          { type: 'step', step: 0 },
        ),
      }),
    ),
    viz: fc.constantFrom('steps', 'steps', 'timeToConvert', 'trend'),
    where,
    from: moment,
    to: moment,
    asOf: moment,
  })
  .map(({ exclusions, from, to, ...rest }) => {
    const last = rest.steps.length - 1;
    const fitting = exclusions.filter(({ toStep }) => toStep <= last);
    const [low, high] = from !== null && to !== null && from > to ? [to, from] : [from, to];
    return parseAnalysis({
      type: 'funnel',
      ...rest,
      interval: 'hour',
      exclusions: fitting,
      dateRange: { from: low, to: high },
    }) as FunnelQuery;
  });

/** Those that first occurrences decide, over ranges. */
const ranged = fc
  .tuple(documents, longSteps)
  .map(
    ([{ window, dateRange, asOf }, steps]) =>
      parseAnalysis({ type: 'funnel', steps, window, interval: 'hour', dateRange, asOf }) as FunnelQuery,
  );

/** What the host would have made of the names the module asks for. */
function derive(segment: Segment, names: readonly string[]): DerivedColumns {
  const columns = names.flatMap((name) => {
    const shape = getDerivedShape(segment, name);
    if (shape === null) return [];
    const values = allocateDerived(segment.memory, shape.type, shape.length);
    const { family, argument } = parseDerivedName(name);
    family.compile(segment, [{ argument, values }])(0, segment.actorCount);
    return [[name, values] as const];
  });
  return new Map(columns);
}

function answer(context: ComputeContext, query: FunnelQuery, cut: number) {
  const { actorCount } = context.segment;
  const ranges = [
    { from: 0, to: Math.min(cut, actorCount) },
    { from: Math.min(cut, actorCount), to: actorCount },
  ];
  const partials = ranges.map((range) => structuredClone(funnelModule.compute({ ...context, range }, query)));
  return funnelModule.merge(partials, query, context);
}

/** What can be clicked, in all and in the first group. */
function listSelections(query: FunnelQuery, body: ReturnType<typeof answer>): FunnelSelection[] {
  const steps = query.steps.flatMap((_, k) => [{ reachedStep: k }, ...(k === 0 ? [] : [{ droppedBeforeStep: k }])]);
  const group = body.groups?.[0]?.value;
  const grouped = group === undefined ? [] : steps.map((selection) => ({ ...selection, group: [...group] }));
  const bins = query.viz === 'timeToConvert' ? (body.bins ?? []).map((_, bin) => ({ bin })) : [];
  return [...steps, ...grouped, ...bins];
}

test.each([true, false])('kernel and twin list the same actors, derived columns %s', (derived) => {
  const property = fc.property(logs, documents, (log, query) => {
    const plain = segmentOf(log);
    const twin = { ...contextFor(plain, query), detail: 'full' as const };
    const segment = toKernelSegment(plain);
    const names = derived ? (funnelModule.derived?.({ ...twin, segment, detail: 'counts' }, query) ?? []) : [];
    const context = { ...twin, segment, derived: derive(segment, names) };
    const body = answer(twin, query, 0);
    for (const selection of listSelections(query, body))
      expect(funnelModule.select(context, query, selection, body)).toEqual(
        funnelModule.select(twin, query, selection, body),
      );
  });
  fc.assert(property, { numRuns: RUNS });
  expect(property).toBeDefined();
});

describe('kernel and twin agree', () => {
  test.each([
    ['full', true],
    ['full', false],
    ['counts', true],
    ['counts', false],
  ] as const)('detail %s, derived columns %s', (detail, derived) => {
    const property = fc.property(logs, documents, fc.nat(5), (log, query, cut) => {
      const plain = segmentOf(log);
      const twin = { ...contextFor(plain, query), detail };
      const segment = toKernelSegment(plain);
      const context = { ...twin, segment };
      const names = derived ? (funnelModule.derived?.(context, query) ?? []) : [];
      expect(answer({ ...context, derived: derive(segment, names) }, query, cut)).toEqual(answer(twin, query, 0));
    });
    fc.assert(property, { numRuns: RUNS });
    expect(property).toBeDefined();
  });

  test.each([
    [54, 8],
    [60, 4],
    [17_000, 1],
  ])('%i events of an actor and more: bits of a block have no room for all', (most, longs) => {
    const eventsOf = (actor: string, count: number, nameAt: (i: number) => string): LogEvent[] =>
      Array.from({ length: count }, (_, i) => ({ actor, event: nameAt(i), time: START + i * 700, props: {} }));
    // What counts comes last.
    const many = Array.from({ length: longs }, (_, k) =>
      eventsOf(`many ${k}`, most + k, (i) => ['b', 'c', 'a'][most + k - 1 - i] ?? 'd'),
    );
    const others = Array.from({ length: 600 }, (_, k) =>
      eventsOf(`u${k}`, k % 23, (i) => NAMES[(Math.imul(i + 31 * k, 0x9e37_79b1) >>> 28) % NAMES.length] ?? ''),
    );
    const plain = segmentOf([...many, ...others].flat());
    const segment = toKernelSegment(plain);
    const steps = ['a', 'c', 'b'].map((name) => ({ event: name }));
    for (const exclusions of [[], [{ event: 'd', fromStep: 0, toStep: 1 }]]) {
      const window = { value: 3, unit: 'second' };
      const query = parseAnalysis({ type: 'funnel', steps, window, exclusions }) as FunnelQuery;
      const twin = { ...contextFor(plain, query), detail: 'counts' as const };
      const body = answer(twin, query, 0);
      expect(body.steps[2]?.count).toBeGreaterThan(longs);
      expect(answer({ ...twin, segment }, query, 300)).toEqual(body);
    }
  });

  test('ranges by first occurrences', () => {
    const property = fc.property(logs, ranged, fc.nat(5), (log, query, cut) => {
      const plain = segmentOf(log);
      const twin = { ...contextFor(plain, query), detail: 'counts' as const };
      const segment = toKernelSegment(plain);
      const names = funnelModule.derived?.({ ...twin, segment }, query) ?? [];
      const context = { ...twin, segment, derived: derive(segment, names) };
      expect(answer(context, query, cut)).toEqual(answer(twin, query, 0));
    });
    fc.assert(property, { numRuns: RUNS });
    expect(property).toBeDefined();
  });
});
