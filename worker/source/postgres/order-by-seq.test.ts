import { expect, test } from 'vitest';
import { orderBySeq } from './order-by-seq.ts';

test('rows are put in order of their numbers, however large and however far apart', () => {
  for (const spread of [1, 3, 2 ** 20, 2 ** 38]) {
    const seqs = Float64Array.from({ length: 3_000 }, (_, i) => ((i * 7_919) % 3_000) * spread - 500);
    const ordered = Array.from(orderBySeq(seqs), (row) => seqs[row]);
    expect(ordered).toEqual([...seqs].toSorted((a, b) => a - b));
  }
  expect(orderBySeq(new Float64Array())).toEqual(new Uint32Array());
});

test('two rows with one number are refused, not lost', () => {
  for (const spread of [1, 2 ** 38])
    expect(() => orderBySeq(Float64Array.of(3, 2, 1, 2).map((n) => n * spread))).toThrow(
      'Two rows have the arrival number',
    );
});
