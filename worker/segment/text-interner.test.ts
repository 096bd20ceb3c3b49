import { expect, test } from 'vitest';
import { getString } from './string-table.ts';
import { TextInterner } from './text-interner.ts';

test('equal texts have one code, codes are in order of first appearance, whatever it grows to', () => {
  const interner = new TextInterner();
  const encoder = new TextEncoder();
  const texts = Array.from({ length: 20_000 }, (_, i) => `shop ${(i * 7919) % 9_001} é`);
  const codes = texts.map((text) => {
    const bytes = encoder.encode(`##${text}#`);
    return interner.add(bytes, 2, bytes.length - 1);
  });
  const expected = [...new Set(texts)];
  expect(codes).toEqual(texts.map((text) => expected.indexOf(text)));
  const table = interner.toTable();
  expect(Array.from({ length: table.length }, (_, code) => getString(table, code))).toEqual(expected);
});

test('the empty text is a text', () => {
  const interner = new TextInterner();
  expect(interner.add(new Uint8Array(), 0, 0)).toBe(0);
  expect(interner.add(new Uint8Array(), 0, 0)).toBe(0);
  expect(interner.toTable().length).toBe(1);
});

test('no texts make an empty table', () => expect(new TextInterner().toTable().length).toBe(0));

test('texts of any length, also longer than all so far', () => {
  const interner = new TextInterner();
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

test('many at once have the codes that they would have one by one, while the table grows under them', () => {
  const texts = Array.from({ length: 6_000 }, (_, i) => `actor ${(i * 7_919) % 4_001}`);
  const bytes = new TextEncoder().encode(texts.join(''));
  const [alone, together] = [new TextInterner(), new TextInterner()];
  const rows = { starts: new Uint32Array(512), ends: new Uint32Array(512), hashes: new Uint32Array(512), touched: 0 };
  const codes = new Uint32Array(texts.length);
  const places = new Uint32Array(512);
  const flush = (count: number): void => together.addAll(bytes, { ...rows, count }, codes, places);
  const expected: number[] = [];
  let at = 0;
  texts.forEach((text, i) => {
    const end = at + text.length;
    expected.push(alone.add(bytes, at, end));
    [rows.starts[i % 512], rows.ends[i % 512], places[i % 512]] = [at, end, i];
    at = end;
    if (i % 512 === 511) flush(512);
  });
  flush(texts.length % 512);
  expect([...codes]).toEqual(expected);
});
