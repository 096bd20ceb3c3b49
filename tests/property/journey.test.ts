import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf, existing, listMoves, stateAt, type OracleMove, type OraclePoint } from '../support/journey-oracle.ts';
import { actorsOf } from '../support/path-oracle.ts';
import { runCompute, selectActors, type DocumentOf } from '../support/run-compute.ts';
import { segmentOf, type LogEvent } from '../support/timelines.ts';

/** Half days over five weeks, few objects: ties, reused ids, late payments and returns are the rule. */
const START = Date.UTC(2024, 0, 1);
const HALF = 43_200_000;
const instants = fc.nat(70).map((n) => START + n * HALF);
const id = (prefix: string) =>
  fc.option(
    fc.nat(2).map((n) => `${prefix}${n}`),
    { freq: 8 },
  );
const ofShop = (event: string) => fc.record({ event: fc.constant(event), props: fc.record({ shop_id: id('s') }) });
const ofInvoice = (event: string) =>
  fc.record({
    event: fc.constant(event),
    props: fc.record({ invoice_id: id('i'), due_at: fc.option(instants.map((t) => new Date(t).toISOString())) }),
  });
const plain = (event: string) => fc.record({ event: fc.constant(event), props: fc.constant({}) });
const kinds = fc.oneof(
  plain('account_created'),
  plain('account_deleted'),
  plain('payment_failed'),
  ofShop('shop_created'),
  ofShop('shop_deleted'),
  ofInvoice('invoice_issued'),
  ofInvoice('invoice_issued'),
  ofInvoice('payment_succeeded'),
  ofInvoice('payment_succeeded'),
);
const logs: fc.Arbitrary<LogEvent[]> = fc.array(
  fc
    .tuple(kinds, fc.constantFrom('u1', 'u2', 'u3', 'u4'), instants, fc.nat(20))
    // Rows without a recorded time always exist, also behind knownAt.
    .map(([kind, actor, time, late]) => ({
      ...kind,
      actor,
      time,
      ...(late > 15 ? {} : { recordedAt: time + late * HALF }),
    })),
  { minLength: 1, maxLength: 50, size: 'max' },
);
const moments = fc.option(instants);
const settings = fc.record({
  asOf: moments,
  knownAt: moments,
  from: moments,
  to: moments,
  compared: moments,
  maxSteps: fc.integer({ min: 2, max: 5 }),
  parts: fc.integer({ min: 1, max: 4 }),
  interval: fc.constantFrom('day', 'week', 'month'),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const NAMES = ['Lead', 'Prospect', 'Customer', 'Churn'];

function toDocument({ asOf, knownAt, from, to, compared, maxSteps, interval }: Settings): DocumentOf<'journey'> {
  const [low, high] = from !== null && to !== null && from > to ? [to, from] : [from, to];
  return {
    type: 'journey',
    asOf: iso(asOf),
    knownAt: iso(knownAt),
    dateRange: { from: iso(low), to: iso(high) },
    maxSteps,
    interval,
    compareTo: compared === null ? null : { asOf: new Date(compared).toISOString() },
  };
}

/** What the engine should see, actor by actor. */
function observe(log: readonly LogEvent[], settingsNow: Settings) {
  const document = toDocument(settingsNow);
  const point: OraclePoint = {
    asOf: settingsNow.asOf ?? Infinity,
    knownAt: settingsNow.knownAt ?? Infinity,
    lastEvent: Math.max(...log.map((e) => Number(e.time))),
  };
  const fromMs = document.dateRange?.from ? Date.parse(document.dateRange.from) : -Infinity;
  const toMs = Math.min(document.dateRange?.to ? Date.parse(document.dateRange.to) : Infinity, point.asOf);
  const seen = new Set(existing(log, point).map((e) => e.actor));
  const people = actorsOf(log).map((actor) => ({ actor, seen: seen.has(actor), moves: listMoves(log, actor, point) }));
  return { document, point, fromMs, toMs, people };
}

/** An actor's path through a range: the state at its start or the first in it, then the moves inside. */
function pathOf(moves: readonly OracleMove[], fromMs: number, toMs: number): string[] {
  const before = stateAt(
    moves.filter((m) => m.time < fromMs),
    Infinity,
  );
  const inside = moves.filter((m) => m.time >= fromMs && m.time <= toMs).map((m) => m.to);
  return before === 'none' ? inside : fromMs > toMs ? [] : [before, ...inside];
}

describe('journey', () => {
  test('sizes, moves, time in state and their lists', () => {
    fc.assert(
      fc.property(logs, settings, (log, now) => {
        const segment = segmentOf(log);
        const { document, fromMs, toMs, people } = observe(log, now);
        const answer = runCompute(segment, document, now.parts);
        const list = (selection: unknown): string[] =>
          selectActors<'journey'>(segment, document, selection, answer, now.parts);
        const inState = (state: string): string[] =>
          people
            .filter((p) => p.seen && stateAt(p.moves, Infinity) === state)
            .map((p) => p.actor)
            .toSorted();
        for (const state of NAMES) {
          expect(answer.sizes[state]).toBe(inState(state).length);
          expect(list({ state })).toEqual(inState(state));
        }
        expect(list({ state: 'none' })).toEqual(inState('none'));
        expect(answer.noState).toBe(inState('none').length);
        expect(answer.actorCount).toBe(people.filter((p) => p.seen).length);
        const counted = people.flatMap((p) => p.moves).filter((m) => m.time >= fromMs && m.time <= toMs);
        expect(answer.moves.reduce((n, m) => n + m.count, 0)).toBe(counted.length);
        for (const move of answer.moves) {
          const own = counted.filter((m) => m.from === move.from && m.to === move.to);
          const seconds =
            own.reduce((n, m) => n + (m.from === 'start' ? 0 : m.time - m.enteredFromAt), 0) / own.length / 1000;
          expect(move.count).toBe(own.length);
          expect(move.averageSeconds).toBeCloseTo(seconds, 6);
          const actors = [...new Set(own.map((m) => m.actor))].toSorted();
          expect(list({ move: { from: move.from, to: move.to } })).toEqual(actors);
          expect(move.actors).toBe(actors.length);
        }
        for (const state of NAMES) {
          const stays = counted
            .filter((m) => m.from === state)
            .map((m) => (m.time - m.enteredFromAt) / 1000)
            .toSorted((a, b) => a - b);
          const time = answer.timeInState[state];
          expect(time?.stays).toBe(stays.length);
          expect(time?.open).toBe(inState(state).length);
          expect(time?.p90Seconds).toBe(stays[Math.ceil(stays.length * 0.9) - 1] ?? 0);
          expect(time?.medianSeconds).toBe(
            stays.length === 0
              ? 0
              : ((stays[Math.ceil(stays.length / 2) - 1] ?? 0) + (stays[Math.floor(stays.length / 2)] ?? 0)) / 2,
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the unrolled picture balances and opens its actors', () => {
    fc.assert(
      fc.property(logs, settings, (log, now) => {
        const segment = segmentOf(log);
        const { document, fromMs, toMs, people } = observe(log, now);
        const answer = runCompute(segment, document, now.parts);
        const list = (selection: unknown): string[] =>
          selectActors<'journey'>(segment, document, selection, answer, now.parts);
        const paths = people.map((p) => ({ actor: p.actor, path: pathOf(p.moves, fromMs, toMs) }));
        const ids = (fits: (path: readonly string[]) => boolean): string[] =>
          paths
            .filter((p) => fits(p.path))
            .map((p) => p.actor)
            .toSorted();
        const visible = paths.flatMap((p) => p.path.slice(0, now.maxSteps)).length;
        expect(answer.nodes.reduce((n, node) => n + node.count, 0)).toBe(visible);
        for (const node of answer.nodes) {
          const at = { step: node.step, name: node.name };
          const sum = (edges: readonly { count: number }[]): number => edges.reduce((n, e) => n + e.count, 0);
          const into = answer.edges.filter((e) => e.step + 1 === node.step && e.to === node.name);
          const out = answer.edges.filter((e) => e.step === node.step && e.from === node.name);
          expect(sum(out) + node.stays + node.continues).toBe(node.count);
          expect(node.step === 1 ? node.count : sum(into)).toBe(node.count);
          const here = (path: readonly string[]): boolean => path[node.step - 1] === node.name;
          expect(list({ node: at })).toEqual(ids(here));
          expect(list({ stays: at })).toEqual(ids((path) => here(path) && path.length === node.step));
          expect(list({ continues: at })).toEqual(
            ids((path) => here(path) && path.length > node.step && node.step === now.maxSteps),
          );
          expect([node.count, node.stays, node.continues]).toEqual([
            list({ node: at }).length,
            list({ stays: at }).length,
            list({ continues: at }).length,
          ]);
        }
        for (const { step, from, to, count } of answer.edges) {
          const own = ids((path) => path[step - 1] === from && path[step] === to);
          expect(list({ edge: { step, from, to } })).toEqual(own);
          expect(count).toBe(own.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('sizes over time, and the comparison of two points', () => {
    fc.assert(
      fc.property(logs, settings, (log, now) => {
        const segment = segmentOf(log);
        const { document, point, people } = observe(log, now);
        const answer = runCompute(segment, document, now.parts);
        const list = (selection: unknown): string[] =>
          selectActors<'journey'>(segment, document, selection, answer, now.parts);
        answer.periods.forEach((period, i) => {
          const start = new Date(period);
          const next =
            now.interval === 'month'
              ? Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1)
              : start.getTime() + (now.interval === 'week' ? 14 : 2) * HALF;
          for (const state of NAMES) {
            const own = people
              .filter((p) => p.seen && stateAt(p.moves, next - 1) === state)
              .map((p) => p.actor)
              .toSorted();
            expect(answer.sizesOverTime[state]?.[i]).toBe(own.length);
            expect(list({ state, period })).toEqual(own);
          }
          expect(start.getTime()).toBeLessThanOrEqual(endOf(point));
        });
        const then: OraclePoint = { ...point, asOf: now.compared ?? Infinity, knownAt: Infinity };
        const seenThen = new Set(existing(log, then).map((e) => e.actor));
        const both = people.filter((p) => now.compared !== null && (p.seen || seenThen.has(p.actor)));
        const movement = answer.comparison?.movement ?? [];
        expect(movement.reduce((n, m) => n + m.count, 0)).toBe(both.length);
        for (const { from, to, count } of movement) {
          const own = both
            .filter(
              (p) => stateAt(listMoves(log, p.actor, then), Infinity) === from && stateAt(p.moves, Infinity) === to,
            )
            .map((p) => p.actor)
            .toSorted();
          expect(own).toHaveLength(count);
          expect(list({ moved: { from, to } })).toEqual(own);
        }
      }),
      { numRuns: 150 },
    );
  });
});
