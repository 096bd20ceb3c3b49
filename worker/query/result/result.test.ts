import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { computeStats } from './column-stats.ts';
import { compareValues } from './compare-values.ts';
import type { Value } from './page.ts';
import { ResultReader } from './result-reader.ts';
import { ResultWriter } from './result-writer.ts';
import { RowPage } from './row-page.ts';
import { readView } from './view-file.ts';
import { writeView } from './view.ts';

const home = mkdtempSync(path.join(tmpdir(), 'tributary-result-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let next = 0;

function write(rows: readonly (readonly Value[])[], columns: number, numeric: readonly number[] = []): ResultReader {
  const folder = path.join(home, `r${next++}`);
  const writer = new ResultWriter(folder, new RowPage(columns), numeric);
  for (const row of rows) writer.add(row);
  writer.close();
  const reader = new ResultReader(folder);
  reader.refresh();
  return reader;
}

const anyValue = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
);
const ofKind = (kind: number) =>
  [fc.integer().map(BigInt), fc.double(), fc.string(), fc.string({ unit: 'grapheme' })][kind] ?? anyValue;
const plain = (value: Value): unknown => (value instanceof Uint8Array ? [...value] : value);

describe('a result on disk', () => {
  test('gives back every value, row by row and column by column (property)', () => {
    const table = fc.tuple(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(anyValue),
      fc.nat(60),
    );
    fc.assert(
      fc.property(table, fc.infiniteStream(fc.boolean()), ([kinds, mixed, count], nulls) => {
        const samples = kinds.map(
          (kind) => fc.sample(fc.oneof(ofKind(kind)), { numRuns: count, seed: kind }) as Value[],
        );
        const rows = Array.from({ length: count }, (_, row) =>
          kinds.map((kind, column) =>
            nulls.next().value ? null : kind === 5 ? (mixed.next().value as Value) : (samples[column]?.[row] ?? null),
          ),
        );
        const reader = write(rows, kinds.length);
        expect(reader.rows).toBe(count);
        for (let row = 0; row < count; row++)
          expect(reader.row(row).map(plain)).toStrictEqual((rows[row] ?? []).map(plain));
        const first = count === 0 ? [] : reader.page(0).toRows();
        expect(first.map((row) => row.map(plain))).toStrictEqual(rows.map((row) => row.map(plain)));
        reader.close();
      }),
      { numRuns: 100, verbose: 1 },
    );
  });

  test('can be read while it grows, and past a page', () => {
    const folder = path.join(home, 'growing');
    const writer = new ResultWriter(folder, new RowPage(1));
    for (let i = 0; i < 1_500; i++) writer.add([BigInt(i)]);
    const reader = new ResultReader(folder);
    reader.refresh();
    expect(reader.rows).toBe(1_024);
    writer.close();
    reader.refresh();
    expect(reader.rows).toBe(1_500);
    expect(reader.row(1_499)).toEqual([1_499n]);
    reader.close();
  });
});

test('of a column, one of several conditions is enough; those of others must hold too', () => {
  const reader = write(
    [1n, 2n, 3n, null, 5n].map((value) => [value, 'x']),
    2,
  );
  const file = path.join(home, `view${next++}`);
  const or = [{ operator: 'isNull' as const }, { operator: 'greater' as const, value: 4 }];
  const filter = [
    { column: 0, operator: 'less' as const, value: 3, or },
    { column: 0, operator: 'notEquals' as const, value: 1 },
  ];
  writeView(reader, { sort: [], filter }, file, () => undefined);
  expect(readView(file, 0, 10).numbers).toEqual([1, 3, 4]);
  reader.close();
});

describe('an order of a result', () => {
  const rowsOf = (
    reader: ResultReader,
    sort: { column: number; descending: boolean }[],
    runRows?: number,
  ): number[] => {
    const file = path.join(home, `view${next++}`);
    writeView(reader, { sort, filter: [] }, file, () => undefined, runRows);
    return readView(file, 0, 1_000_000).numbers;
  };

  test.each([
    ['whole numbers', fc.integer({ min: -50, max: 50 }).map(BigInt)],
    ['numbers', fc.oneof(fc.double({ noNaN: false }), fc.constant(-0), fc.constant(0))],
    ['text', fc.string({ unit: 'grapheme', maxLength: 4 })],
    ['anything', anyValue],
  ])('is that of a stable sort by comparing: %s (property)', (_name, arbitrary) => {
    const cell = fc.oneof(fc.constant(null), arbitrary as fc.Arbitrary<Value>);
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 200 }), fc.boolean(), (values, descending) => {
        const reader = write(
          values.map((value) => [value]),
          1,
        );
        const sign = descending ? -1 : 1;
        const expected = values
          .map((_, at) => at)
          .sort((a, b) => sign * compareValues(values[a] as Value, values[b] as Value) || a - b);
        expect(rowsOf(reader, [{ column: 0, descending }])).toEqual(expected);
        reader.close();
      }),
      { numRuns: 100, verbose: 1 },
    );
  });

  test('several columns, and exact decimals as numbers', () => {
    const reader = write(
      [
        ['10', 'b'],
        ['9', 'a'],
        ['10', 'a'],
        [null, 'z'],
      ],
      2,
      [0],
    );
    expect(
      rowsOf(reader, [
        { column: 0, descending: true },
        { column: 1, descending: false },
      ]),
    ).toEqual([2, 0, 1, 3]);
    reader.close();
  });

  test('more rows than are sorted in memory', () => {
    const count = 10_007;
    const reader = write(
      Array.from({ length: count }, (_, i) => [`k${(i * 7919) % count}`]),
      1,
    );
    const order = rowsOf(reader, [{ column: 0, descending: false }], 1_000);
    expect(order).toHaveLength(count);
    let last = '';
    for (const row of order) {
      const value = reader.value(row, 0) as string;
      expect(value > last).toBe(true);
      last = value;
    }
    expect(new Set(order).size).toBe(count);
    reader.close();
  });
});

test('statistics of a column', () => {
  const reader = write([[1n], [2n], [null], [10n], [2n]], 1);
  expect(computeStats(reader, null, 0, 3)).toMatchObject({
    rows: 5,
    nulls: 1,
    distinct: 3,
    isDistinctExact: true,
    min: 1,
    max: 10,
    mean: 3.75,
    histogram: [
      { from: 1, to: 4, count: 3 },
      { from: 4, to: 7, count: 0 },
      { from: 7, to: 10, count: 1 },
    ],
    top: [
      { value: 2, count: 2 },
      { value: 1, count: 1 },
      { value: 10, count: 1 },
    ],
  });
  reader.close();
});
