import { describe, expect, test } from 'vitest';
import { runCompute, selectActors } from '../../tests/support/run-compute.ts';
import { parseTimelines, segmentOf } from '../../tests/support/timelines.ts';

const text = (edges: readonly { step: number; from: string; to: string; count: number }[]): string[] =>
  edges.map((e) => `${e.step} ${e.from}>${e.to} ${e.count}`);

describe('flow', () => {
  const segment = segmentOf(
    parseTimelines(`
    anna: home@0 list@10 item@20 pay@30
    bert: home@0 list@10 list@15 home@20
    carl: home@0 help@10
  `),
  );
  test('drop-off, cut and remainder at one node', () => {
    const query = { type: 'flow', maxSteps: 3, edgeLimit: 1 } as const;
    const answer = runCompute(segment, query);
    expect(text(answer.edges)).toEqual(['1 home>list 2']);
    expect(answer.remainder).toMatchObject({ edges: 3, count: 3 });
    expect(answer.nodes.find((n) => n.step === 1)).toMatchObject({
      starts: 3,
      in: 0,
      count: 3,
      out: 2,
      dropOff: 0,
      continues: 0,
      remainderOut: 1,
    });
    expect(selectActors<'flow'>(segment, query, { remainder: { step: 1, name: 'home' } }, answer)).toEqual(['carl']);
    expect(selectActors<'flow'>(segment, query, { continues: { step: 3, name: 'item' } }, answer)).toEqual(['anna']);
  });
  test('a loop is unrolled by position and says its visit', () => {
    const { nodes } = runCompute(segment, { type: 'flow', edgeLimit: null });
    expect(nodes.filter((n) => n.name === 'home').map((n) => [n.step, n.visit])).toEqual([
      [1, 1],
      [3, 2],
    ]);
  });
  test('a repeat carries its last time', () => {
    const { edges } = runCompute(segment, { type: 'flow', edgeLimit: null });
    expect(edges.find((e) => e.from === 'list' && e.to === 'home')?.averageSeconds).toBe(5);
  });
  test('between two anchors the folded middle carries the time of its first node', () => {
    const log = segmentOf(parseTimelines('anna: a@0 b@10 c@30 d@70 e@150'));
    const { edges } = runCompute(log, { type: 'flow', startAt: 'a', endAt: 'e', maxSteps: 3 });
    expect(edges.map((e) => [e.from, e.to, e.averageSeconds])).toEqual([
      ['a', '...', 10],
      ['...', 'e', 140],
    ]);
  });
  test('groupings replace names, the first pattern found wins', () => {
    const { edges } = runCompute(segment, { type: 'flow', groupings: ['h*me', 'h', '*st'], excludeEvents: ['item'] });
    expect(text(edges)).toEqual(['1 h*me>*st 2', '1 h*me>h 1', '2 *st>h*me 1', '2 *st>pay 1']);
  });
  test('edges that a limit cuts off from the start are dropped with startAt', () => {
    const log = segmentOf(
      parseTimelines(`
      a: s@0 x1@1 y@2 z@3
      b: s@0 x2@1 y@2 z@3
      c: s@0 x3@1 y@2 z@3
      d: s@0 q@1
      e: s@0 q@1
    `),
    );
    expect(text(runCompute(log, { type: 'flow', edgeLimit: 2 }).edges)).toEqual(['3 y>z 3', '1 s>q 2']);
    expect(text(runCompute(log, { type: 'flow', edgeLimit: 2, startAt: 's' }).edges)).toEqual(['1 s>q 2']);
  });
});
