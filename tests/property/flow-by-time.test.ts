import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnalysis, type AnalysisDocument } from '../../protocol/index.ts';
import type { AnswerBody, ComputeContext, Prepared } from '../../worker/compute/compute-module.ts';
import { flowModule } from '../../worker/compute/flow.ts';
import { splitActors, type Segment } from '../../worker/segment/segment.ts';
import { listPaths } from '../support/path-oracle.ts';
import { contextFor } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/** Hours and single milliseconds around the bounds of quarter hours: ties, repeats and loops are the rule. */
const START = Date.UTC(2024, 0, 1, 0, 5);
const QUARTER = 900_000;
const instants = fc
  .tuple(fc.nat(12), fc.constantFrom(0, 0, 1, 599_999, 600_000))
  .map(([q, ms]) => START + q * QUARTER + ms);
const logs: fc.Arbitrary<LogEvent[]> = fc.array(
  fc.record({
    actor: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
    event: fc.constantFrom('/a', '/b', 'c1', 'c2'),
    time: instants,
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);
const queries = fc.record({
  maxSteps: fc.integer({ min: 2, max: 6 }),
  collapseRepeats: fc.boolean(),
  groupings: fc.constantFrom<string[][]>([], ['c*']),
  excludeEvents: fc.constantFrom<string[][]>([], ['/a']),
});
const iso = (ms: number): string => new Date(ms).toISOString();
const MADE_UP_TO = iso(START + QUARTER);

function contextOf(segment: Segment, document: AnalysisDocument): ComputeContext {
  return { ...contextFor(segment, document), detail: 'counts' };
}

/** What the host does: prepared for a question up to some moment, looked up for another. */
function lookUp(segment: Segment, document: AnalysisDocument, parts: number): AnswerBody<'flow'> {
  const { preparation } = flowModule;
  const asked = { ...document, asOf: MADE_UP_TO } as AnalysisDocument;
  const [query, before] = [parseAnalysis(document), parseAnalysis(asked)];
  if (query.type !== 'flow' || before.type !== 'flow' || preparation === undefined) throw new Error('not a flow');
  const whole = contextOf(segment, document);
  expect(preparation.keyOf(whole, query)).toBe(preparation.keyOf(contextOf(segment, asked), before));
  const prepared = splitActors(segment, parts).map((range): Prepared =>
    preparation.prepare({ ...contextOf(segment, asked), range }, before),
  );
  const partials = prepared.map((part) => preparation.partialOf?.(part, whole, query) as never);
  return flowModule.merge(partials, query, whole);
}

function compute(segment: Segment, document: AnalysisDocument): AnswerBody<'flow'> {
  const query = parseAnalysis(document);
  if (query.type !== 'flow') throw new Error('not a flow');
  const whole = contextOf(segment, document);
  return flowModule.merge([flowModule.compute(whole, query)], query, whole);
}

test('a flow up to any moment by look-up is what counting comes to, and what the oracle does', () => {
  fc.assert(
    fc.property(
      logs,
      queries,
      fc.option(instants),
      instants,
      fc.option(fc.integer({ min: 1, max: 6 })),
      fc.integer({ min: 1, max: 4 }),
      (log, query, from, at, edgeLimit, parts) => {
        const last = Math.max(...log.map((e) => Number(e.time)));
        // Whole histories are kept as they are; ranges that end before they begin are refused.
        fc.pre(Math.max(at, START + QUARTER) < last && (from === null || (from <= at && from <= START + QUARTER)));
        const dateRange = from === null ? null : { from: iso(from) };
        const document = { type: 'flow', ...query, edgeLimit, asOf: iso(at), dateRange } as AnalysisDocument;
        const segment = segmentOf(log);
        const answer = lookUp(segment, document, parts);
        expect(answer).toEqual(compute(segment, document));
        const inside = log.filter((e) => Number(e.time) >= (from ?? 0) && Number(e.time) <= at);
        const paths = listPaths(inside, { ...query, sessionGapSeconds: null, startAt: null, endAt: null });
        expect(answer.pathCount).toBe(paths.length);
        for (const edge of answer.edges)
          expect(
            paths.filter((p) => p.names[edge.step - 1] === edge.from && p.names[edge.step] === edge.to),
          ).toHaveLength(edge.count);
        for (const node of answer.nodes) {
          const ends = paths.filter((p) => p.names.length === node.step && p.names.at(-1) === node.name);
          expect(node.dropOff).toBe(ends.filter((p) => !p.continues).length);
          expect(node.continues).toBe(ends.filter((p) => p.continues).length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['times are asked for', {}, 'full'],
  ['paths are cut', { sessionGapSeconds: 60 }, 'counts'],
  ['paths are trimmed', { startAt: '/a' }, 'counts'],
  ['rows were known late', { knownAt: iso(START) }, 'counts'],
] as const)('no look-up where %s', (_why, extra, detail) => {
  const segment = segmentOf([
    { actor: 'u', event: '/a', time: START },
    { actor: 'u', event: '/b', time: START + QUARTER },
  ]);
  const document = { type: 'flow', asOf: iso(START), ...extra } as AnalysisDocument;
  const query = parseAnalysis(document);
  if (query.type !== 'flow') throw new Error('not a flow');
  expect(flowModule.preparation?.keyOf({ ...contextOf(segment, document), detail }, query)).toBeNull();
});
