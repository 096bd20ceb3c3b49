import { describe, expect, test } from 'vitest';
import type { ResultColumn } from '../../../../protocol/query-result.ts';
import { copyAs, type Copied } from './copy-formats.ts';

const column = (name: string, type: ResultColumn['type']): ResultColumn => ({ name, type, declared: null });
const PART: Copied = {
  columns: [column('n', 'integer'), column('t', 'text'), column('j', 'json'), column('t', 'text')],
  rows: [
    [1, 'a"b,c', '{"x":[1]}', ''],
    [{ int: '9007199254740993' }, "it's\n|\t", null, null],
  ],
};

describe('copying', () => {
  test('CSV keeps NULL and empty apart', () =>
    expect(copyAs('csv', PART)).toBe('n,t,j,t\r\n1,"a""b,c","{""x"":[1]}",""\r\n9007199254740993,"it\'s\n|\t",,'));
  test('text with tabs quotes what would break its lines', () =>
    expect(copyAs('tsv', PART).split('\n')[1]).toBe('1\t"a""b,c"\t"{""x"":[1]}"\t'));
  test('one cell is itself', () =>
    expect(copyAs('tsv', { columns: [column('t', 'text')], rows: [['a\tb']] })).toBe('a\tb'));
  test('JSON: numbers, nested JSON, digits kept, names apart', () =>
    expect(JSON.parse(copyAs('json', PART))).toEqual([
      { n: 1, t: 'a"b,c', j: { x: [1] }, t_2: '' },
      { n: '9007199254740993', t: "it's\n|\t", j: null, t_2: null },
    ]));
  test('Markdown: figures to the right, bars and breaks escaped', () =>
    expect(copyAs('markdown', PART).split('\n')).toEqual([
      '| n | t | j | t |',
      '| ---: | --- | --- | --- |',
      '| 1 | a"b,c | {"x":[1]} |  |',
      "| 9007199254740993 | it's<br>\\|\t | NULL | NULL |",
    ]));
  test('INSERT: literals that read back', () =>
    expect(
      copyAs('insert', {
        columns: [column('a', 'text'), column('b', 'blob'), column('c', 'boolean')],
        rows: [["it's", { blob: 'AP8=', bytes: 2 }, true]],
      }),
    ).toBe(`INSERT INTO "result" ("a", "b", "c") VALUES\n  ('it''s', X'00ff', TRUE);\n`));
});
