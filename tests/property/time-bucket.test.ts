import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INTERVALS, type Interval, type WeekStart } from '../../protocol/index.ts';
import { buildIntervals, getIntervalEnd, getIntervalIndex } from '../../worker/compute/time-bucket.ts';
import { getFirstInstant, getLastInstant, getOffset } from '../../worker/compute/time-zone.ts';

/** Zones with whole, half and quarter hours, with changes at midnight, by half an hour, and a skipped day. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Australia/Eucla',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Antarctica/Troll',
  'America/Havana',
  'Asia/Gaza',
];
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2030, 0, 1) });
const DAY = 86_400_000;

/** Wall-clock reading straight from Intl: `2021-05-01 13:00:00`. */
const readers = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }),
  ]),
);
const read = (zone: string, instant: number): string => readers.get(zone)?.format(instant) ?? '';
const SPAN = { hour: 3 * DAY, day: 40 * DAY, week: 100 * DAY, month: 500 * DAY };

/** The label that a wall-clock reading belongs to. */
function labelFor(interval: Interval, weekStart: WeekStart, local: string): string {
  if (interval === 'hour') return `${local.slice(0, 13).replace(' ', 'T')}:00`;
  if (interval === 'month') return `${local.slice(0, 7)}-01`;
  const date = new Date(local.slice(0, 10));
  while (interval === 'week' && date.getUTCDay() !== (weekStart === 'monday' ? 1 : 0))
    date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

describe('calendar intervals', () => {
  test('every instant lies in the interval that its wall clock names', () => {
    fc.assert(
      fc.property(
        zones,
        fc.constantFrom(...INTERVALS),
        fc.constantFrom('monday', 'sunday'),
        instants,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (zone, interval, weekStart, from, shares) => {
          const to = from + SPAN[interval];
          const grid = buildIntervals(zone, interval, weekStart, from, to);
          expect(new Set(grid.labels).size).toBe(grid.labels.length);
          expect(grid.starts[0]).toBeLessThanOrEqual(from);
          expect(grid.end).toBeGreaterThan(to);
          for (const share of [0, 1, ...shares]) {
            const instant = Math.floor(from + share * (to - from));
            const index = getIntervalIndex(grid, instant);
            expect(grid.starts[index]).toBeLessThanOrEqual(instant);
            expect(getIntervalEnd(grid, index)).toBeGreaterThan(instant);
            const local = read(zone, instant);
            const label = grid.labels[index] ?? '';
            expect(label.replace(/[+-]\d\d:\d\d$/, '')).toBe(labelFor(interval, weekStart, local));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('starts are where the label changes: one ms before reads as another interval', () => {
    fc.assert(
      fc.property(zones, instants, (zone, from) => {
        const grid = buildIntervals(zone, 'day', 'monday', from, from + 10 * DAY);
        for (const start of grid.starts)
          expect(read(zone, start - 1).slice(0, 10)).not.toBe(read(zone, start).slice(0, 10));
      }),
    );
  });

  test('offsets agree with Intl at any ms, and local times come back', () => {
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const local = instant + getOffset(zone, instant);
        expect(new Date(local).toISOString().slice(0, 19).replace('T', ' ')).toBe(read(zone, instant));
        expect(getFirstInstant(zone, local)).toBeLessThanOrEqual(instant);
        expect(getLastInstant(zone, local)).toBeGreaterThanOrEqual(instant);
        const second = local - (local % 1000);
        expect(read(zone, getFirstInstant(zone, second))).toBe(read(zone, getLastInstant(zone, second)));
      }),
      { numRuns: 500 },
    );
  });
});
