import { describe, expect, test } from 'vitest';
import { contextFor } from '../../tests/support/run-compute.ts';
import { parseTimelines, segmentOf } from '../../tests/support/timelines.ts';
import { parseAnalysis, type AnalysisDocument, type FunnelQuery } from '../../protocol/index.ts';
import { describeFunnelActors, explainFunnel } from './funnel-explain.ts';
import { listFunnelRules } from './funnel-semantics.ts';

const START = Date.UTC(2024, 0, 1);
const steps = [{ event: 'a' }, { event: 'b' }, { event: 'c', name: 'paid' }];

const explain = (drawing: string, more: object = {}) => {
  const segment = segmentOf(parseTimelines(drawing));
  const document = { type: 'funnel', steps, window: { value: 100, unit: 'second' }, ...more } as AnalysisDocument;
  const query = parseAnalysis(document) as FunnelQuery;
  return explainFunnel(contextFor(segment, document, { from: 0, to: 1 }), query, 0);
};

describe('why not counted', () => {
  test.each([
    ['anna: a@0 b@20 c@90', {}, 3, 'Reached all 3 steps in 1 min 30 s.'],
    ['anna: b@0 c@1', {}, 0, 'No event inside the range and filters fits step 1 (a).'],
    ['anna: a@0 b@20', {}, 2, 'Stopped after step 2 (b): no later event fits step 3 (paid).'],
    ['anna: a@0 b@20 c@160', {}, 2, 'Stopped after step 2 (b): step 3 (paid) came 1 min after the window had closed.'],
    ['anna: a@0 x@5 b@6', { order: 'strict' }, 1, 'Stopped after step 1 (a): the next event was x, not step 2 (b).'],
    ['anna: c@0 a@1', { order: 'unordered' }, 2, 'Did 2 of 3 steps inside one window.'],
    [
      'anna: a@0 x@5 b@6',
      { exclusions: [{ event: 'x', fromStep: 0, toStep: 1 }] },
      0,
      'Did not enter. An excluded event voided every attempt.',
    ],
  ])('%s %j', (drawing, more, level, reason) => {
    expect(explain(drawing, more).funnel).toMatchObject({ level, reason });
  });
});

test('marks the steps of the chosen attempt, what voided others, and what was ignored', () => {
  const { marks, funnel } = explain('anna: a@0 x@5 a@10 y@11 b@20 c@200', {
    exclusions: [{ event: 'x', fromStep: 0, toStep: 1 }],
    dateRange: { to: '2024-01-01T00:01:00Z' },
  });
  expect([...marks].toSorted(([a], [b]) => a - b)).toEqual([
    [1, { exclusion: 0 }],
    [2, { step: 0 }],
    [4, { step: 1 }],
    [5, { ignored: true }],
  ]);
  expect(funnel).toMatchObject({ attempts: 2, voidAttempts: 1, windowEndsAt: START + 110_000 });
});

test('describes actors by level and step times, null where a step was skipped or not reached', () => {
  const segment = segmentOf(parseTimelines('anna: a@0 c@5\nbert: x@0'));
  const document: AnalysisDocument = {
    type: 'funnel',
    steps: [{ event: 'a' }, { event: 'b', optional: true }, { event: 'c' }, { event: 'd' }],
  };
  const facts = describeFunnelActors(
    contextFor(segment, document),
    parseAnalysis(document) as FunnelQuery,
    Uint32Array.of(0, 1),
  );
  expect(facts).toEqual([
    { level: 3, stepTimes: [START, null, START + 5000, null] },
    { level: 0, stepTimes: [null, null, null, null] },
  ]);
});

test('semantics name every rule that the query uses', () => {
  const document = {
    type: 'funnel',
    steps: [
      { event: 'a', firstTimeOnly: true },
      { event: 'b', optional: true },
    ],
    window: { value: 1, unit: 'day' },
    exclusions: [{ event: 'x', fromStep: 0, toStep: 1 }],
    breakdown: { props: ['plan'], limit: 3 },
    viz: 'trend',
  };
  const rules = listFunnelRules(parseAnalysis(document) as FunnelQuery);
  expect(rules.map(({ rule }) => rule)).toEqual([
    'order',
    'window',
    'attempts',
    'ties',
    'times',
    'optional',
    'firstTimeOnly',
    'exclusion',
    'breakdown',
    'trend',
    'range',
  ]);
  expect(rules.find(({ rule }) => rule === 'window')?.text).toBe(
    '1 day from step 1, the far edge included; a day is 86,400 s, a month 30 days.',
  );
});
