import { describe, expect, test } from 'vitest';
import type { Condition } from '../../protocol/index.ts';
import { segmentOf, type LogEvent } from '../../tests/support/timelines.ts';
import { ALWAYS, DEPENDS, NEVER, compileMatch, compileWhere, propertiesOf } from './predicate.ts';

const log: LogEvent[] = [
  { actor: 'anna', event: 'view', time: 0, props: { plan: 'Free', seats: 1, paid: true, 'person.city': 'Oslo' } },
  { actor: 'anna', event: 'pay', time: 1, props: { plan: 'Pro', seats: 10 } },
  { actor: 'bob', event: 'view', time: 0, props: { plan: null } },
  { actor: 'bob', event: 'pay', time: 2, props: { plan: '' } },
];
const segment = segmentOf(log);

const passing = (...where: Condition[]): number[] => {
  const predicate = compileWhere(segment, where);
  return [0, 1, 2, 3].filter((event) => predicate?.(event) ?? true);
};

describe('compileWhere', () => {
  test.each<[string, Condition, number[]]>([
    ['eq text', { prop: 'plan', op: 'eq', value: 'Pro' }, [1]],
    ['eq number as text', { prop: 'seats', op: 'eq', value: '1' }, [0]],
    ['eq true as text', { prop: 'paid', op: 'eq', value: 'true' }, [0]],
    ['eq true', { prop: 'paid', op: 'eq', value: true }, [0]],
    ['eq a list is any of it', { prop: 'plan', op: 'eq', value: ['Pro', 'Free'] }, [0, 1]],
    ['eq empty text is not "not set"', { prop: 'plan', op: 'eq', value: '' }, [3]],
    ['neq holds where not set', { prop: 'plan', op: 'neq', value: 'Pro' }, [0, 2, 3]],
    ['in', { prop: 'seats', op: 'in', value: [10, 11] }, [1]],
    ['not_in', { prop: 'seats', op: 'not_in', value: [10, 11] }, [0, 2, 3]],
    ['icontains', { prop: 'plan', op: 'icontains', value: 'PR' }, [1]],
    ['not_icontains holds where not set', { prop: 'plan', op: 'not_icontains', value: 'r' }, [2, 3]],
    ['is_set', { prop: 'plan', op: 'is_set' }, [0, 1, 3]],
    ['is_not_set: JSON null counts', { prop: 'plan', op: 'is_not_set' }, [2]],
    ['person property', { prop: 'person.city', op: 'eq', value: 'Oslo' }, [0]],
    ['$event', { prop: '$event', op: 'eq', value: 'pay' }, [1, 3]],
    ['$actor', { prop: '$actor', op: 'icontains', value: 'BO' }, [2, 3]],
    ['unknown property', { prop: 'nope', op: 'is_set' }, []],
    ['unknown property is not set', { prop: 'nope', op: 'neq', value: 1 }, [0, 1, 2, 3]],
    [
      'and',
      {
        and: [
          { prop: '$event', op: 'eq', value: 'pay' },
          { prop: '$actor', op: 'eq', value: 'anna' },
        ],
      },
      [1],
    ],
    [
      'or',
      {
        or: [
          { prop: 'plan', op: 'eq', value: 'Free' },
          { prop: '$actor', op: 'eq', value: 'bob' },
        ],
      },
      [0, 2, 3],
    ],
    ['empty or holds for nothing', { or: [] }, []],
    ['empty and holds for all', { and: [] }, [0, 1, 2, 3]],
  ])('%s', (_name, condition, expected) => {
    expect(passing(condition)).toEqual(expected);
  });

  test('several conditions must all hold', () => {
    expect(passing({ prop: '$event', op: 'eq', value: 'view' }, { prop: 'plan', op: 'is_set' })).toEqual([0]);
    const three: Condition[] = ['view', 'x'].map((value) => ({ prop: '$event', op: 'neq', value }));
    expect(passing(...three, { prop: 'plan', op: 'neq', value: 'Pro' }, { prop: 'seats', op: 'is_not_set' })).toEqual([
      3,
    ]);
  });

  test('is null when it is always true', () => {
    expect(compileWhere(segment, undefined)).toBeNull();
    expect(compileWhere(segment, [])).toBeNull();
    expect(compileWhere(segment, [{ prop: 'nope', op: 'is_not_set' }])).toBeNull();
  });
});

describe('compileMatch', () => {
  test('type tables say where no event has to be looked at', () => {
    expect([...compileMatch(segment, { event: 'pay' }).byType]).toEqual([NEVER, ALWAYS]);
    expect([...compileMatch(segment, { event: null }).byType]).toEqual([ALWAYS, ALWAYS]);
    expect([...compileMatch(segment, { event: 'never seen' }).byType]).toEqual([NEVER, NEVER]);
    const filtered = compileMatch(segment, { event: 'pay', where: [{ prop: 'plan', op: 'eq', value: 'Pro' }] });
    expect([...filtered.byType]).toEqual([NEVER, DEPENDS]);
    expect([0, 1, 2, 3].map(filtered.test)).toEqual([false, true, false, false]);
  });

  test('anyOf takes one fitting alternative, under the outer where', () => {
    const match = compileMatch(segment, {
      where: [{ prop: '$actor', op: 'eq', value: 'anna' }],
      anyOf: [{ event: 'view' }, { event: null, where: [{ prop: 'plan', op: 'eq', value: 'Pro' }] }],
    });
    expect([0, 1, 2, 3].map(match.test)).toEqual([true, true, false, false]);
  });
});

test('propertiesOf lists what a filter reads', () => {
  expect(
    propertiesOf([
      { prop: 'a', op: 'is_set' },
      { or: [{ prop: '$event', op: 'eq', value: 'x' }, { and: [{ prop: 'b', op: 'is_set' }] }] },
    ]),
  ).toEqual(['a', 'b']);
});
