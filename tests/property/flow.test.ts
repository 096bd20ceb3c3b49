import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runCompute, selectActors, type DocumentOf } from '../support/run-compute.ts';
import { actorsOf, listPaths, type OraclePath, type OraclePathQuery } from '../support/path-oracle.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';
import { toKernelSegment } from '../support/kernel-segment.ts';
import type { Segment } from '../../worker/segment/segment.ts';

/** By the TypeScript twins, and by kernels. */
const BUILDS: readonly (readonly [string, (log: readonly LogEvent[]) => Segment])[] = [
  ['twins', segmentOf],
  ['kernels', (log) => toKernelSegment(segmentOf(log))],
];

/** Few names, few seconds: ties, repeats, loops and pauses are the rule. A failure prints fast-check's seed. */
const NAMES = ['/a', '/b', '/b/', 'c1', 'c2'];
const logs: fc.Arbitrary<LogEvent[]> = fc.array(
  fc.record({
    actor: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
    event: fc.constantFrom(...NAMES),
    time: fc.nat(30).map((t) => Date.UTC(2024, 0, 1) + t * 1000),
  }),
  { maxLength: 60, size: 'max' },
);
const queries: fc.Arbitrary<OraclePathQuery> = fc.record({
  maxSteps: fc.integer({ min: 2, max: 6 }),
  sessionGapSeconds: fc.option(fc.integer({ min: 1, max: 6 })),
  collapseRepeats: fc.boolean(),
  groupings: fc.constantFrom([], ['c*'], ['*1', 'c*']),
  excludeEvents: fc.constantFrom([], ['/a'], ['c*']),
  startAt: fc.constantFrom(null, null, '/b', '/a/'),
  endAt: fc.constantFrom(null, null, '/b', 'c2'),
});
const toDocument = (query: OraclePathQuery, edgeLimit: number | null): DocumentOf<'flow'> => ({
  type: 'flow',
  edgeLimit,
  ...query,
  groupings: [...query.groupings],
  excludeEvents: [...query.excludeEvents],
});
const isSameEdge = (a: Edge, b: Edge): boolean => a.step === b.step && a.from === b.from && a.to === b.to;
type Edge = { readonly step: number; readonly from: string; readonly to: string };
const ids = (paths: readonly OraclePath[]): string[] => [...new Set(paths.map((p) => p.actor))].toSorted();

function expectedEdges(paths: readonly OraclePath[]) {
  const edges = new Map<string, { step: number; from: string; to: string; paths: OraclePath[]; seconds: number[] }>();
  for (const path of paths) {
    path.names.slice(1).forEach((to, i) => {
      const from = path.names[i] ?? '';
      const key = `${i + 1}_${from}\u0000${i + 2}_${to}`;
      const edge = edges.get(key) ?? { step: i + 1, from, to, paths: [], seconds: [] };
      edge.paths.push(path);
      edge.seconds.push(((path.times[i + 1] ?? 0) - (path.times[i] ?? 0)) / 1000);
      edges.set(key, edge);
    });
  }
  return [...edges.entries()]
    .map(([key, { step, from, to, paths: on, seconds }]) => ({
      key,
      edge: {
        step,
        from,
        to,
        count: on.length,
        actors: ids(on).length,
        averageSeconds: seconds.reduce((a, b) => a + b, 0) / seconds.length,
      },
    }))
    .toSorted((a, b) => b.edge.count - a.edge.count || (a.key < b.key ? -1 : 1))
    .map(({ edge }) => edge);
}

describe.each(BUILDS)('flow, %s', (_name, build) => {
  test('edges and nodes are those of the listed paths, however actors are cut', () => {
    fc.assert(
      fc.property(logs, queries, fc.integer({ min: 1, max: 4 }), (log, query, parts) => {
        const paths = listPaths(log, query);
        const answer = runCompute(build(log), toDocument(query, null), parts);
        expect(answer.pathCount).toBe(paths.length);
        expect(answer.actorCount).toBe(ids(paths).length);
        // With startAt unreachable edges are dropped; without a limit none is unreachable.
        expect(answer.edges).toEqual(expectedEdges(paths));
        for (const node of answer.nodes) {
          const through = paths.filter((p) => p.names[node.step - 1] === node.name);
          const last = through.filter((p) => p.names.length === node.step);
          expect(node.count).toBe(through.length);
          expect(node.dropOff).toBe(last.filter((p) => !p.continues).length);
          expect(node.continues).toBe(last.filter((p) => p.continues).length);
        }
      }),
    );
  });

  test('every node balances, and the remainder holds what the limit hides', () => {
    fc.assert(
      fc.property(logs, queries, fc.option(fc.integer({ min: 1, max: 8 })), (log, query, limit) => {
        const answer = runCompute(build(log), toDocument(query, limit));
        const all = expectedEdges(listPaths(log, query));
        for (const node of answer.nodes) {
          expect(node.starts + node.in).toBe(node.count);
          expect(node.out + node.dropOff + node.continues + node.remainderOut).toBe(node.count);
          const into = answer.edges.filter((e) => e.step + 1 === node.step && e.to === node.name);
          expect(into.reduce((n, e) => n + e.count, 0) + node.remainderIn).toBe(node.in);
        }
        expect(answer.edgeCount + answer.remainder.edges).toBe(all.length);
        const sum = (edges: readonly { count: number }[]): number => edges.reduce((n, e) => n + e.count, 0);
        expect(sum(answer.edges) + answer.remainder.count).toBe(sum(all));
        expect(answer.nodes.reduce((n, node) => n + node.starts, 0) + answer.remainder.starts).toBe(answer.pathCount);
        const largest = all.slice(0, limit ?? all.length);
        expect(answer.edges).toEqual(
          query.startAt === null ? largest : largest.filter((e) => answer.edges.some((shown) => isSameEdge(e, shown))),
        );
      }),
    );
  });

  test('every number opens the actors behind it', () => {
    fc.assert(
      fc.property(
        logs,
        queries,
        fc.integer({ min: 1, max: 4 }),
        fc.option(fc.integer({ min: 1, max: 4 })),
        (log, query, parts, limit) => {
          const segment = build(log);
          const document = toDocument(query, limit);
          const answer = runCompute(segment, document);
          const paths = listPaths(log, query);
          const list = (selection: unknown): string[] =>
            selectActors<'flow'>(segment, document, selection, answer, parts);
          expect(list({ all: true })).toHaveLength(answer.actorCount);
          for (const edge of answer.edges) {
            const { step, from, to } = edge;
            expect(list({ edge: { step, from, to } })).toHaveLength(edge.actors);
          }
          for (const node of answer.nodes) {
            const at = { step: node.step, name: node.name };
            const leaving = (shown: boolean) =>
              paths.filter(
                (p) =>
                  p.names[at.step - 1] === at.name &&
                  p.names.length > at.step &&
                  answer.edges.some((e) => e.step === at.step && e.from === at.name && e.to === p.names[at.step]) ===
                    shown,
              );
            expect(list({ node: at })).toHaveLength(node.actors);
            expect(list({ dropOff: at })).toHaveLength(node.dropOffActors);
            expect(list({ continues: at })).toHaveLength(node.continuesActors);
            expect(leaving(false)).toHaveLength(node.remainderOut);
            expect(list({ remainder: at })).toEqual(ids(leaving(false)));
            // One path per actor: every number is a number of actors.
            const actors = [node.actors, node.dropOffActors, node.continuesActors, list({ remainder: at }).length];
            const counts = [node.count, node.dropOff, node.continues, node.remainderOut];
            expect(query.sessionGapSeconds === null ? actors : []).toEqual(
              query.sessionGapSeconds === null ? counts : [],
            );
          }
          for (const path of paths.slice(0, 3))
            expect(list({ branch: path.names })).toEqual(
              ids(paths.filter((p) => path.names.every((name, i) => p.names[i] === name))),
            );
        },
      ),
      { numRuns: 60 },
    );
  });
});

const whole = (collapseRepeats: boolean): OraclePathQuery => ({
  maxSteps: 1000,
  sessionGapSeconds: null,
  collapseRepeats,
  groupings: [],
  excludeEvents: [],
  startAt: null,
  endAt: null,
});
const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
};

describe.each(BUILDS)('whole sequences, %s', (_name, build) => {
  test('transitions with every measure, and their actors', () => {
    fc.assert(
      fc.property(
        logs,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        (log, collapseRepeats, boundaryNodes, parts) => {
          const segment = build(log);
          const steps = listPaths(log, whole(collapseRepeats)).flatMap(({ actor, names, times }) => {
            const inner = names.slice(1).map((to, i) => ({
              actor,
              from: names[i] ?? '',
              to,
              seconds: ((times[i + 1] ?? 0) - (times[i] ?? 0)) / 1000,
            }));
            const first = { actor, from: 'path_start', to: names[0] ?? '', seconds: 0 };
            return boundaryNodes
              ? [first, ...inner, { actor, from: names.at(-1) ?? '', to: 'path_end', seconds: 0 }]
              : inner;
          });
          const measures = {
            count: (own: typeof steps) => own.length,
            actors: (own: typeof steps) => new Set(own.map((s) => s.actor)).size,
            shareOfSource: (own: typeof steps) => own.length / steps.filter((s) => s.from === own[0]?.from).length,
            shareOfTarget: (own: typeof steps) => own.length / steps.filter((s) => s.to === own[0]?.to).length,
            shareOfTotal: (own: typeof steps) => own.length / steps.length,
            averageSeconds: (own: typeof steps) => own.reduce((n, s) => n + s.seconds, 0) / own.length,
            medianSeconds: (own: typeof steps) => median(own.map((s) => s.seconds)),
          };
          for (const [measure, expected] of Object.entries(measures)) {
            const document = {
              type: 'transitions',
              measure: measure as keyof typeof measures,
              collapseRepeats,
              boundaryNodes,
            } as const;
            const answer = runCompute(segment, document, parts);
            expect(answer.edges.reduce((n, e) => n + e.count, 0)).toBe(steps.length);
            for (const edge of answer.edges) {
              const own = steps.filter((s) => s.from === edge.from && s.to === edge.to);
              expect(edge.value).toBeCloseTo(expected(own), 9);
              const pick = { from: edge.from, to: edge.to };
              expect(selectActors<'transitions'>(segment, document, pick, answer, parts)).toHaveLength(edge.actors);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('step matrix and variants', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), fc.integer({ min: 1, max: 4 }), (log, collapseRepeats, parts) => {
        const segment = build(log);
        const paths = listPaths(log, whole(collapseRepeats));
        const matrixOf = { type: 'stepMatrix', maxSteps: 4, collapseRepeats } as const;
        const matrix = runCompute(segment, matrixOf, parts);
        for (const [event, row] of Object.entries(matrix.share)) {
          row.forEach((share, position) => {
            const there = paths.filter((p) => (p.names[position] ?? '(end)') === event);
            expect(share * paths.length).toBeCloseTo(there.length, 9);
            expect(selectActors<'stepMatrix'>(segment, matrixOf, { event, position }, matrix, parts)).toEqual(
              ids(there),
            );
          });
        }
        const variantsOf = { type: 'variants', limit: 3, collapseRepeats } as const;
        const variants = runCompute(segment, variantsOf, parts);
        expect(variants.variantCount).toBe(new Set(paths.map((p) => p.names.join(' '))).size);
        expect(variants.actorCount).toBe(actorsOf(log).length);
        const size = (text: string): number => paths.filter((p) => p.names.join('\u0000') === text).length;
        const expected = [...new Set(paths.map((p) => p.names.join('\u0000')))].toSorted(
          (a, b) => size(b) - size(a) || (a < b ? -1 : 1),
        );
        expect(variants.variants.map((v) => v.sequence.join('\u0000'))).toEqual(expected.slice(0, 3));
        for (const { sequence, actors } of variants.variants) {
          const own = ids(paths.filter((p) => p.names.join(' ') === sequence.join(' ')));
          expect(own).toHaveLength(actors);
          expect(selectActors<'variants'>(segment, variantsOf, { sequence: [...sequence] }, variants, parts)).toEqual(
            own,
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
