import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnalysis, type FunnelQuery, type FunnelSelection } from '../../protocol/index.ts';
import type { ComputeContext } from '../../worker/compute/compute-module.ts';
import { funnelModule } from '../../worker/compute/funnel.ts';
import { getString } from '../../worker/segment/string-table.ts';
import { findDeepest, type OracleQuery, type OracleStep } from '../support/funnel-oracle.ts';
import type { Segment } from '../../worker/segment/segment.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import { contextFor } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/**
 * Short logs over few names and few seconds, so that ties, overlapping steps and repeats are the rule. A failure prints
 * fast-check's seed and the smallest log that shows it.
 */
const NAMES = ['a', 'b', 'c', 'd'];
const START = Date.UTC(2024, 0, 1);
/** A quarter of an hour, so that trends by hour have several periods. */
const UNIT_SECONDS = 900;
const toMs = (time: number): number => START + time * UNIT_SECONDS * 1000;
const event = fc.record({
  actor: fc.constantFrom('u1', 'u2', 'u3'),
  event: fc.constantFrom(...NAMES),
  time: fc.nat(9).map(toMs),
  props: fc.record({ plan: fc.constantFrom('', 'x', 'y', 'z', null) }),
});
const logs: fc.Arbitrary<LogEvent[]> = fc.array(event, { maxLength: 18 });
const names = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES).map((name) => [name]) },
  { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant(['*']) },
);
const step: fc.Arbitrary<OracleStep> = fc.record({
  names,
  optional: fc.constantFrom(false, false, true),
  firstTimeOnly: fc.constantFrom(false, false, false, true),
});
const plainStep: fc.Arbitrary<OracleStep> = fc.record({ names });

const queriesOf = (steps: fc.Arbitrary<OracleStep>, withExclusions: boolean): fc.Arbitrary<OracleQuery> =>
  fc.array(steps, { minLength: 1, maxLength: 4 }).chain(([first, ...rest]) => {
    const last = rest.length;
    const exclusion = fc.nat(Math.max(0, last - 1)).chain((fromStep) =>
      fc.record({
        names,
        fromStep: fc.constant(fromStep),
        toStep: fc.integer({ min: fromStep + 1, max: Math.max(fromStep + 1, last) }),
      }),
    );
    return fc.record({
      order: fc.constantFrom('ordered', 'strict', 'unordered'),
      steps: fc.constant([{ ...first, names: first?.names ?? [], optional: false }, ...rest]),
      window: fc.option(fc.integer({ min: 1, max: 8 })),
      exclusions: withExclusions && last > 0 ? fc.array(exclusion, { maxLength: 2 }) : fc.constant([]),
    });
  });

const toMatch = (list: readonly string[]) => ({ anyOf: list.map((name) => ({ event: name === '*' ? null : name })) });

function toDocument(query: OracleQuery, more: Record<string, unknown> = {}): FunnelQuery {
  const document = {
    type: 'funnel',
    order: query.order,
    steps: query.steps.map(({ names: list, optional, firstTimeOnly }) => ({
      ...toMatch(list),
      optional,
      firstTimeOnly,
    })),
    window: query.window === null ? null : { value: query.window * UNIT_SECONDS, unit: 'second' },
    exclusions: query.exclusions.map(({ names: list, ...span }) => ({ ...toMatch(list), ...span })),
    ...more,
  };
  return parseAnalysis(document) as FunnelQuery;
}

function answer(context: ComputeContext, query: FunnelQuery, parts = 1) {
  const { actorCount } = context.segment;
  const partials = Array.from({ length: parts }, (_, i) =>
    funnelModule.compute(
      {
        ...context,
        range: { from: Math.floor((actorCount * i) / parts), to: Math.floor((actorCount * (i + 1)) / parts) },
      },
      query,
    ),
  );
  return funnelModule.merge(structuredClone(partials), query, context);
}

/** Throws with the seed and the smallest counterexample. */
function holds<T>(property: fc.IProperty<T>): true {
  fc.assert(property, { numRuns: 1500 });
  return true;
}

describe('against every way to fill the steps', () => {
  const checkOn = (segment: Segment, log: LogEvent[], query: OracleQuery): void => {
    const document = toDocument(query);
    const context = contextFor(segment, document);
    const got =
      funnelModule.describeActors?.(
        context,
        document,
        Uint32Array.from({ length: segment.actorCount }, (_, i) => i),
      ) ?? [];
    const expected = got.map((_, actor) => {
      const id = getString(segment.actorIds, actor);
      const events = log
        .filter((e) => e.actor === id)
        .map((e) => ({ name: e.event, time: (Number(e.time) - START) / 1000 / UNIT_SECONDS }));
      const { level, times } = findDeepest(events, query);
      return { level, stepTimes: times.map((time) => (time === null ? null : toMs(time))) };
    });
    expect(got).toEqual(expected);
    const counts = query.steps.map((_, k) => expected.filter(({ level }) => level > k).length);
    expect(answer(context, document).steps.map(({ count }) => count)).toEqual(counts);
  };
  const check = (log: LogEvent[], query: OracleQuery): void => checkOn(segmentOf(log), log, query);

  // Few runs: every one takes a memory of its own, which costs far more than the funnel.
  test('by kernels', () => {
    const property = fc.property(logs, queriesOf(step, true), (log, query) =>
      checkOn(toKernelSegment(segmentOf(log)), log, query),
    );
    expect(fc.assert(property, { numRuns: 150 })).toBeUndefined();
  });
  test.each([
    ['plain steps', plainStep, false],
    ['exclusions', plainStep, true],
    ['optional and first-time steps', step, false],
    ['everything together', step, true],
  ] as const)('%s', (_name, steps, withExclusions) => {
    expect(holds(fc.property(logs, queriesOf(steps, withExclusions), check))).toBe(true);
  });
});

const breakdown = fc.option(
  fc.record({
    props: fc.constant(['plan']),
    attribution: fc.constantFrom(
      { type: 'first_touch' },
      { type: 'last_touch' },
      { type: 'all_events' },
      { type: 'step', step: 0 },
    ),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
);

test('arrival order never changes an ordered or unordered count', () => {
  const shuffled = logs.chain((log) => fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })));
  const attribution = fc.constantFrom({ type: 'all_events' }, { type: 'step', step: 0 });
  const property = fc.property(shuffled, queriesOf(step, true), attribution, ([log, other], query, by) => {
    fc.pre(query.order !== 'strict');
    const document = toDocument(query, { breakdown: { props: ['plan'], attribution: by } });
    const [one, two] = [log, other].map((l) => answer(contextFor(segmentOf(l), document), document));
    expect(one).toEqual(two);
  });
  expect(holds(property)).toBe(true);
});

test('how actors are cut into ranges never changes an answer', () => {
  const property = fc.property(
    logs,
    queriesOf(step, true),
    breakdown,
    fc.constantFrom('trend', 'timeToConvert'),
    (log, query, by, viz) => {
      const document = toDocument(query, { breakdown: by, viz, interval: 'hour' });
      const context = contextFor(segmentOf(log), document);
      expect(answer(context, document, 3)).toEqual(answer(context, document, 1));
    },
  );
  expect(holds(property)).toBe(true);
});

type Body = ReturnType<typeof answer>;

/** Every number of an answer that a user can click. */
function listNumbers(body: Body): (readonly [FunnelSelection, number])[] {
  const ofSteps = (steps: Body['steps'], group: object): (readonly [FunnelSelection, number])[] =>
    steps.flatMap(({ count }, k) => {
      const dropped = { droppedBeforeStep: k, ...group };
      const before = steps[k - 1]?.count;
      return [
        [{ reachedStep: k, ...group }, count],
        ...(before === undefined ? [] : [[dropped, before - count] as const]),
      ];
    });
  const ofTrend = (trend: NonNullable<Body['trend']>, group: object): (readonly [FunnelSelection, number])[] =>
    trend.flatMap(({ period, from, to }) => [
      [{ period, ...group }, from],
      [{ period, converted: true, ...group }, to],
      [{ period, converted: false, ...group }, from - to],
    ]);
  return [
    ...ofSteps(body.steps, {}),
    ...(body.groups ?? []).flatMap(({ value, steps }) => ofSteps(steps, { group: [...value] })),
    ...ofTrend(body.trend ?? [], {}),
    ...(body.groupTrends ?? []).flatMap(({ value, trend }) => ofTrend(trend, { group: [...value] })),
    ...(body.bins ?? []).map(([, actors], bin) => [{ bin }, actors] as const),
  ];
}

test('every number opens exactly that many actors', () => {
  const property = fc.property(
    logs,
    queriesOf(step, true),
    breakdown,
    fc.constantFrom('trend', 'timeToConvert'),
    (log, query, by, viz) => {
      const document = toDocument(query, { breakdown: by, viz, interval: 'hour' });
      const context = contextFor(segmentOf(log), document);
      const body = answer(context, document);
      const numbers = listNumbers(body);
      const lists = numbers.map(([selection]) => funnelModule.select(context, document, selection, body));
      expect(lists.map((list) => list.length)).toEqual(numbers.map(([, number]) => number));
      expect(lists).toEqual(lists.map((list) => list.toSorted()));
    },
  );
  expect(holds(property)).toBe(true);
});
