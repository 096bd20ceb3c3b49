import { describe, expect, test } from 'vitest';
import { buildIntervals, getIntervalIndex } from './time-bucket.ts';
import { formatLocal, getOffset } from './time-zone.ts';

const at = (iso: string): number => Date.parse(iso);

describe('intervals', () => {
  test('days of 23 and 25 hours', () => {
    const spring = buildIntervals(
      'Europe/Berlin',
      'day',
      'monday',
      at('2021-03-27T12:00:00Z'),
      at('2021-03-29T12:00:00Z'),
    );
    expect(spring.labels).toEqual(['2021-03-27', '2021-03-28', '2021-03-29']);
    expect([...spring.starts, spring.end].map((t) => new Date(t).toISOString().slice(0, 16))).toEqual([
      '2021-03-26T23:00',
      '2021-03-27T23:00',
      '2021-03-28T22:00',
      '2021-03-29T22:00',
    ]);
    const autumn = buildIntervals(
      'Europe/Berlin',
      'day',
      'monday',
      at('2021-10-31T12:00:00Z'),
      at('2021-10-31T12:00:00Z'),
    );
    expect(autumn.end - (autumn.starts[0] ?? 0)).toBe(25 * 3_600_000);
  });
  test('the hour shown twice gets its offset; the skipped one is not there', () => {
    const autumn = buildIntervals(
      'Europe/Berlin',
      'hour',
      'monday',
      at('2021-10-30T23:00:00Z'),
      at('2021-10-31T02:59:59Z'),
    );
    expect(autumn.labels).toEqual([
      '2021-10-31T01:00',
      '2021-10-31T02:00+02:00',
      '2021-10-31T02:00+01:00',
      '2021-10-31T03:00',
    ]);
    const spring = buildIntervals(
      'Europe/Berlin',
      'hour',
      'monday',
      at('2021-03-28T00:30:00Z'),
      at('2021-03-28T01:30:00Z'),
    );
    expect(spring.labels).toEqual(['2021-03-28T01:00', '2021-03-28T03:00']);
  });
  test('half-hour change of Lord Howe and quarter-hour offset of Kathmandu', () => {
    const lordHowe = buildIntervals(
      'Australia/Lord_Howe',
      'hour',
      'monday',
      at('2021-04-03T14:00:00Z'),
      at('2021-04-03T15:59:00Z'),
    );
    expect(lordHowe.labels).toEqual(['2021-04-04T01:00+11:00', '2021-04-04T01:00+10:30', '2021-04-04T02:00']);
    expect(formatLocal('Asia/Kathmandu', at('2021-01-01T00:00:00Z'))).toBe('2021-01-01T05:45:00+05:45');
    expect(
      buildIntervals('Asia/Kathmandu', 'hour', 'monday', at('2021-01-01T00:00:00Z'), at('2021-01-01T00:20:00Z')).labels,
    ).toEqual(['2021-01-01T05:00', '2021-01-01T06:00']);
  });
  test('a day that a zone skipped, and one whose midnight does not exist', () => {
    expect(
      buildIntervals('Pacific/Apia', 'day', 'monday', at('2011-12-29T12:00:00Z'), at('2011-12-30T12:00:00Z')).labels,
    ).toEqual(['2011-12-29', '2011-12-31']);
    const beirut = buildIntervals(
      'Asia/Beirut',
      'day',
      'monday',
      at('2021-03-28T12:00:00Z'),
      at('2021-03-28T12:00:00Z'),
    );
    expect(beirut.labels).toEqual(['2021-03-28']);
    expect(new Date(beirut.starts[0] ?? 0).toISOString()).toBe('2021-03-27T22:00:00.000Z');
  });
  test('weeks and months', () => {
    expect(
      buildIntervals('UTC', 'week', 'sunday', at('2020-06-15T06:00:00Z'), at('2020-06-21T00:00:00Z')).labels,
    ).toEqual(['2020-06-14', '2020-06-21']);
    expect(
      buildIntervals('UTC', 'week', 'monday', at('2020-06-14T06:00:00Z'), at('2020-06-15T00:00:00Z')).labels,
    ).toEqual(['2020-06-08', '2020-06-15']);
    expect(
      buildIntervals('America/New_York', 'month', 'monday', at('2020-01-01T00:00:00Z'), at('2020-03-01T00:00:00Z'))
        .labels,
    ).toEqual(['2019-12-01', '2020-01-01', '2020-02-01']);
  });
  test('too many intervals are refused', () => {
    expect(() => buildIntervals('UTC', 'hour', 'monday', 0, at('2024-01-01T00:00:00Z'))).toThrow(
      expect.objectContaining({ code: 'E_LIMIT' }),
    );
  });
  test('an unknown zone is named', () => {
    expect(() => getOffset('Mars/Olympus', 0)).toThrow(expect.objectContaining({ code: 'E_BAD_TIME_ZONE' }));
  });
  test('outside the grid', () => {
    const grid = buildIntervals('UTC', 'day', 'monday', 0, 1);
    expect([
      getIntervalIndex(grid, -1),
      getIntervalIndex(grid, 0),
      getIntervalIndex(grid, 86_399_999),
      getIntervalIndex(grid, 86_400_000),
    ]).toEqual([-1, 0, 0, -1]);
  });
});
