import { describe, expect, test } from 'vitest';
import type { ChartSetup } from '../../../../protocol/index.ts';
import type { QueryCell, ResultColumn } from '../../../../protocol/query-result.ts';
import { LIGHT_THEME } from '../../../charts/palette.ts';
import { draw } from './chart-data.ts';
import { guessChart } from './chart-guess.ts';

const columns = (...given: readonly [string, ResultColumn['type']][]): readonly ResultColumn[] =>
  given.map(([name, type]) => ({ name, type, declared: null }));
const guess = (c: readonly ResultColumn[], rows: readonly (readonly QueryCell[])[]) => guessChart(c, rows);

/** What of the guess is spoken of. */
const partOf = (found: ChartSetup | null, wanted: object | null): object | null =>
  found === null || wanted === null
    ? found
    : Object.fromEntries(Object.entries(found).filter(([key]) => key in wanted));

describe('the first guess', () => {
  test.each<[string, readonly ResultColumn[], readonly (readonly QueryCell[])[], object | null]>([
    [
      'moments and a count',
      columns(['day', 'text'], ['n', 'integer']),
      [
        ['2026-01-01', 1],
        ['2026-01-02', 4],
      ],
      { shape: 'line', x: 'day', y: ['n'], series: null },
    ],
    [
      'moments by type',
      columns(['day', 'date'], ['type', 'text'], ['n', 'integer']),
      [
        ['2026-01-01', 'a', 1],
        ['2026-01-01', 'b', 4],
      ],
      { shape: 'area', series: 'type', stacked: true },
    ],
    [
      'names and a count',
      columns(['type', 'text'], ['n', 'integer']),
      [
        ['a', 1],
        ['b', 4],
      ],
      { shape: 'bar', x: 'type', y: ['n'] },
    ],
    [
      'two names',
      columns(['a', 'text'], ['b', 'text'], ['n', 'integer']),
      [
        ['x', 'p', 1],
        ['x', 'q', 2],
      ],
      { shape: 'heatmap', x: 'a', series: 'b' },
    ],
    [
      'from and to',
      columns(['source', 'text'], ['target', 'text'], ['n', 'integer']),
      [['x', 'y', 1]],
      { shape: 'sankey', x: 'source', series: 'target' },
    ],
    [
      'two measures',
      columns(['a', 'real'], ['b', 'real']),
      [
        [3, 1],
        [1, 2],
      ],
      { shape: 'scatter', x: 'a', y: ['b'] },
    ],
    [
      'steps',
      columns(['step', 'text'], ['n', 'integer']),
      [
        ['one', 9],
        ['two', 4],
      ],
      { shape: 'funnel' },
    ],
    ['ids are no measures', columns(['user_id', 'integer'], ['name', 'text']), [[1, 'x']], null],
    ['no rows', columns(['n', 'integer']), [], null],
  ])('%s', (_name, c, rows, wanted) => {
    expect(partOf(guess(c, rows), wanted)).toEqual(wanted);
  });
});

describe('drawing', () => {
  const bar: ChartSetup = { shape: 'bar', x: 't', y: ['n'], series: null, stacked: false };
  test('rows of one name are added, what is no number is left out', () => {
    const drawing = draw(
      bar,
      {
        columns: columns(['t', 'text'], ['n', 'numeric']),
        rows: [
          ['a', '1.5'],
          ['a', 2],
          ['b', null],
        ],
      },
      LIGHT_THEME,
    );
    if (drawing.kind !== 'picture') throw new Error('no picture');
    expect(drawing.picture.table.rows).toEqual([
      ['a', '3.5'],
      ['b', '–'],
    ]);
  });
  test('moments stand in order, whatever the order of rows', () => {
    const rows = [
      ['2026-01-02', 1],
      ['2026-01-01', 2],
    ] as const;
    const drawing = draw(
      { ...bar, shape: 'line' },
      { columns: columns(['t', 'date'], ['n', 'integer']), rows },
      LIGHT_THEME,
    );
    expect(drawing.kind === 'picture' && drawing.picture.table.rows.map((r) => r[0])).toEqual([
      '2026-01-01',
      '2026-01-02',
    ]);
  });
  test('the thirteenth series and later are one', () => {
    const rows = Array.from({ length: 30 }, (_, i): QueryCell[] => ['d', `s${i}`, 100 - i]);
    const drawing = draw(
      { ...bar, series: 's' },
      { columns: columns(['t', 'text'], ['s', 'text'], ['n', 'integer']), rows },
      LIGHT_THEME,
    );
    if (drawing.kind !== 'picture') throw new Error('no picture');
    expect(drawing.series).toHaveLength(12);
    expect(drawing.series.at(-1)?.name).toBe('Other');
    const all = drawing.picture.option.series?.map((s) => Number((s.data as number[])[0])) ?? [];
    expect(all.reduce((a, b) => a + b, 0)).toBe(rows.reduce((sum, r) => sum + Number(r[2]), 0));
  });
  test('a way back in a Sankey ends in a node of its own', () => {
    const rows = [
      ['visit', 'sign up', 10],
      ['sign up', 'pay', 6],
      ['pay', 'visit', 2],
    ] as const;
    const drawing = draw(
      { ...bar, shape: 'sankey', x: 'f', series: 'g' },
      { columns: columns(['f', 'text'], ['g', 'text'], ['n', 'integer']), rows },
      LIGHT_THEME,
    );
    if (drawing.kind !== 'sankey') throw new Error('no Sankey');
    const column = new Map(drawing.graph.nodes.map((n) => [n.id, n.column]));
    expect([...column]).toEqual([
      ['visit', 0],
      ['sign up', 1],
      ['pay', 2],
      ['visit (again)', 3],
    ]);
    for (const l of drawing.graph.links) expect(column.get(l.target)).toBeGreaterThan(column.get(l.source) ?? 9);
  });
  test('what is missing is said', () => {
    const table = { columns: columns(['t', 'text']), rows: [['a']] as const };
    expect(draw(bar, table, LIGHT_THEME)).toEqual({ kind: 'nothing', why: 'Choose a column of numbers.' });
  });
});
