import { describe, expect, test } from 'vitest';
import { guessTimeFormat, hourOf, hourStart, parseIsoTime, readModelTime, TIME_READERS } from './parse-time.ts';

const iso = (text: string): string | null => {
  const ms = parseIsoTime(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
};

test.each([
  ['2013-12-22', '2013-12-22T00:00:00.000Z'],
  ['2013-12-22 00:00:00', '2013-12-22T00:00:00.000Z'],
  ['2013-12-22T10:20', '2013-12-22T10:20:00.000Z'],
  ['2024-03-13 10:21:14', '2024-03-13T10:21:14.000Z'],
  ['2010-12-30 14:32:00+01:00', '2010-12-30T13:32:00.000Z'],
  ['2011-10-11 13:42:22.688000+02:00', '2011-10-11T11:42:22.688Z'],
  ['2012-10-09T14:50:17.000Z', '2012-10-09T14:50:17.000Z'],
  ['2024-01-01T00:00:00-0330', '2024-01-01T03:30:00.000Z'],
  ['2024-01-01 00:00:00 +05', '2023-12-31T19:00:00.000Z'],
  ['2024-01-01 00:00:00 UTC', '2024-01-01T00:00:00.000Z'],
  ['2024/1/2 3:04:05,6789', '2024-01-02T03:04:05.678Z'],
  ['  2024-02-29 12:00:00 ', '2024-02-29T12:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['0050-06-01', '0050-06-01T00:00:00.000Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
])('%s', (text, expected) => expect(iso(text)).toBe(expected));

test.each([
  '',
  'never',
  '2023-02-29',
  '2024-13-01',
  '2024-00-10',
  '2024-01-01 25:00:00',
  '2024-01-01 00:61:00',
  '2024-01-01T',
  '12/31/2024',
  '2024-01-01 00:00:00x',
  '20a4-01-01 00:00:00',
  '1704067200',
])('“%s” is no ISO time', (text) => expect(iso(text)).toBeNull());

describe('numbers', () => {
  const time = Date.UTC(2024, 0, 1, 12);
  test('in every unit, as numbers and as text', () => {
    expect(TIME_READERS.seconds(time / 1000)).toBe(time);
    expect(TIME_READERS.seconds('1704110400.5')).toBe(time + 500);
    expect(TIME_READERS.milliseconds(time)).toBe(time);
    expect(TIME_READERS.microseconds(time * 1000 + 999)).toBe(time);
    expect(TIME_READERS.julianday(2_460_311)).toBe(time);
    expect(readModelTime('2024-01-01T12:00:00Z')).toBe(time);
  });
  test('nothing, text, infinity and times beyond the calendar are no times', () => {
    for (const cell of [null, '', ' ', 'x', Number.POSITIVE_INFINITY, Number.NaN, 1e300, new Uint8Array(2)])
      expect(TIME_READERS.milliseconds(cell)).toBeNaN();
  });
});

test('the format of a column is that of most of its cells', () => {
  expect(guessTimeFormat(['2024-01-01', 'n/a', '2024-01-02'])).toBe('iso');
  expect(guessTimeFormat([1_704_110_400, '1704110400'])).toBe('seconds');
  expect(guessTimeFormat([1_704_110_400_000])).toBe('milliseconds');
  expect(guessTimeFormat([1_704_110_400_000_000])).toBe('microseconds');
  expect(guessTimeFormat([2_460_311.25])).toBe('julianday');
  expect(guessTimeFormat(['open', 17, null])).toBeNull();
});

test('hour keys', () => {
  expect(hourOf(Date.UTC(2024, 4, 6, 7, 59, 59, 999))).toBe('2024-05-06T07');
  expect(hourStart('2024-05-06T07')).toBe(Date.UTC(2024, 4, 6, 7));
  for (const key of ['2024-05-06', '2024-05-06T7', '2024-05-06T25', '2024-02-30T01', ''])
    expect(hourStart(key)).toBeNaN();
});
