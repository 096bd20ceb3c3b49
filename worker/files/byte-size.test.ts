import { expect, test } from 'vitest';
import { parseByteSize } from './byte-size.ts';

test.each([
  ['1GB', 1e9],
  ['1.5gb', 1.5e9],
  ['512 MiB', 512 * 2 ** 20],
  ['256M', 256e6],
  ['64kib', 65_536],
  ['800000000', 800_000_000],
  ['', null],
  ['much', null],
  ['-1GB', null],
  ['1 TB', null],
])('%s is %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));
