import { describe, expect, it } from 'vitest';
import type { Partition, ServerPartition } from '../../../protocol/index.ts';
import { getChildren, getRoots, getSpan, hasChildren, listHours, type TreeNode } from './partition-tree.ts';

const hour = (name: string, rows: number): Partition => ({ hour: name, rows, firstTime: 0, lastTime: 0 });
const HOURS = [
  hour('2026-01-31T23', 5),
  hour('2026-02-01T00', 7),
  hour('2026-02-01T01', 11),
  hour('2026-02-03T10', 13),
  hour('2026-03-01T00', 17),
];
const list = listHours(HOURS);
const month = (from: string, to: string, isRead: boolean): ServerPartition => ({
  name: `events_${from.slice(0, 7)}`,
  bounds: `FOR VALUES FROM ('${from}') TO ('${to}')`,
  bytes: 8192,
  rows: null,
  isForeign: false,
  isRead,
});
const tell = (nodes: readonly TreeNode[]): unknown =>
  nodes.map(({ name, rows, rowsRead, reads }) => [name, rows, rowsRead, reads]);

describe('a file', () => {
  it('is months, days and hours, each with what is read of it', () => {
    const read = { from: '2026-02-01T01', to: '2026-02-28T23' };
    const roots = getRoots(list, [], read);
    expect(tell(roots)).toEqual([
      ['2026-01', 5, 0, 'none'],
      ['2026-02', 31, 24, 'part'],
      ['2026-03', 17, 0, 'none'],
    ]);
    const days = getChildren(list, roots[1] as TreeNode, read);
    expect(tell(days)).toEqual([
      ['2026-02-01', 18, 11, 'part'],
      ['2026-02-03', 13, 13, 'all'],
    ]);
    const hours = getChildren(list, days[0] as TreeNode, read);
    expect(tell(hours)).toEqual([
      ['00:00', 7, 0, 'none'],
      ['01:00', 11, 11, 'all'],
    ]);
    expect(hours.map(hasChildren)).toEqual([false, false]);
    expect(days[1]?.span).toEqual(['2026-02-03T00', '2026-02-04T00']);
  });

  it('is read as a whole where the question has no bounds, and may be empty', () => {
    expect(getRoots(list, [], { from: null, to: null }).every(({ reads }) => reads === 'all')).toBe(true);
    expect(getRoots(listHours([]), [], { from: null, to: null })).toEqual([]);
  });
});

describe('a server', () => {
  const read = { from: '2026-02-03T00', to: null };
  const february = month('2026-02-01T00', '2026-03-01T00', true);
  const rest: ServerPartition = { ...february, name: 'events_default', bounds: 'DEFAULT', rows: 40, isRead: true };

  it('is its partitions in order of time, read or pruned as its planner says; others have an estimate and come last', () => {
    const server = [
      rest,
      month('2026-03-01T00', '2026-04-01T00', true),
      month('2026-01-01T00', '2026-02-01T00', false),
      february,
    ];
    expect(tell(getRoots(list, server, read))).toEqual([
      ['events_2026-01', 5, 0, 'none'],
      ['events_2026-02', 31, 13, 'part'],
      ['events_2026-03', 17, 17, 'all'],
      ['events_default', 40, 40, 'all'],
    ]);
    expect(hasChildren(getRoots(list, [rest], read)[0] as TreeNode)).toBe(false);
  });

  it('opens a partition of a month into days, one of a day into hours', () => {
    const [root] = getRoots(list, [february], read);
    expect(tell(getChildren(list, root as TreeNode, read))).toEqual([
      ['2026-02-01', 18, 0, 'none'],
      ['2026-02-03', 13, 13, 'all'],
    ]);
    const [day] = getRoots(list, [month('2026-02-01T00', '2026-02-02T00', false)], read);
    expect(tell(getChildren(list, day as TreeNode, read))).toEqual([
      ['00:00', 7, 0, 'none'],
      ['01:00', 11, 0, 'none'],
    ]);
  });

  it('puts many partitions into months, with sums', () => {
    const days = Array.from({ length: 28 }, (_, d) => String(d + 1).padStart(2, '0')).flatMap((d) =>
      ['00', '12']
        .concat(d === '01' ? ['06', '09', '15', '18', '21'] : [])
        .map((h) => month(`2026-02-${d}T${h}`, `2026-02-${d}T${h}`, d === '03')),
    );
    const [root, ...others] = getRoots(list, days, read);
    expect(others).toEqual([]);
    expect(root).toMatchObject({ name: '2026-02', bytes: days.length * 8192, reads: 'part' });
    expect(getChildren(list, root as TreeNode, read)).toHaveLength(days.length);
  });
});

it('bounds are hours as far as they can be', () => {
  expect(getSpan(`FOR VALUES FROM ('2026-01-01T00') TO ('2026-02-01T00')`)).toEqual(['2026-01-01T00', '2026-02-01T00']);
  expect(getSpan(`FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)`)).toEqual([
    '2026-01-01T00',
    '9999-12-31T23',
  ]);
  expect(getSpan(`FOR VALUES FROM ('2026-01') TO ('2026-02')`)).toEqual(['2026-01-01T00', '2026-02-01T00']);
  for (const bounds of [
    'DEFAULT',
    null,
    `FOR VALUES IN ('a')`,
    'FOR VALUES FROM (1) TO (9)',
    'FOR VALUES WITH (modulus 4, remainder 0)',
  ])
    expect(getSpan(bounds)).toBe(null);
});
