import { expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { createColumnMemory } from './column-memory.ts';
import { findByKernel } from './find-by-kernel.ts';
import { findStrings, NOT_FOUND } from './find-strings.ts';
import { buildStringTable } from './string-table.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);

it(`texts of all lengths are found in a range of a table, by the kernel as without (TRIBUTARY_SEED=${SEED})`, () => {
  const random = randomOf(SEED);
  const below = (n: number): number => Math.floor(random() * n);
  // Alike at their beginning or at their end, empty, with characters of several bytes; one run is longer than the kernel takes.
  const textOf = (i: number): string =>
    [`usr_${i}`, `${i}@example.invalid`, String(i), `${i}`.padStart(7, '0'), `ü${i}–`][i % 5]?.slice(i % 7) ?? '';
  const texts = [...new Set(Array.from({ length: 60_000 }, (_, i) => textOf(i)))];
  texts[20_000] = 'long'.repeat(300_000);
  expect(texts.length).toBeGreaterThan(25_001);
  const large = buildStringTable(texts);
  const wanted = ['', texts[20_000] ?? '', ...Array.from({ length: 3_000 }, () => textOf(below(120_000)))];
  const asked = buildStringTable([...new Set(wanted)]);
  const memory = createColumnMemory();
  for (const range of [
    { from: 0, to: large.length },
    { from: 8_193, to: 25_001 },
    { from: 3, to: 4 },
    { from: 5, to: 5 },
  ]) {
    const at = new Map(texts.slice(range.from, range.to).map((text, i) => [text, range.from + i]));
    const expected = [...new Set(wanted)].map((text) => at.get(text) ?? NOT_FOUND);
    expect([...findStrings(large, asked, () => undefined, range)]).toEqual(expected);
    expect([...findByKernel(memory, large, asked, () => undefined, range)]).toEqual(expected);
  }
});
