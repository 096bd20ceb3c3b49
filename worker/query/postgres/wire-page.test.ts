import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnType, ResultColumn } from '../../../protocol/query-result.ts';
import { Page } from '../result/page-reader.ts';
import type { Value } from '../result/page.ts';
import { RowPage } from '../result/row-page.ts';
import { WirePage } from './wire-page.ts';

const column = (type: ColumnType): ResultColumn => ({ name: 'c', type, declared: null });

/** A DataRow as the server writes it, without its head. */
function toWire(cells: readonly (string | null)[]): Buffer {
  const parts = cells.map((cell) => {
    const text = Buffer.from(cell ?? '');
    const length = Buffer.alloc(4);
    length.writeInt32BE(cell === null ? -1 : text.length);
    return Buffer.concat([length, text]);
  });
  return Buffer.concat([Buffer.from([cells.length >> 8, cells.length & 255]), ...parts]);
}

function fill(types: readonly ColumnType[], rows: readonly (readonly (string | null)[])[]): WirePage {
  const page = new WirePage(types.map(column));
  for (const row of rows) {
    // Somewhere inside of what came.
    const bytes = Buffer.concat([Buffer.from('before'), toWire(row), Buffer.from('after')]);
    page.add({ bytes, from: 6, to: bytes.length - 5 });
  }
  return page;
}

/** What a driver makes of a text. */
const VALUE: Readonly<Partial<Record<ColumnType, (text: string) => Value>>> = {
  integer: BigInt,
  real: Number,
  boolean: (text) => text === 't',
  blob: (text) => Buffer.from(text.slice(2), 'hex'),
};
const TEXTS: Readonly<Partial<Record<ColumnType, fc.Arbitrary<string>>>> = {
  integer: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.nat(18).chain((digits) => fc.bigInt({ min: -(10n ** BigInt(digits)), max: 10n ** BigInt(digits) }).map(String)),
    fc.constantFrom('0', '-1', '4294967295', '4294967296', '-4294967296', '999999999', '1000000000', '-2147483648'),
  ),
  real: fc.oneof(fc.double().map(String), fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '1e+20', '1.5e-07')),
  boolean: fc.constantFrom('t', 'f'),
  blob: fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
};
const texts = (type: ColumnType): fc.Arbitrary<string> =>
  TEXTS[type] ?? fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('ä'.repeat(70_000)));

const table = fc
  .array(fc.constantFrom<ColumnType>('integer', 'real', 'boolean', 'blob', 'text', 'json', 'numeric', 'timestamp'), {
    maxLength: 4,
  })
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      pages: fc.array(
        fc.array(fc.tuple(...types.map((type) => fc.option(texts(type), { freq: 3 }))), {
          minLength: 1,
          maxLength: 20,
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  );

describe('rows as a server sends them', () => {
  test('become the same pages, byte for byte, as their values do (property)', () => {
    fc.assert(
      fc.property(table, ({ types, pages }) => {
        const page = new WirePage(types.map(column));
        for (const rows of pages) {
          const values = new RowPage(types.length);
          for (const row of rows) {
            const bytes = toWire(row);
            page.add({ bytes, from: 0, to: bytes.length });
            values.add(row.map((cell, at) => (cell === null ? null : (VALUE[types[at]!] ?? String)(cell))));
          }
          expect(page.rows).toBe(rows.length);
          expect(page.take().equals(values.take())).toBe(true);
        }
      }),
      { numRuns: 500, verbose: 1 },
    );
  });

  test('bytes that are no UTF-8 are kept, and read as what cannot be read', () => {
    const bytes = Buffer.from([0, 1, 0, 0, 0, 2, 0x61, 0xe4]);
    const page = new WirePage([column('text')]);
    page.add({ bytes, from: 0, to: bytes.length });
    const read = new Page(Buffer.from(page.take()));
    expect(read.raw(0).spans?.data).toEqual(Buffer.from([0x61, 0xe4]));
    expect(read.toRows()).toEqual([['a\u{fffd}']]);
  });

  test.each<[string, Buffer]>([
    ['another number of columns', toWire(['1', '2'])],
    ['a length beyond the row', Buffer.from([0, 1, 0, 0, 0, 9, 0x31])],
    ['no length', Buffer.from([0, 1, 0, 0])],
    ['the largest length there is', Buffer.from([0, 1, 0x7f, 0xff, 0xff, 0xff])],
    ['letters where digits belong', toWire(['1x'])],
    ['letters after many digits', toWire(['1234567890123456789x'])],
  ])('are refused with %s', (_, bytes) => {
    const page = new WirePage([column('integer')]);
    expect(() => page.add({ bytes, from: 0, to: bytes.length })).toThrow(/of another form|to a BigInt/);
  });

  test('a large value is not kept in memory for the next page', () => {
    const page = fill(['text'], [['x'.repeat(9_000_000)]]);
    expect(page.take().length).toBeGreaterThan(9_000_000);
    const bytes = toWire(['y']);
    page.add({ bytes, from: 0, to: bytes.length });
    const next = page.take();
    expect(next.buffer.byteLength).toBeLessThan(9_000_000);
    expect(new Page(Buffer.from(next)).toRows()).toEqual([['y']]);
  });
});
