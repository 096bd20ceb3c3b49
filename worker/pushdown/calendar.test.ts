import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildIntervals, getIntervalIndex } from '../compute/time-bucket.ts';
import { cutCalendar, type CalendarPiece } from './calendar.ts';

/** What the SQL does: the row that holds a time, then a division. */
function numberOf(pieces: readonly CalendarPiece[], time: number): number {
  const rows = pieces.filter(({ starts, ends }) => time >= starts && time < ends);
  expect(rows.length).toBeLessThan(2);
  const [row] = rows;
  return row === undefined ? -1 : row.first + Math.floor((time - row.starts) / row.length);
}

const DAY = 86_400_000;
/** Clocks that change by half an hour, just after midnight, by leaving out a day, and with seconds in their offset. */
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Europe/Amsterdam',
);
const starts = fc.constantFrom(
  Date.UTC(2011, 11, 20),
  Date.UTC(2021, 2, 20),
  Date.UTC(2006, 9, 20),
  Date.UTC(1937, 5, 25),
);

describe('a calendar in rows', () => {
  test('finds the interval that the engine finds, for any time', () => {
    fc.assert(
      fc.property(
        zones,
        fc.constantFrom('hour', 'day', 'week', 'month'),
        fc.constantFrom('monday', 'sunday'),
        starts,
        fc.integer({ min: 0, max: 60 }),
        fc.array(fc.integer({ min: -DAY, max: 70 * DAY }), { maxLength: 50 }),
        (zone, interval, weekStart, start, days, times) => {
          const grid = buildIntervals(zone, interval, weekStart, start, start + days * DAY);
          const pieces = cutCalendar(grid, zone);
          for (const time of [...times.map((ms) => start + ms), ...grid.starts, ...grid.starts.map((ms) => ms - 1)])
            expect(numberOf(pieces, time)).toBe(getIntervalIndex(grid, time));
        },
      ),
    );
  });
  test('a year of days is a handful of rows', () => {
    const grid = buildIntervals('Europe/Berlin', 'day', 'monday', Date.UTC(2021, 0, 1), Date.UTC(2021, 11, 31));
    expect(grid.starts.length).toBe(365);
    expect(
      cutCalendar(grid, 'Europe/Berlin').map(({ first, last, length }) => [first, last, length / 3_600_000]),
    ).toEqual([
      [0, 85, 24],
      [86, 86, 23],
      [87, 302, 24],
      [303, 303, 25],
      [304, 364, 24],
    ]);
  });
  test('nothing where there is no interval', () => {
    expect(cutCalendar(buildIntervals('UTC', 'day', 'monday', 1, 0), 'UTC')).toEqual([]);
  });
});
