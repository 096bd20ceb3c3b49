import { describe, expect, it } from 'vitest';
import { LIGHT_THEME } from '../../charts/palette.ts';
import { getCalendar, getPartitionDays } from './partition-days.ts';

const partition = (hour: string, rows: number) => ({ hour, rows, firstTime: 0, lastTime: 0 });
const days = getPartitionDays([
  partition('2024-01-03T10', 4),
  partition('2024-01-01T05', 1),
  partition('2024-01-03T09', 6),
  partition('2024-01-09T00', 9),
]);

describe('getPartitionDays', () => {
  it('gathers hours by UTC day, in order', () => {
    expect(days.map((d) => [d.day, d.partitions.length, d.rows])).toEqual([
      ['2024-01-01', 1, 1],
      ['2024-01-03', 2, 10],
      ['2024-01-09', 1, 9],
    ]);
  });
});

describe('getCalendar', () => {
  it('has a row a weekday, Monday first, and a column a week', () => {
    const calendar = getCalendar(days, LIGHT_THEME);
    expect(calendar.days).toHaveLength(14);
    expect([calendar.days[0], calendar.days[1], calendar.days[4]]).toEqual(['2024-01-01', '2024-01-08', '2024-01-03']);
    expect(calendar.picture.tip({ seriesId: 'cells', dataIndex: 4 })?.rows).toEqual([
      { label: 'Events', value: '10' },
      { label: 'Hours with events', value: '2 of 24' },
    ]);
    expect(calendar.picture.tip({ seriesId: 'cells', dataIndex: 2 })).toBeNull();
  });
});
