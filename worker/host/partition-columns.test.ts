import { describe, expect, it } from 'vitest';
import { pack, unpack } from './packed.ts';
import { packCounted, readColumns, toColumns, unpackCounted } from './partition-columns.ts';

const listOf = (hours: readonly string[]) =>
  hours.map((hour, i) => ({ hour, rows: 3 * i + 1, firstTime: 1_000.5 * i, lastTime: 2_000 * i }));
const EVEN = listOf(['2026-01-02T09', '2026-01-02T10', '2026-03-01T00']);
/** A year of five digits sorts behind all others. */
const UNEVEN = listOf(['2026-01-02T09', '+010000-01-01T00']);

describe('partitions by column', () => {
  it.each([[EVEN], [UNEVEN], [listOf(['2026-01-02T09'])], [[]]])('are what they were: %j', (partitions) => {
    const { all, hours } = readColumns(toColumns(partitions));
    expect(all()).toEqual(partitions);
    expect(hours.count).toBe(partitions.length);
    expect(Array.from({ length: hours.count + 1 }, (_, i) => hours.hourAt(i))).toEqual([
      ...partitions.map(({ hour }) => hour),
      null,
    ]);
    expect(hours.hourAt(-1)).toBeNull();
    expect(hours.rowsBefore.at(-1)).toBe(partitions.reduce((sum, { rows }) => sum + rows, 0));
  });

  it('come through a pack with what else was counted, or without partitions at all', () => {
    const counted = { partitions: EVEN, strays: [{ id: 'a', time: 1 }], guardHours: 2 };
    expect(unpackCounted(packCounted(counted))).toEqual(counted);
    expect(unpackCounted(packCounted({ other: [1, 2] }))).toEqual({ other: [1, 2] });
    // Read again, as a second task does.
    const packed = packCounted(counted);
    expect(unpackCounted(packed)).toEqual(unpackCounted(packed));
    expect(pack(unpack(packed)).columns).toHaveLength(4);
  });
});
