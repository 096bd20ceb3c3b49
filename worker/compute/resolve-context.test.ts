import { describe, expect, test } from 'vitest';
import { resolveContext } from './resolve-context.ts';

const resolve = (timezone: string, from: string | null, to: string | null, asOf: string | null = null): string[] => {
  const { fromMs, toMs } = resolveContext({ timezone, asOf, knownAt: null, dateRange: { from, to } });
  return [fromMs, toMs].map((ms) => (Number.isFinite(ms) ? new Date(ms).toISOString() : String(ms)));
};

describe('moments', () => {
  test('both ends are inclusive and local', () => {
    expect(resolve('Europe/Berlin', '2021-05-01', '2021-05-02')).toEqual([
      '2021-04-30T22:00:00.000Z',
      '2021-05-02T21:59:59.999Z',
    ]);
    expect(resolve('UTC', '2021-05-01T10:00', '2021-05-02T23:59:59.999999')).toEqual([
      '2021-05-01T10:00:00.000Z',
      '2021-05-02T23:59:59.999Z',
    ]);
  });
  test('instants keep their own offset', () => {
    expect(resolve('Asia/Tokyo', '2021-05-01T00:00:00Z', '2021-05-01T00:00:00-05:30')).toEqual([
      '2021-05-01T00:00:00.000Z',
      '2021-05-01T05:30:00.000Z',
    ]);
  });
  test('a time shown twice means its first showing as start, its last as end', () => {
    expect(resolve('Europe/Berlin', '2021-10-31T02:30:00', '2021-10-31T02:30:00')).toEqual([
      '2021-10-31T00:30:00.000Z',
      '2021-10-31T01:30:00.000Z',
    ]);
  });
  test('a skipped time means the jump', () => {
    expect(resolve('Europe/Berlin', '2021-03-28T02:30:00', null)).toEqual(['2021-03-28T01:00:00.000Z', 'Infinity']);
    expect(resolve('Europe/Berlin', null, '2021-03-28T02:30:00')).toEqual(['-Infinity', '2021-03-28T00:59:59.999Z']);
  });
  test('asOf bounds the range', () => {
    expect(resolve('UTC', null, '2021-05-09', '2021-05-02')).toEqual(['-Infinity', '2021-05-02T23:59:59.999Z']);
  });
  test('what cannot be read is named', () => {
    const path = (from: string, to: string | null = null): unknown => {
      try {
        return resolve('UTC', from, to);
      } catch (e) {
        return [(e as { code: string }).code, (e as { path: string }).path];
      }
    };
    expect(path('2021-02-30')).toEqual(['E_BAD_QUERY', 'dateRange.from']);
    expect(path('2021-13-01')).toEqual(['E_BAD_QUERY', 'dateRange.from']);
    expect(path('2021-01-01T25:00:00')).toEqual(['E_BAD_QUERY', 'dateRange.from']);
    expect(path('2021-01-02', '2021-01-01')).toEqual(['E_BAD_QUERY', 'dateRange']);
    expect(() => resolveContext({ timezone: 'Nowhere', asOf: null, knownAt: null })).toThrow(
      expect.objectContaining({ code: 'E_BAD_TIME_ZONE' }),
    );
  });
});
