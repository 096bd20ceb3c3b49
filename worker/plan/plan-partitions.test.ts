import { describe, expect, it } from 'vitest';
import { parseAnalysis, type Partition } from '../../protocol/index.ts';
import { getNamedEvents } from './named-events.ts';
import { getNeededHistory } from './needed-history.ts';
import { coversHours, getNeededHours, planPartitions, sumRows } from './plan-partitions.ts';
import { getRequiredColumns } from './required-columns.ts';

const at = (iso: string): number => Date.parse(`${iso}Z`);
const partition = (hour: string, rows: number): Partition => ({
  hour,
  rows,
  firstTime: at(`${hour}:00:00`),
  lastTime: at(`${hour}:59:59`),
});
const PARTITIONS = [
  partition('2024-01-01T00', 1),
  partition('2024-01-01T05', 10),
  partition('2024-01-01T06', 100),
  partition('2024-02-01T00', 1000),
];
const plan = (from: string | null, to: string | null, guardHours = 0, prunable = true) =>
  planPartitions({
    partitions: {
      count: PARTITIONS.length,
      hourAt: (i) => PARTITIONS[i]?.hour ?? null,
      rowsBefore: sumRows(PARTITIONS.map(({ rows }) => rows)),
    },
    guardHours,
    prunable,
    needed: { from, to },
    columns: [],
    threads: 2,
    inMemory: false,
  });

describe('planPartitions', () => {
  it('reads the needed hours, widened by the guard band', () => {
    expect(plan('2024-01-01T06', '2024-01-01T09')).toMatchObject({
      rowsRead: 100,
      partitionsRead: 1,
      scan: 'pruned',
      fromHour: '2024-01-01T06',
    });
    expect(plan('2024-01-01T06', '2024-01-01T09', 1)).toMatchObject({
      rowsRead: 110,
      partitionsRead: 2,
      fromHour: '2024-01-01T05',
      toHour: '2024-01-01T10',
    });
  });

  it('reads all where a source cannot prune or nothing bounds it', () => {
    expect(plan('2024-01-01T06', null, 0, false)).toMatchObject({ rowsRead: 1111, scan: 'full' });
    expect(plan(null, null)).toMatchObject({
      rowsRead: 1111,
      partitionsTotal: 4,
      rowsTotal: 1111,
      scan: 'full',
      fromHour: '2024-01-01T00',
      toHour: '2024-02-01T00',
    });
    expect(plan(null, '2024-01-01T05')).toMatchObject({ rowsRead: 11, scan: 'pruned' });
  });
});

describe('getNeededHours', () => {
  it('floors both ends to their hours and leaves impossible ones open', () => {
    expect(getNeededHours({ fromMs: at('2024-01-01T06:59:59'), toMs: at('2024-01-01T07:00:00') })).toEqual({
      from: '2024-01-01T06',
      to: '2024-01-01T07',
    });
    expect(getNeededHours({ fromMs: -Infinity, toMs: 8.64e15 })).toEqual({ from: null, to: null });
  });

  it('knows what covers what', () => {
    const narrow = { from: '2024-01-02T00', to: '2024-01-03T00' };
    expect(coversHours({ from: null, to: null }, narrow)).toBe(true);
    expect(coversHours(narrow, narrow)).toBe(true);
    expect(coversHours(narrow, { from: null, to: '2024-01-03T00' })).toBe(false);
    expect(coversHours(narrow, { from: '2024-01-02T05', to: '2024-01-03T01' })).toBe(false);
  });
});

describe('getNeededHistory', () => {
  const bounds = { fromMs: 10, toMs: 20, asOfMs: 30 };
  const need = (document: object) => getNeededHistory(parseAnalysis(document), bounds);
  const steps = [{ event: 'a' }, { event: 'b' }];

  it('is the range for streams, and everything before where a first ever event counts', () => {
    expect(need({ type: 'funnel', steps })).toEqual({ fromMs: 10, toMs: 20 });
    expect(need({ type: 'funnel', steps: [{ event: 'a' }, { event: 'b', firstTimeOnly: true }] })).toEqual({
      fromMs: -Infinity,
      toMs: 20,
    });
    expect(need({ type: 'flow' })).toEqual({ fromMs: 10, toMs: 20 });
    expect(need({ type: 'lifecycle', event: { event: 'a' } })).toEqual({ fromMs: -Infinity, toMs: 30 });
    expect(need({ type: 'journey' })).toEqual({ fromMs: -Infinity, toMs: 30 });
  });
});

describe('getRequiredColumns', () => {
  it('names every property once, in any depth, without $event and $actor', () => {
    const document = {
      type: 'funnel',
      where: [
        {
          or: [
            { prop: 'z', op: 'is_set' },
            {
              and: [
                { prop: 'y', op: 'is_set' },
                { prop: '$event', op: 'eq', value: 'a' },
              ],
            },
          ],
        },
      ],
      steps: [
        { event: 'a', where: [{ prop: 'x', op: 'is_set' }] },
        { anyOf: [{ event: 'b', where: [{ prop: 'w', op: 'is_set' }] }] },
      ],
      exclusions: [{ event: 'c', where: [{ prop: 'v', op: 'is_set' }], fromStep: 0, toStep: 1 }],
      breakdown: { props: ['z', 'u'] },
    };
    expect(getRequiredColumns(parseAnalysis(document))).toEqual(['u', 'v', 'w', 'x', 'y', 'z']);
    expect(getNamedEvents(parseAnalysis(document))).toEqual(['a', 'b', 'c']);
  });

  it('knows the keys of the default journey, and of rollups and flows', () => {
    expect(getRequiredColumns(parseAnalysis({ type: 'journey' }))).toEqual(['due_at', 'invoice_id', 'shop_id']);
    expect(getRequiredColumns(parseAnalysis({ type: 'rollup', by: '$event', sum: 'amount' }))).toEqual(['amount']);
    expect(getRequiredColumns(parseAnalysis({ type: 'flow', include: { prop: 'page', in: ['a'] } }))).toEqual(['page']);
  });
});
