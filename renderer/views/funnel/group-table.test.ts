import { describe, expect, it } from 'vitest';
import type { FunnelGroup, FunnelResult } from '../../../protocol/index.ts';
import { BY_SIZE, getDrawnGroups, getPool, groupKey, sortGroups, toggleSort } from './group-table.ts';

const group = (value: string, ...counts: number[]): FunnelGroup => ({
  value: [value],
  steps: counts.map((count, i) => ({
    name: `s${i}`,
    count,
    conversionFromStart: count / (counts[0] ?? 1),
    conversionFromPrevious: 1,
  })),
});
const groups = [group('b10', 10, 1), group('b9', 30, 2), group('', 20, 19)];
const order = (o: Parameters<typeof sortGroups>[1]): string =>
  sortGroups(groups, o)
    .map((g) => g.value[0])
    .join(',');

describe('breakdown table', () => {
  it('sorts by size, name (numbers in names as numbers) and rate', () => {
    expect(order(BY_SIZE)).toBe('b9,,b10');
    expect(order({ sort: { by: 'value' }, descending: false })).toBe(',b9,b10');
    expect(order({ sort: { by: 'rate' }, descending: true })).toBe(',b10,b9');
    expect(order({ sort: { by: 'step', step: 1 }, descending: false })).toBe('b10,b9,');
  });
  it('turns a column round at the second click', () => {
    const byName = toggleSort(BY_SIZE, { by: 'value' });
    expect(byName).toEqual({ sort: { by: 'value' }, descending: false });
    expect(toggleSort(byName, { by: 'value' }).descending).toBe(true);
    expect(toggleSort(BY_SIZE, { by: 'step', step: 1 })).toEqual({ sort: { by: 'step', step: 1 }, descending: true });
  });
  it('knows the pooled rest and does not draw it unasked', () => {
    const pool = group('Other', 500, 5);
    const result = { groups: [...groups, pool], groupCount: 3 } as unknown as FunnelResult;
    expect(getPool(result)).toBe(pool);
    expect(getPool({ ...result, groupCount: 4 })).toBeUndefined();
    expect(getDrawnGroups(result, null)).not.toContain(pool);
    expect(getDrawnGroups(result, new Set([groupKey(['Other'])]))).toEqual([pool]);
  });
  it('draws the largest until the user chooses, and never more than fit', () => {
    const result = { groups } as unknown as FunnelResult;
    expect(getDrawnGroups(result, null).map((g) => g.value[0])).toEqual(['b9', '', 'b10']);
    expect(getDrawnGroups(result, new Set([groupKey([''])])).map((g) => g.value[0])).toEqual(['']);
    const many = { groups: Array.from({ length: 20 }, (_, i) => group(String(i), i)) } as unknown as FunnelResult;
    expect(getDrawnGroups(many, new Set(many.groups?.map((g) => groupKey(g.value))))).toHaveLength(6);
  });
});
