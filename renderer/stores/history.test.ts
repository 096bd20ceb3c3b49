import { describe, expect, test } from 'vitest';
import { amend, MERGE_MS, newHistory, record, redo, undo, withoutEmptyStep } from './history.ts';

const of = (...steps: readonly (readonly [document: string, label: string, at: number])[]) =>
  steps.reduce((history, [document, label, at]) => record(history, document, label, at), newHistory('start'));

describe('history', () => {
  test('goes back and forth over the same documents', () => {
    const three = of(['a', 'A', 0], ['b', 'B', 5000], ['c', 'C', 10_000]);
    const back = undo(undo(three));
    expect(back.present).toBe('a');
    expect(back.future.map((s) => s.label)).toEqual(['B', 'C']);
    expect(redo(redo(back)).present).toBe('c');
    expect(undo(undo(undo(undo(three)))).present).toBe('start');
  });

  test('merges a drag into one step, as long as no pause is longer than a second', () => {
    const drag = of(['1', 'Drag', 0], ['2', 'Drag', 900], ['3', 'Drag', 1800]);
    expect(drag.past).toHaveLength(1);
    expect(undo(drag).present).toBe('start');
    const pause = record(drag, '4', 'Drag', 1800 + MERGE_MS);
    expect(undo(pause).present).toBe('3');
  });

  test('has no step for a drag that ends where it began', () => {
    const isSame = (a: string, b: string): boolean => a === b;
    const there = withoutEmptyStep(of(['a', 'A', 0], ['b', 'Drag', 5000]), isSame);
    expect(there.past).toHaveLength(2);
    const back = withoutEmptyStep(record(there, 'a', 'Drag', 5010), isSame);
    expect(back.past).toHaveLength(1);
    expect(undo(back).present).toBe('start');
    expect(undo(record(back, 'c', 'Drag', 5020)).present).toBe('a');
  });

  test('merges a whole gesture, however slow, and not the next one', () => {
    const slow = record(record(newHistory('start'), '1', 'Drag', 0, 1), '2', 'Drag', 9000, 1);
    expect(undo(slow).present).toBe('start');
    expect(undo(record(slow, '3', 'Drag', 20_000, 2)).present).toBe('2');
    expect(undo(record(slow, '3', 'Drag', 20_000)).present).toBe('2');
  });

  test('does not merge another label, nor across an undo', () => {
    expect(of(['1', 'A', 0], ['2', 'B', 10]).past).toHaveLength(2);
    const undone = undo(of(['1', 'A', 0], ['2', 'B', 10]));
    expect(undo(record(undone, '3', 'A', 20)).present).toBe('1');
  });

  test('forgets the future after a change, and amends without a step', () => {
    const changed = record(undo(of(['1', 'A', 0])), 'other', 'B', 5000);
    expect(changed.future).toEqual([]);
    const amended = amend(changed, 'seen');
    expect(amended.present).toBe('seen');
    expect(amended.past).toBe(changed.past);
  });

  test('has nothing to undo at the start', () => {
    const start = newHistory('start');
    expect(undo(start)).toBe(start);
    expect(redo(start)).toBe(start);
  });
});
