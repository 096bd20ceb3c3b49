import { expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { orderStrings, orderStringsByKernel } from './string-order.ts';
import { buildStringTable, getString } from './string-table.ts';

const none = (): void => undefined;

it('is the order of code units, which is not that of UTF-8', () => {
  const texts = ['\uFF21', '😀', '\uE000', 'z', 'a\u0000', 'a', '', 'ab', '\uD7FF', '𐀀'];
  const table = buildStringTable(texts);
  const sorted = texts.toSorted();
  expect(sorted.indexOf('😀')).toBeLessThan(sorted.indexOf('\uE000'));
  expect(Array.from(orderStrings(table, none), (i) => getString(table, i))).toEqual(sorted);
  expect(Array.from(orderStringsByKernel(table, none), (i) => getString(table, i))).toEqual(sorted);
});

const ALPHABETS = {
  digits: ['0', '1', '2'],
  prefixes: ['user-00000', 'user-0', '1', '', 'customer:'],
  unicode: ['a', 'é', '\u0000', '\uFEFF', '\uFFFD', '字', '😀', '𐀀', '\uE000', '\uD83D', '\uD7FF', '\uFFFF'],
};
for (const [name, letters] of Object.entries(ALPHABETS))
  it(`comes out of the kernel as out of the twin: ${name}`, () => {
    for (const length of [0, 1, 2, 30, 9_000]) {
      const seed = Math.floor(Math.random() * 1e9);
      const random = randomOf(seed);
      const text = (): string =>
        Array.from({ length: Math.floor(random() * 14) }, () => letters[Math.floor(random() * letters.length)]).join(
          '',
        );
      const table = buildStringTable([...new Set(Array.from({ length }, text))]);
      expect([...orderStringsByKernel(table, none)], `seed ${seed}`).toEqual([...orderStrings(table, none)]);
    }
  });

it('can be stopped', () => {
  const table = buildStringTable(Array.from({ length: 20_000 }, (_, i) => `n${i}`));
  const stop = (): never => {
    throw new Error('stopped');
  };
  expect(() => orderStrings(table, stop)).toThrow('stopped');
  expect(() => orderStringsByKernel(table, stop)).toThrow('stopped');
});
