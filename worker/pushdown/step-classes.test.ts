import { describe, expect, test } from 'vitest';
import { classifySteps, relate, subsetsOf } from './step-classes.ts';

const one = (event: string | null) => ({ event });
const some = (...names: string[]) => ({ anyOf: names.map((event) => ({ event })) });

describe('which steps share events', () => {
  test('is told by their names', () => {
    expect(classifySteps([one('a'), one('b')])).toMatchObject({ apart: true, classOf: [0, 1] });
    expect(classifySteps([one('a'), one('a')])).toMatchObject({ apart: false, classOf: [0, 0] });
    // One of them takes a part of those events only.
    expect(classifySteps([one('a'), one('a')], 0)).toMatchObject({
      apart: false,
      classOf: [0, 1],
      components: [[0, 1]],
    });
    expect(classifySteps([one('a'), one('b'), some('b', 'c')])).toMatchObject({
      apart: false,
      components: [[0], [1, 2]],
    });
    expect(classifySteps([one('a'), one('b'), one(null)]).components).toEqual([[0, 1, 2]]);
  });

  test('is one within the other, or crossing', () => {
    const relation = (a: object, b: object): string => {
      const [x, y] = classifySteps([a, b]).classes;
      return x === undefined || y === undefined ? 'same' : relate(x, y);
    };
    expect(relation(one('a'), one(null))).toBe('within');
    expect(relation(some('a', 'b'), one('a'))).toBe('contains');
    expect(relation(some('a', 'b'), some('b', 'c'))).toBe('crossing');
    // Conditions may make an event fit either, both or none.
    expect(relation({ event: 'a', where: [{ prop: 'x', op: 'is_set' }] }, one('a'))).toBe('within');
    expect(relation({ event: 'a', where: [{ prop: 'x', op: 'is_set' }] }, { event: 'a', firstTimeOnly: true })).toBe(
      'crossing',
    );
  });

  test('subsets are all but the empty one', () => {
    expect(subsetsOf(['a', 'b'])).toEqual([['a'], ['b'], ['a', 'b']]);
  });
});
