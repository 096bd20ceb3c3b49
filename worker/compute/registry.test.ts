import { describe, expect, test } from 'vitest';
import { EngineError, SELECTION_SCHEMAS, parseAnalysis, type AnalysisDocument } from '../../protocol/index.ts';
import { contextFor, runCompute } from '../../tests/support/run-compute.ts';
import { parseTimelines, segmentOf } from '../../tests/support/timelines.ts';
import { getComputeModule } from './registry.ts';

const ANY = { event: null };
/** One of each kind. */
const DOCUMENTS: readonly AnalysisDocument[] = [
  { type: 'funnel', steps: [ANY, ANY] },
  { type: 'flow', startAt: 'a', endAt: 'b' },
  { type: 'transitions', measure: 'medianSeconds', boundaryNodes: true },
  { type: 'stepMatrix' },
  { type: 'variants' },
  { type: 'retention', cohortEvent: ANY, returnEvent: ANY },
  { type: 'lifecycle', event: ANY },
  { type: 'stickiness', event: ANY },
  { type: 'rollup', by: '$event', sum: 'x' },
  { type: 'journey' },
];

describe('every analysis', () => {
  test('is there', () => {
    expect(DOCUMENTS.map((d) => d.type).toSorted()).toEqual(Object.keys(SELECTION_SCHEMAS).toSorted());
  });
  for (const document of DOCUMENTS) {
    const query = parseAnalysis(document);
    test(`${document.type}: no events, and none in the range, are answers too`, () => {
      expect(runCompute(segmentOf([]), document)).toMatchObject({ type: document.type });
      const segment = segmentOf(parseTimelines('u: a@0 b@60'));
      expect(runCompute(segment, { ...document, dateRange: { from: '2030-01-01', to: '2030-01-02' } })).toMatchObject({
        type: document.type,
      });
      expect(runCompute(segment, { ...document, asOf: '2020-01-01' })).toMatchObject({ type: document.type });
    });
    test(`${document.type}: the answer is plain JSON and its rules are stated`, () => {
      const answer = runCompute(segmentOf(parseTimelines('u: a@0 b@60\n v: a@5')), document, 2);
      expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
      const rules = getComputeModule(query.type).semantics(query);
      expect(rules.length).toBeGreaterThan(1);
      expect(rules.every(({ rule, text }) => rule !== '' && text !== '' && !/undefined|NaN|\[object/.test(text))).toBe(
        true,
      );
    });
    test(`${document.type}: stops when it is cancelled`, () => {
      const segment = segmentOf(parseTimelines('u: a@0 b@60'));
      const checkpoint = (): never => {
        throw new EngineError('E_CANCELLED', 'Cancelled.', { hint: '' });
      };
      expect(() =>
        getComputeModule(query.type).compute({ ...contextFor(segment, document), checkpoint }, query),
      ).toThrow(expect.objectContaining({ code: 'E_CANCELLED' }));
    });
  }
});

describe('a document', () => {
  test('may write null for what it leaves out', () => {
    const document = {
      type: 'funnel',
      where: null,
      exclusions: null,
      steps: [
        { event: null, where: null, anyOf: null },
        { event: 'b', where: [{ prop: 'p', op: 'is_set', value: null }] },
      ],
      breakdown: { props: ['p'], attribution: { type: 'first_touch', step: null }, limit: null },
    };
    const query = parseAnalysis(document);
    expect(query).toMatchObject({ exclusions: [], steps: [{ event: null }, { event: 'b' }] });
    expect(query).not.toHaveProperty('where');
    expect(parseAnalysis({ type: 'flow', edgeLimit: null, maxSteps: null })).toMatchObject({
      edgeLimit: null,
      maxSteps: 5,
    });
    expect(() => parseAnalysis({ type: 'retention', cohortEvent: null, returnEvent: ANY })).toThrow(/cohortEvent/);
  });
  test('is refused as such however deep its unknown keys nest', () => {
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => parseAnalysis({ type: 'journey', unknown: deep })).toThrow(/Unrecognized key/);
  });
  test('may have a window or a pause of 0', () => {
    const log = segmentOf(parseTimelines('u: a@0 b@0\n v: a@0 b@1'));
    const window = { value: 0, unit: 'day' } as const;
    const { steps } = runCompute(log, { type: 'funnel', steps: [{ event: 'a' }, { event: 'b' }], window });
    expect(steps.map(({ count }) => count)).toEqual([2, 1]);
    expect(runCompute(log, { type: 'flow', sessionGapSeconds: 0 })).toMatchObject({ pathCount: 3 });
  });
});
