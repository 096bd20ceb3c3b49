import type { Partition } from '../../../protocol/index.ts';
import { getHeatMap, type HeatCell } from '../../charts/heat-map.ts';
import type { ChartTheme } from '../../charts/palette.ts';
import type { ChartPicture } from '../../charts/picture.ts';
import { getPeriodLabel, getPeriodTitle } from '../../charts/period-text.ts';
import { formatCount } from '../../widgets/format.ts';

/** The hours of one UTC day. */
export interface PartitionDay {
  /** `2024-05-01` */
  readonly day: string;
  readonly partitions: readonly Partition[];
  readonly rows: number;
}
export function getPartitionDays(partitions: readonly Partition[]): readonly PartitionDay[] {
  const byDay = new Map<string, Partition[]>();
  for (const partition of partitions) {
    const day = partition.hour.slice(0, 10);
    const list = byDay.get(day);
    if (list === undefined) byDay.set(day, [partition]);
    else list.push(partition);
  }
  return [...byDay]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, list]) => ({ day, partitions: list, rows: list.reduce((sum, p) => sum + p.rows, 0) }));
}

const DAY = 86_400_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** A calendar of more weeks than this shows the newest. */
export const CALENDAR_WEEKS = 106;

export interface Calendar {
  readonly picture: ChartPicture;
  /** Day of each cell. */
  readonly days: readonly string[];
}
/** Weeks from left to right, Monday on top; the stronger the colour, the more events (by square root). */
export function getCalendar(partitionDays: readonly PartitionDay[], theme: ChartTheme): Calendar {
  const rows = new Map(partitionDays.map((d) => [d.day, d]));
  const first = Date.parse(`${partitionDays[0]?.day ?? ''}T00:00:00Z`);
  const last = Date.parse(`${partitionDays.at(-1)?.day ?? ''}T00:00:00Z`);
  const monday = (ms: number): number => ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY;
  const weeks = Math.min(CALENDAR_WEEKS, Math.round((monday(last) - monday(first)) / (7 * DAY)) + 1);
  const start = monday(last) - (weeks - 1) * 7 * DAY;
  const dayAt = (row: number, column: number): string =>
    new Date(start + (column * 7 + row) * DAY).toISOString().slice(0, 10);
  const days = WEEKDAYS.flatMap((_, row) => Array.from({ length: weeks }, (__, column) => dayAt(row, column)));
  const most = Math.max(1, ...partitionDays.map((d) => d.rows));
  const cells = days.map((day, i): HeatCell => {
    const count = rows.get(day)?.rows ?? 0;
    return {
      row: Math.floor(i / weeks),
      column: i % weeks,
      strength: Math.sqrt(count / most),
      text: count === 0 ? '' : formatCount(count),
    };
  });
  const picture = getHeatMap(
    {
      rows: WEEKDAYS,
      columns: Array.from({ length: weeks }, (_, column) => getPeriodLabel(dayAt(0, column), 'day')),
      cells,
      color: theme.accent,
      rowTitle: '',
      columnTitle: 'UTC',
      showTexts: false,
      tip: (cell) => {
        const found = rows.get(dayAt(cell.row, cell.column));
        return {
          title: getPeriodTitle(dayAt(cell.row, cell.column), 'day'),
          rows: [
            { label: 'Events', value: formatCount(found?.rows ?? 0) },
            { label: 'Hours with events', value: `${found?.partitions.length ?? 0} of 24` },
          ],
        };
      },
    },
    theme,
  );
  return { picture, days };
}
