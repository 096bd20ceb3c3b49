import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fromKey,
  PARTITION_UNITS,
  partitionName,
  planRanges,
  startOf,
  subtractRanges,
  unitOf,
} from './partition-plan.ts';

const at = (text: string): number => Date.parse(text);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1e9);

describe('planRanges', () => {
  test('months over the end of a year, both ends included', () => {
    expect(planRanges('month', at('2025-12-31T23:59:59Z'), at('2026-01-01T00:00:00Z'))).toEqual([
      { from: '2025-12-01T00', to: '2026-01-01T00' },
      { from: '2026-01-01T00', to: '2026-02-01T00' },
    ]);
  });
  test('days over a leap day; hours', () => {
    expect(planRanges('day', at('2024-02-28T12:00:00Z'), at('2024-03-01T00:00:00Z')).map(({ from }) => from)).toEqual([
      '2024-02-28T00',
      '2024-02-29T00',
      '2024-03-01T00',
    ]);
    expect(planRanges('hour', at('2026-01-01T23:10:00Z'), at('2026-01-02T00:10:00Z'))).toHaveLength(2);
  });
});

test.each([
  ['2026-01-01T00', '2026-02-01T00', 'global_events_2026_01', 'month'],
  ['2026-01-15T00', '2026-01-16T00', 'global_events_2026_01_15', 'day'],
  ['2026-01-15T07', '2026-01-15T08', 'global_events_2026_01_15t07', 'hour'],
  ['2026-01-15T07', '2026-02-01T00', 'global_events_2026_01_15t07_to_2026_02_01t00', null],
])('%s to %s is %s', (from, to, name, unit) => {
  expect([partitionName({ from, to }), unitOf({ from, to })]).toEqual([name, unit]);
});

test('what is no hour has no time', () => {
  for (const key of ['2026-02-30T00', '2026-01-01T24', '2026-01-01', 'abcd-ef-ghTij', ''])
    expect(fromKey(key)).toBeNaN();
});

test(`wanted ranges are covered once by what exists and what is made (seed ${SEED})`, () => {
  const unit = fc.constantFrom(...PARTITION_UNITS);
  const start = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2024-03-31T00:00:00Z') });
  const span = fc.integer({ min: 0, max: 5 * 86_400_000 });
  fc.assert(
    fc.property(unit, unit, start, span, fc.infiniteStream(fc.boolean()), (wantUnit, haveUnit, from, length, coins) => {
      const wanted = planRanges(wantUnit, from, from + length);
      const have = planRanges(haveUnit, startOf('month', from), from + 2 * length).filter(() => coins.next().value);
      const made = subtractRanges(wanted, have);
      const all = [...have, ...made].toSorted((a, b) => (a.from < b.from ? -1 : 1));
      // None overlaps the next one, and no wanted hour is left out.
      all.forEach((range, i) => expect(range.to <= (all[i + 1]?.from ?? '~') && range.from < range.to).toBe(true));
      for (let hour = startOf('hour', from); hour <= from + length; hour += 3_600_000) {
        const key = new Date(hour).toISOString().slice(0, 13);
        expect(all.filter((range) => range.from <= key && key < range.to)).toHaveLength(1);
      }
      for (const range of made) expect(wanted.some((w) => w.from <= range.from && range.to <= w.to)).toBe(true);
    }),
    { seed: SEED, numRuns: 200 },
  );
});
