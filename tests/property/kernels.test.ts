import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnalysisDocument, Detail } from '../../protocol/index.ts';
import { randomLog, randomOf } from '../support/random-log.ts';
import { runCompute } from '../support/run-compute.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/**
 * Kernel and twin give the same answer to the last bit, whatever is asked. Logs have equal times, repeats, blank values and
 * second clocks; a failure prints fast-check's seed and the document.
 */
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 28);
/** One log is within so long: a moment is then often in the very second of an event. */
const DENSE_MS = 12_000;
/** Around the log and the night the clock goes forward in New York (10 March 2024); also outside of it. */
const moments = fc.option(
  fc
    .oneof(
      { weight: 3, arbitrary: fc.tuple(fc.integer({ min: -3, max: 46 * 24 }), fc.constantFrom(0, 0, 1, 999, 60_000)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant(0), fc.nat(DENSE_MS)) },
    )
    .map(([hours, ms]) => new Date(START + hours * HOUR + ms).toISOString()),
  { freq: 2 },
);
const conditions = fc.constantFrom(
  [],
  [],
  [{ prop: 'plan', op: 'eq', value: 'pro' }],
  [
    { prop: 'plan', op: 'is_not_set' },
    { prop: '$event', op: 'neq', value: 'view' },
  ],
  [
    {
      or: [
        { prop: 'country', op: 'eq', value: 'DE' },
        {
          and: [
            { prop: 'plan', op: 'eq', value: '' },
            { prop: '$event', op: 'in', value: ['open', 'buy'] },
          ],
        },
      ],
    },
  ],
  [{ prop: '$actor', op: 'icontains', value: ['é', '1'] }],
  [
    { prop: '$actor', op: 'icontains', value: '2' },
    {
      or: [
        { prop: 'plan', op: 'eq', value: 'basic' },
        { prop: 'country', op: 'eq', value: 'FR' },
      ],
    },
  ],
  [{ prop: 'plan', op: 'eq', value: 'nobody' }],
);
const matches = fc.constantFrom(
  { event: null },
  { event: 'view' },
  { event: 'buy', where: [{ prop: 'plan', op: 'eq', value: 'pro' }] },
  { anyOf: [{ event: 'open' }, { event: 'leave', where: [{ prop: 'country', op: 'eq', value: 'DE' }] }] },
  { event: 'nothing' },
);
const common = fc
  .record({ from: moments, to: moments, asOf: moments, knownAt: moments, where: conditions })
  .map(({ from, to, ...rest }) => ({
    ...rest,
    dateRange: from !== null && to !== null && from > to ? { from: to, to: from } : { from, to },
  }));
const calendar = {
  timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
  interval: fc.constantFrom('hour', 'day', 'week', 'month'),
  weekStart: fc.constantFrom('monday', 'sunday'),
};
const nodes = {
  groupings: fc.constantFrom([], ['*e*'], ['v*', 'b*']),
  excludeEvents: fc.constantFrom([], ['view'], ['*e*']),
  include: fc.constantFrom(null, null, { prop: 'country', in: ['DE'] }),
  collapseRepeats: fc.boolean(),
};
const anchors = fc.constantFrom(null, null, 'view', 'buy/', 'v*');
const documents = fc
  .tuple(
    common,
    fc.oneof(
      fc.record({
        type: fc.constant('transitions'),
        ...nodes,
        boundaryNodes: fc.boolean(),
        measure: fc.constantFrom('count', 'actors', 'shareOfTotal', 'averageSeconds', 'medianSeconds'),
      }),
      fc.record({
        type: fc.constant('flow'),
        ...nodes,
        maxSteps: fc.integer({ min: 2, max: 8 }),
        edgeLimit: fc.option(fc.integer({ min: 1, max: 20 })),
        sessionGapSeconds: fc.option(fc.constantFrom(0, 0.5, 60, 86_400)),
        startAt: anchors,
        endAt: anchors,
      }),
      fc.record({ type: fc.constant('stepMatrix'), ...nodes, maxSteps: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ type: fc.constant('variants'), ...nodes, limit: fc.integer({ min: 1, max: 50 }) }),
      fc.record({
        type: fc.constant('rollup'),
        ...calendar,
        interval: fc.constantFrom('hour', 'day', 'week', 'month', 'total'),
        event: fc.option(matches),
        by: fc.constantFrom(null, '$event', '$actor', 'plan', 'country', 'absent'),
        limit: fc.integer({ min: 1, max: 6 }),
        sum: fc.constantFrom(null, 'amount', 'country', 'absent'),
      }),
      fc.record({
        type: fc.constant('retention'),
        ...calendar,
        cohortEvent: matches,
        returnEvent: matches,
        cohortRule: fc.constantFrom('firstEver', 'everyInterval'),
        intervals: fc.integer({ min: 1, max: 30 }),
      }),
      fc.record({ type: fc.constant('lifecycle'), ...calendar, event: matches }),
      fc.record({ type: fc.constant('stickiness'), ...calendar, event: matches }),
    ),
  )
  .map(([shared, own]) => ({ ...shared, ...own }) as unknown as AnalysisDocument);

const details = fc.constantFrom('full', 'full', 'counts') satisfies fc.Arbitrary<Detail>;

const LOGS = [1, 2, 3, 4, 5].map((seed) => {
  const random = randomOf(seed);
  const log = randomLog(seed, Math.round(2 ** (3 + random() * 8)));
  const amount = (): string => (random() < 0.2 ? 'many' : String(Math.round(random() * 1e6) / 100 - 3000));
  const timeOf = ({ time }: LogEvent): number =>
    seed === 5 ? START + (Math.floor(Number(time) / 1009) % DENSE_MS) : Number(time);
  return log.map((event) => ({ ...event, time: timeOf(event), props: { ...event.props, amount: amount() } }));
});
const PAIRS = LOGS.map((log) => {
  const twin = segmentOf(log);
  return { twin, kernel: toKernelSegment(twin) };
});

/** Nothing is left out, and there are many intervals: these have kernels of their own. */
const wholeHistories = fc.oneof(
  fc.record({
    type: fc.constant('rollup'),
    ...calendar,
    interval: fc.constantFrom('hour', 'hour', 'day'),
    by: fc.constantFrom(null, '$event', 'plan', 'country'),
  }),
  fc.record({
    type: fc.constant('transitions'),
    groupings: nodes.groupings,
    collapseRepeats: nodes.collapseRepeats,
    boundaryNodes: fc.boolean(),
    measure: fc.constantFrom('count', 'averageSeconds'),
    dateRange: fc.record({ from: moments }),
  }),
) as fc.Arbitrary<AnalysisDocument>;

describe('kernel and twin agree', () => {
  for (const [log, { twin, kernel }] of PAIRS.entries())
    test(`on whole histories of log ${log + 1}`, () => {
      fc.assert(
        fc.property(wholeHistories, fc.integer({ min: 1, max: 3 }), (document, parts) => {
          const expected = runCompute(twin, document as never, parts);
          expect(runCompute(kernel, document as never, parts)).toEqual(expected);
        }),
        { numRuns: 100 },
      );
    });
  for (const [log, { twin, kernel }] of PAIRS.entries())
    test(`on log ${log + 1} of ${twin.eventCount} events`, () => {
      fc.assert(
        fc.property(documents, fc.integer({ min: 1, max: 3 }), details, (document, parts, detail) => {
          const expected = runCompute(twin, document as never, parts, detail);
          expect(runCompute(kernel, document as never, parts, detail)).toEqual(expected);
        }),
        { numRuns: 400 },
      );
    });
});
