import { expect, test } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { dropRows } from './drop-rows.ts';
import { SliceWriter } from './slice-writer.ts';

test('what is dropped is gone, all else stays in order', () => {
  const seed = 11;
  const random = randomOf(seed);
  for (let round = 0; round < 50; round++) {
    const writer = new SliceWriter({ events: true, recordedAt: true, properties: ['p'] });
    const count = 1 + Math.floor(random() * 40);
    const times = Float64Array.from({ length: count }, (_, i) => i);
    const names = Array.from(times, (time) => `n${time}`);
    const batch = { count, actors: names, events: names, times, seqs: times, recordedAt: times };
    writer.append({ ...batch, properties: new Map([['p', names]]) });
    const rows = Array.from(times).filter(() => random() < 0.3);
    const left = Array.from(times).filter((row) => !rows.includes(row));
    const slice = dropRows(writer.finish(), rows);
    const chunk = slice.chunks[0];
    const head = (column: ArrayLike<number> | undefined): number[] => Array.from(column ?? []).slice(0, chunk?.rows);
    expect(slice.rows, `seed ${seed}`).toBe(left.length);
    for (const column of [chunk?.actors, chunk?.times, chunk?.types, chunk?.recordedAt])
      expect(head(column)).toEqual(left);
    expect(head(chunk?.properties[0])).toEqual(left.map((row) => row + 1));
    expect(slice.dropped).toEqual(rows);
  }
});
