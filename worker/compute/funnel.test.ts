import { describe, expect, test } from 'vitest';
import { runCompute, selectActors, type DocumentOf } from '../../tests/support/run-compute.ts';
import { parseTimelines, segmentOf, type LogEvent } from '../../tests/support/timelines.ts';
import { buildStringTable } from '../segment/string-table.ts';

type Document = DocumentOf<'funnel'>;
const step = (event: string, more: object = {}) => ({ event, ...more });
const steps = (text: string) => text.split(' ').map((event) => step(event));

const run = (log: string | readonly LogEvent[], document: Omit<Document, 'type'>) => {
  const segment = segmentOf(typeof log === 'string' ? parseTimelines(log) : log);
  const full: Document = { type: 'funnel', ...document };
  const answer = runCompute(segment, full, 2);
  return {
    answer,
    counts: answer.steps.map(({ count }) => count),
    actors: (selection: object) => selectActors(segment, full, selection, answer),
  };
};
const seconds = (value: number) => ({ value, unit: 'second' as const });

describe('orders', () => {
  const log = `
    anna: a@0 x@1 b@2 c@3
    bert: b@0 a@1 c@2
    cleo: a@0 b@1 c@2`;
  test('ordered lets other events come in between', () => {
    expect(run(log, { steps: steps('a b c') }).counts).toEqual([3, 2, 2]);
  });
  test('strict takes the very next event only', () => {
    expect(run(log, { order: 'strict', steps: steps('a b c') }).counts).toEqual([3, 1, 1]);
  });
  test('unordered takes steps as they come', () => {
    expect(run(log, { order: 'unordered', steps: steps('a b c') }).counts).toEqual([3, 3, 3]);
  });
  test('one event fills one step', () => {
    expect(run('anna: a@0 a@5', { steps: steps('a a a') }).counts).toEqual([1, 1, 0]);
    expect(run('anna: a@0 a@5', { order: 'unordered', steps: steps('a a a') }).counts).toEqual([1, 1, 0]);
  });
  test('events of one time fill steps in either order, but not in strict order', () => {
    expect(run('anna: c@7 b@7 a@7', { steps: steps('a b c') }).counts).toEqual([1, 1, 1]);
    expect(run('anna: c@7 b@7 a@7', { order: 'strict', steps: steps('a b c') }).counts).toEqual([1, 0, 0]);
  });
  test('a tied event goes to the step that no other can fill', () => {
    const either = { anyOf: [step('b'), step('c')] };
    expect(run('anna: a@0 c@5 b@5', { steps: [step('a'), either, step('c')] }).counts).toEqual([1, 1, 1]);
  });
});

describe('window', () => {
  test('includes its far edge', () => {
    expect(run('anna: a@0 b@10', { steps: steps('a b'), window: seconds(10) }).counts).toEqual([1, 1]);
    expect(run('anna: a@0 b@11', { steps: steps('a b'), window: seconds(10) }).counts).toEqual([1, 0]);
  });
  test('counts from step 1 of the deepest attempt; times are of the earliest of those', () => {
    const { answer } = run('anna: a@0 a@8 a@9 b@12 c@13', { steps: steps('a b c'), window: seconds(5) });
    expect(answer.steps[2]).toMatchObject({ count: 1, averageSeconds: 1 });
    expect(answer.totalAverageSeconds).toBe(5);
  });
});

describe('range, asOf, knownAt', () => {
  const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString();
  test('all steps lie inside the range, both ends included', () => {
    const log = 'anna: a@0 b@10\nbert: a@5 b@10';
    expect(run(log, { steps: steps('a b'), dateRange: { from: at(5), to: at(10) } }).counts).toEqual([1, 1]);
    expect(run(log, { steps: steps('a b'), dateRange: { to: at(9) } }).counts).toEqual([2, 0]);
  });
  test('asOf hides later events, knownAt rows recorded later', () => {
    const log: LogEvent[] = [
      { actor: 'anna', event: 'a', time: 0, recordedAt: 0 },
      { actor: 'anna', event: 'b', time: 1000, recordedAt: 60_000 },
    ];
    expect(run(log, { steps: steps('a b'), asOf: '1970-01-01T00:00:00Z' }).counts).toEqual([1, 0]);
    expect(run(log, { steps: steps('a b'), knownAt: '1970-01-01T00:00:59Z' }).counts).toEqual([1, 0]);
    expect(run(log, { steps: steps('a b'), knownAt: '1970-01-01T00:01:00Z' }).counts).toEqual([1, 1]);
  });
  test('first time only looks before the range and past the filters', () => {
    const first = [step('a', { firstTimeOnly: true }), step('b')];
    expect(run('anna: a@0 a@6 b@7', { steps: first, dateRange: { from: at(5) } }).counts).toEqual([0, 0]);
    const log: LogEvent[] = [
      { actor: 'anna', event: 'a', time: 0, props: { land: 'no' } },
      { actor: 'anna', event: 'a', time: 1000, props: { land: 'de' } },
    ];
    const where = [{ prop: 'land', op: 'eq' as const, value: 'de' }];
    expect(run(log, { steps: [step('a', { firstTimeOnly: true })], where }).counts).toEqual([0]);
    expect(run(log, { steps: [step('a', { firstTimeOnly: true, where })] }).counts).toEqual([1]);
  });
});

describe('exclusions', () => {
  const exclusions = [{ event: 'x', fromStep: 0, toStep: 1 }];
  test('void the attempt, not the actor', () => {
    expect(run('anna: a@0 x@1 b@2', { steps: steps('a b'), exclusions }).counts).toEqual([0, 0]);
    expect(run('anna: a@0 x@1 a@2 b@3', { steps: steps('a b'), exclusions }).counts).toEqual([1, 1]);
  });
  test('at the moment of a step or after it do no harm', () => {
    expect(run('anna: a@0 x@0 b@2 x@2 x@3', { steps: steps('a b'), exclusions }).counts).toEqual([1, 1]);
  });
  test('count until the window ends when the later step is missing', () => {
    const query = { steps: steps('a b'), exclusions, window: seconds(5) };
    expect(run('anna: a@0 x@4', query).counts).toEqual([0, 0]);
    expect(run('anna: a@0 x@5', query).counts).toEqual([1, 0]);
  });
});

describe('optional steps', () => {
  const query = { steps: [step('a'), step('b', { optional: true }), step('c')] };
  const log = `
    full: a@0 b@10 c@30
    skip: a@0 c@20
    half: a@0 b@5
    only: a@0`;
  test('are passed by without lowering the level; filled counts who did them', () => {
    const { answer, counts } = run(log, query);
    expect(counts).toEqual([4, 3, 2]);
    expect(answer.steps.map(({ filled }) => filled)).toEqual([undefined, 2, undefined]);
  });
  test('times run between filled steps', () => {
    const { answer } = run(log, query);
    expect(answer.steps[1]).toMatchObject({ averageSeconds: 7.5 });
    expect(answer.steps[2]).toMatchObject({ averageSeconds: 20, medianSeconds: 20 });
  });
  test('never delay a step that is not optional', () => {
    expect(run('anna: a@0 c@5 b@6 c@9', query).answer.steps[2]).toMatchObject({ averageSeconds: 5 });
  });
  test('do not excuse a stranger in strict order', () => {
    const log2 = 'anna: a@0 c@1\nbert: a@0 x@1 c@2';
    expect(run(log2, { ...query, order: 'strict' }).counts).toEqual([2, 1, 1]);
  });
  test('in any order: all others done is all done', () => {
    expect(run('anna: c@0 a@1\nbert: a@0 b@1', { ...query, order: 'unordered' }).counts).toEqual([2, 2, 1]);
  });
});

describe('time to convert', () => {
  const log = Array.from({ length: 10 }, (_, i) => `u${i}: a@0 b@${(i + 1) * 10}`).join('\n');
  test('mean, median of an even number, p90 by nearest rank, histogram with its far edge', () => {
    const { answer, actors } = run(log, { steps: steps('a b'), viz: 'timeToConvert', binCount: 3 });
    expect(answer).toMatchObject({ averageSeconds: 55, medianSeconds: 55, p90Seconds: 90 });
    expect(answer.bins).toEqual([
      [10, 3],
      [40, 3],
      [70, 3],
      [100, 1],
    ]);
    expect(actors({ bin: 3 })).toEqual(['u9']);
  });
});

describe('trend', () => {
  const hour = 3600;
  const log = `
    anna: a@0 b@60 a@${hour}
    bert: a@${hour}
    cleo: x@${3 * hour}`;
  const query: Omit<Document, 'type'> = {
    steps: steps('a b'),
    window: { value: 2, unit: 'hour' },
    viz: 'trend',
    interval: 'hour',
  };
  test('counts an actor once per period of entry, and marks what may still change', () => {
    const { answer, actors } = run(log, query);
    expect(answer.trend).toEqual([
      { period: '2024-01-01T00:00', from: 1, to: 1, rate: 100, unfinished: false },
      { period: '2024-01-01T01:00', from: 2, to: 0, rate: 0, unfinished: false },
      { period: '2024-01-01T02:00', from: 0, to: 0, rate: 0, unfinished: false },
      { period: '2024-01-01T03:00', from: 0, to: 0, rate: 0, unfinished: true },
    ]);
    expect(actors({ period: '2024-01-01T01:00', converted: false })).toEqual(['anna', 'bert']);
  });
  test('a window still open at asOf leaves its period unfinished', () => {
    const { answer } = run(log, { ...query, asOf: '2024-01-01T02:30:00Z' });
    expect(answer.trend?.map(({ unfinished }) => unfinished)).toEqual([false, true, true]);
  });
});

describe('breakdown', () => {
  const log: LogEvent[] = ['x', 'x', 'x', 'y', 'y', 'Other', null].flatMap((plan, i) => [
    { actor: `u${i}`, event: 'a', time: 0, props: { plan } },
    { actor: `u${i}`, event: 'b', time: i * 1000, props: { plan: i === 1 ? 'y' : plan } },
  ]);
  const groups = (attribution: object, limit?: number) => {
    const breakdown = { props: ['plan'], attribution, limit } as Document['breakdown'];
    const { answer, actors } = run(log, { steps: steps('a b'), breakdown });
    const shown = answer.groups?.map(({ value, steps: of }) => [...value, ...of.map(({ count }) => count)]);
    return { answer, actors, shown };
  };
  test('first and last touch, blank for missing', () => {
    expect(groups({ type: 'first_touch' }).shown).toEqual([
      ['x', 3, 3],
      ['y', 2, 2],
      ['', 1, 1],
      ['Other', 1, 1],
    ]);
    expect(groups({ type: 'last_touch' }).shown).toEqual([
      ['y', 3, 3],
      ['x', 2, 2],
      ['', 1, 1],
      ['Other', 1, 1],
    ]);
  });
  test('a step decides, or each value sees its own events only', () => {
    expect(groups({ type: 'step', step: 1 }).shown?.[0]).toEqual(['y', 3, 3]);
    expect(groups({ type: 'all_events' }).shown?.[0]).toEqual(['x', 3, 2]);
  });
  test('in any order and without a window, an attempt after the last event of the step does not fill it', () => {
    const breakdown = { props: ['plan'], attribution: { type: 'step' as const, step: 1 } };
    const late: LogEvent[] = [
      { actor: 'u', event: 'b', time: 0, props: { plan: 'x' } },
      { actor: 'u', event: 'excluded', time: 1000 },
      { actor: 'u', event: 'a', time: 2000 },
    ];
    const exclusions = [{ event: 'excluded', fromStep: 0, toStep: 1 }];
    const { answer } = run(late, { order: 'unordered', steps: steps('a b'), exclusions, breakdown });
    expect(answer.steps.map(({ count }) => count)).toEqual([1, 0]);
    expect(answer.groups).toEqual([]);
  });
  test('the rest is pooled as Other, into which a value of that name goes too', () => {
    const { answer, actors, shown } = groups({ type: 'first_touch' }, 2);
    expect(shown).toEqual([
      ['x', 3, 3],
      ['y', 2, 2],
      ['Other', 2, 2],
    ]);
    expect(answer.groupCount).toBe(2);
    expect(actors({ reachedStep: 0, group: ['Other'] })).toEqual(['u5', 'u6']);
  });
});

test('a breakdown by something like an id is refused', () => {
  const n = 100_001;
  const log: LogEvent[] = Array.from({ length: n }, (_, i) => ({ actor: `u${i % 9}`, event: 'a', time: i * 1000 }));
  const ids = { codes: Uint32Array.from(log, (_, i) => i + 1), values: buildStringTable(log.map((_, i) => `id ${i}`)) };
  const segment = { ...segmentOf(log), properties: new Map([['id', ids]]) };
  const breakdown = { props: ['id'], attribution: { type: 'all_events' as const } };
  const ask = () => runCompute(segment, { type: 'funnel', steps: steps('a'), breakdown });
  expect(ask).toThrow(/more than 100,000 groups/);
});

test('an empty answer says so and has no times', () => {
  const { answer } = run('anna: x@0', { steps: steps('a b'), viz: 'timeToConvert' });
  expect(answer).toMatchObject({ empty: true, bins: [] });
  expect(answer.steps[1]).toEqual({ name: 'b', count: 0, conversionFromStart: 0, conversionFromPrevious: 0 });
  expect(answer).not.toHaveProperty('averageSeconds');
});

test('a period that the trend does not have is refused', () => {
  const { actors } = run('anna: a@0', { steps: steps('a'), viz: 'trend' });
  expect(() => actors({ period: '2023-01-01' })).toThrow(/no period/);
});
