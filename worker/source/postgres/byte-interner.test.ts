import { expect, test } from 'vitest';
import { getString } from '../../segment/string-table.ts';
import { ByteInterner } from './byte-interner.ts';

test('equal texts have one code, others their own, in order of first appearance', () => {
  const interner = new ByteInterner();
  const texts = Array.from({ length: 50_000 }, (_, i) => `${'é'.repeat(i % 7)}user-${i % 9_973}`);
  const expected = new Map<string, number>();
  for (const text of ['', ...texts, 'x'.repeat(100_000), ...texts]) {
    if (!expected.has(text)) expected.set(text, expected.size);
    const bytes = new TextEncoder().encode(`<${text}>`);
    expect(interner.add(bytes, 1, bytes.length - 1)).toBe(expected.get(text));
  }
  const table = interner.toTable();
  expect(Array.from({ length: table.length }, (_, i) => getString(table, i))).toEqual([...expected.keys()]);
});
