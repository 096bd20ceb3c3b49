import { describe, expect, it } from 'vitest';
import { FunnelSchema, type FunnelQuery } from '../../../protocol/index.ts';
import {
  addExclusion,
  addStep,
  MAX_STEPS,
  movedIndex,
  moveStep,
  removeExclusion,
  removeStep,
  setExclusionSpan,
  updateStep,
} from './funnel-edits.ts';

const funnel = (names: string, more: object = {}): FunnelQuery =>
  FunnelSchema.parse({ type: 'funnel', steps: names.split('').map((event) => ({ event })), ...more });
const names = (f: FunnelQuery): string => f.steps.map((s) => s.event).join('');
const spans = (f: FunnelQuery): string => f.exclusions.map((x) => `${x.event}:${x.fromStep}-${x.toStep}`).join(' ');

describe('steps', () => {
  it('are added at the end or at a place', () => {
    expect(names(addStep(funnel('ab'), { event: 'c' }))).toBe('abc');
    expect(names(addStep(funnel('ab'), { event: 'c' }, 1))).toBe('acb');
  });
  it('stop at the limit of the format', () => {
    const full = funnel('x'.repeat(MAX_STEPS));
    expect(addStep(full, { event: 'y' })).toBe(full);
  });
  it('are removed, but never the last one', () => {
    expect(names(removeStep(funnel('abc'), 1))).toBe('ac');
    const one = funnel('a');
    expect(removeStep(one, 0)).toBe(one);
  });
  it('move both ways and stay inside', () => {
    expect(names(moveStep(funnel('abcd'), 0, 2))).toBe('bcad');
    expect(names(moveStep(funnel('abcd'), 3, 1))).toBe('adbc');
    const same = funnel('ab');
    expect(moveStep(same, 0, 2)).toBe(same);
    expect(moveStep(same, 1, -1)).toBe(same);
  });
  it('lose "optional" when they become the first', () => {
    const f = updateStep(funnel('ab'), 1, (s) => ({ ...s, optional: true }));
    expect(moveStep(f, 1, 0).steps[0]).toEqual({ event: 'b' });
    expect(removeStep(f, 0).steps).toEqual([{ event: 'b' }]);
  });
});

describe('what names a step follows it', () => {
  it('exclusions keep their two steps through a move, in order', () => {
    const f = funnel('abcd', { exclusions: [{ event: 'x', fromStep: 0, toStep: 1 }] });
    expect(spans(moveStep(f, 0, 3))).toBe('x:0-3');
    expect(spans(moveStep(f, 3, 0))).toBe('x:1-2');
  });
  it('an exclusion that lost one end moves to the neighbour, one without room goes', () => {
    const f = funnel('abcd', {
      exclusions: [
        { event: 'x', fromStep: 1, toStep: 3 },
        { event: 'y', fromStep: 2, toStep: 3 },
      ],
    });
    expect(spans(removeStep(f, 3))).toBe('x:1-2');
    expect(spans(removeStep(f, 1))).toBe('x:1-2 y:1-2');
    expect(spans(removeStep(removeStep(removeStep(f, 3), 2), 1))).toBe('');
  });
  it('a breakdown by a step follows it, and falls back when it is removed', () => {
    const f = funnel('abc', { breakdown: { props: ['plan'], attribution: { type: 'step', step: 2 } } });
    expect(moveStep(f, 2, 0).breakdown?.attribution).toEqual({ type: 'step', step: 0 });
    expect(removeStep(f, 2).breakdown?.attribution).toEqual({ type: 'first_touch' });
  });
  it('the ends of the trend follow, or go when they cross', () => {
    const f = funnel('abc', { fromStep: 0, toStep: 1 });
    expect(addStep(f, { event: 'z' }, 0)).toMatchObject({ fromStep: 1, toStep: 2 });
    expect(moveStep(f, 0, 1)).not.toHaveProperty('fromStep');
    expect(removeStep(f, 1)).not.toHaveProperty('toStep');
  });
  it('every result is a document the engine takes', () => {
    const start = funnel('abcde', {
      fromStep: 1,
      toStep: 3,
      exclusions: [
        { event: 'x', fromStep: 0, toStep: 4 },
        { event: 'y', fromStep: 2, toStep: 3 },
      ],
      breakdown: { props: ['p'], attribution: { type: 'step', step: 4 } },
    });
    for (let i = 0; i < 5; i++) {
      expect(FunnelSchema.safeParse(removeStep(start, i)).error).toBeUndefined();
      for (let j = 0; j < 5; j++) expect(FunnelSchema.safeParse(moveStep(start, i, j)).error).toBeUndefined();
    }
  });
  it('movedIndex agrees with moving a list', () => {
    for (let from = 0; from < 4; from++)
      for (let to = 0; to < 4; to++) {
        const moved = moveStep(funnel('abcd'), from, to);
        'abcd'.split('').forEach((name, i) => expect(moved.steps[movedIndex(i, from, to)]?.event).toBe(name));
      }
  });
});

describe('exclusions', () => {
  it('need two steps, and span the whole funnel at first', () => {
    expect(spans(addExclusion(funnel('abc'), { event: 'x' }))).toBe('x:0-2');
    const one = funnel('a');
    expect(addExclusion(one, { event: 'x' })).toBe(one);
    expect(spans(removeExclusion(addExclusion(funnel('ab'), { event: 'x' }), 0))).toBe('');
  });
  it('push the other end when they meet', () => {
    expect(setExclusionSpan({ event: 'x', fromStep: 0, toStep: 1 }, 'fromStep', 1)).toMatchObject({
      fromStep: 1,
      toStep: 2,
    });
    expect(setExclusionSpan({ event: 'x', fromStep: 2, toStep: 3 }, 'toStep', 1)).toMatchObject({
      fromStep: 0,
      toStep: 1,
    });
  });
});
