import { expect, test } from 'vitest';
import { getLookedAt, getSpans } from './overview-questions.ts';

const at = (text: string): number => Date.parse(text);
const DATA = { first: at('2024-01-01T10:00:00Z'), last: at('2024-06-30T20:00:00Z') };
const ALL = { range: { from: null, to: null }, asOf: null, timezone: 'UTC' };

test('all of the data, unless range or as of end earlier', () => {
  expect(getLookedAt(DATA, ALL)).toEqual(DATA);
  expect(getLookedAt(DATA, { ...ALL, asOf: '2024-03-31' })?.last).toBe(at('2024-03-31T23:59:59.999Z'));
  expect(getLookedAt(DATA, { ...ALL, asOf: '2025-01-01' })).toEqual(DATA);
  expect(getLookedAt(DATA, { ...ALL, asOf: '2024-03-31', range: { from: '2024-02-01', to: '2024-02-29' } })).toEqual({
    first: at('2024-02-01T00:00:00Z'),
    last: at('2024-02-29T23:59:59.999Z'),
  });
});
test('days are those of the zone', () => {
  const tokyo = { ...ALL, timezone: 'Asia/Tokyo', asOf: '2024-03-31' };
  expect(getLookedAt(DATA, tokyo)?.last).toBe(at('2024-03-31T14:59:59.999Z'));
});
test('nothing, where range and as of do not meet', () => {
  expect(getLookedAt(DATA, { ...ALL, asOf: '2023-12-31' })).toBeNull();
  expect(getLookedAt(DATA, { ...ALL, asOf: '2024-03-31', range: { from: '2024-04-01', to: null } })).toBeNull();
});
test('a month is compared where there are two, else a week, a day, nothing', () => {
  expect(getSpans(DATA.first, DATA.last)?.days).toBe(30);
  expect(getSpans(DATA.last - 20 * 86_400_000, DATA.last)?.days).toBe(7);
  expect(getSpans(DATA.last - 3 * 86_400_000, DATA.last)?.days).toBe(1);
  expect(getSpans(DATA.last, DATA.last)).toBeNull();
});
