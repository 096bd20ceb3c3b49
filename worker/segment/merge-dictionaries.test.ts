import { expect, it } from 'vitest';
import { mergeInOrder } from './merge-dictionaries.ts';
import { buildStringTable, decodeStrings } from './string-table.ts';

const table = buildStringTable;
const texts = (merged: ReturnType<typeof mergeInOrder>): string[] => decodeStrings(merged.values, () => {});

it('gives every local code its place in the merged dictionary', () => {
  const tables = [table(['b', 'ü', 'a']), table([]), table(['c', 'a', '\uFEFFa', '😀', ''])];
  const inOrder = mergeInOrder(tables, () => {});
  expect(texts(inOrder)).toEqual(['b', 'ü', 'a', 'c', '\uFEFFa', '😀', '']);
  expect(inOrder.codes.map((codes) => [...codes])).toEqual([[0, 1, 2], [], [3, 2, 4, 5, 6]]);
});

it('decodes runs with and without other letters', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => (i % 5_000 === 4_999 ? `ñ${i}` : `n${i}`));
  expect(decodeStrings(table(names), () => {})).toEqual(names);
});

it('can be stopped in every part of the work', () => {
  const names = Array.from({ length: 50_000 }, (_, i) => `name ${(i * 7_919) % 50_000}`);
  const tables = [table(names.slice(0, 25_000)), table(names.slice(25_000))];
  let calls = 0;
  mergeInOrder(tables, () => calls++);
  // Decoding, joining and writing each ask at least once in 4,096 strings.
  expect(calls).toBeGreaterThan((3 * 50_000) / 4_096);
  for (let stopAt = 1; stopAt <= calls; stopAt++) {
    let left = stopAt;
    const stop = (): void => {
      if (--left === 0) throw new Error('stopped');
    };
    expect(() => mergeInOrder(tables, stop)).toThrow('stopped');
  }
});
