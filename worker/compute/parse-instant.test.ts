import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildStringTable } from '../segment/string-table.ts';
import { parseInstant, parseInstantAt } from './parse-instant.ts';

const noon = Date.UTC(2024, 0, 1, 12);

describe('times in properties', () => {
  test('ISO with and without offset, ms, and neither', () => {
    const texts = [
      '2024-01-01T12:00:00Z',
      '2024-01-01 12:00',
      '2024-01-01T14:00:00.000+0200',
      '2024-01-01T12:00:00.000',
      String(noon),
    ];
    expect(texts.map(parseInstant)).toEqual(texts.map(() => noon));
    expect(parseInstant('2024-01-01')).toBe(noon - 43_200_000);
    expect(['tomorrow', '', '2024-13-01', '2024-01-01T25:00:00Z'].map(parseInstant)).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
  test('reading bytes is reading text', () => {
    const two = fc.nat(75).map((n) => String(n).padStart(2, '0'));
    const text = fc
      .tuple(
        fc.constantFrom('1999', '2024', '20x4'),
        two,
        two,
        fc.constantFrom('T', ' ', '_'),
        two,
        two,
        two,
        fc.constantFrom('', 'Z', '.123', '.123Z', '.1Z', '+02:00', '+0200'),
      )
      .map(
        ([year, month, day, t, hour, minute, second, end]) =>
          `${year}-${month}-${day}${t}${hour}:${minute}:${second}${end}`,
      );
    const real = fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
    fc.assert(
      fc.property(fc.oneof(text, real, fc.string()), (value) => {
        expect(parseInstantAt(buildStringTable([value]), 0)).toBe(parseInstant(value));
      }),
      { numRuns: 1000 },
    );
  });
});
