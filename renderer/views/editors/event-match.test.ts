import { describe, expect, it } from 'vitest';
import { EventMatchSchema, type EventMatch } from '../../../protocol/index.ts';
import {
  getAlternatives,
  getConditionText,
  getMatchLabel,
  isComplete,
  withAlternatives,
  withOp,
  withValues,
} from './event-match.ts';

const eq = (prop: string, value: string) => ({ prop, op: 'eq' as const, value });

describe('alternatives', () => {
  it('one is written short, several as anyOf, and back', () => {
    const one: EventMatch = { event: 'a', where: [eq('p', '1')], name: 'A' };
    const two = withAlternatives(one, [...getAlternatives(one), { event: 'b' }]);
    expect(two).toEqual({ name: 'A', anyOf: [{ event: 'a', where: [eq('p', '1')] }, { event: 'b' }] });
    expect(withAlternatives(two, getAlternatives(two).slice(0, 1))).toEqual(one);
  });
  it('keep a filter that holds for all of them', () => {
    const match: EventMatch = { where: [eq('x', '1')], anyOf: [{ event: 'a' }, { event: 'b' }] };
    expect(withAlternatives(match, [{ event: 'a' }, { event: 'c' }]).where).toEqual([eq('x', '1')]);
    expect(withAlternatives(match, [{ event: 'a', where: [eq('y', '2')] }])).toEqual({
      event: 'a',
      where: [eq('x', '1'), eq('y', '2')],
    });
  });
  it('never write empty filters', () => {
    expect(withAlternatives({ event: 'a', where: [eq('p', '1')] }, [{ event: 'a', where: [] }])).toEqual({
      event: 'a',
    });
    expect(EventMatchSchema.safeParse(withAlternatives({}, [{ event: null }])).success).toBe(true);
  });
  it('are read as a sentence', () => {
    expect(getMatchLabel({ event: 'a' })).toBe('a');
    expect(getMatchLabel({ event: null })).toBe('Any event');
    expect(getMatchLabel({ anyOf: [{ event: 'a' }, { event: 'b' }, { event: 'c' }] })).toBe('a, b or c');
    expect(getMatchLabel({ event: 'a', name: 'Sign-up' })).toBe('Sign-up');
  });
});

describe('conditions', () => {
  it('keep their values when the operator changes', () => {
    expect(withOp(eq('plan', 'pro'), 'in')).toEqual({ prop: 'plan', op: 'in', value: ['pro'] });
    expect(withOp({ prop: 'plan', op: 'in', value: ['pro', 'team'] }, 'neq')).toEqual({
      prop: 'plan',
      op: 'neq',
      value: 'pro',
    });
    expect(withOp(eq('plan', 'pro'), 'is_set')).toEqual({ prop: 'plan', op: 'is_set' });
  });
  it('know when they can be asked', () => {
    expect(isComplete({ prop: 'p', op: 'is_set' })).toBe(true);
    expect(isComplete({ prop: 'p', op: 'icontains', value: '' })).toBe(false);
    expect(isComplete({ prop: 'p', op: 'in', value: [] })).toBe(false);
    expect(isComplete({ prop: '', op: 'eq', value: 'x' })).toBe(false);
    expect(withValues({ prop: 'p', op: 'in' }, ['a', 'b'])).toEqual({ prop: 'p', op: 'in', value: ['a', 'b'] });
  });
  it('are read as text', () => {
    expect(getConditionText({ or: [eq('a', '1'), { and: [eq('b', '2'), { prop: 'c', op: 'is_set' }] }] })).toBe(
      '(a is 1 or (b is 2 and c is set))',
    );
    expect(getConditionText({ prop: 'a', op: 'in', value: [1, true] })).toBe('a is one of 1, true');
    expect(getConditionText({ prop: '$actor', op: 'in', value: ['a', 'b', 'c', 'd'] })).toBe(
      'Actor is one of 4 values',
    );
  });
});
