import type { Interval, WeekStart } from '../../protocol/index.ts';
import type { LogEvent } from './timelines.ts';

/** Calendar intervals read from Intl, one instant at a time: slow, obvious, sharing no code with the engine. */
const readers = new Map<string, Intl.DateTimeFormat>();
function readLocal(zone: string, instant: number): string {
  const reader =
    readers.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  readers.set(zone, reader);
  return reader.format(instant);
}

export interface Calendar {
  readonly timezone: string;
  readonly interval: Interval;
  readonly weekStart: WeekStart;
}

/** Label of the interval an instant lies in; tests keep clear of hours that the clock shows twice. */
export function labelOf(calendar: Calendar, instant: number): string {
  const key = [calendar.timezone, calendar.interval, calendar.weekStart, instant].join(' ');
  const label = labels.get(key) ?? computeLabel(calendar, instant);
  labels.set(key, label);
  return label;
}
const labels = new Map<string, string>();

function computeLabel({ timezone, interval, weekStart }: Calendar, instant: number): string {
  const local = readLocal(timezone, instant);
  if (interval === 'hour') return `${local.slice(0, 13).replace(' ', 'T')}:00`;
  if (interval === 'month') return `${local.slice(0, 7)}-01`;
  const date = new Date(local.slice(0, 10));
  while (interval === 'week' && date.getUTCDay() !== (weekStart === 'monday' ? 1 : 0))
    date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

/** Labels of all intervals between two instants, found by walking in quarters of an hour. */
export function labelsBetween(calendar: Calendar, from: number, to: number): string[] {
  if (to < from) return [];
  const found = new Set<string>();
  for (let at = from; at < to; at += 900_000) found.add(labelOf(calendar, at));
  found.add(labelOf(calendar, to));
  return [...found];
}

export const timeOf = (e: LogEvent): number => Number(e.time);
export const idsOf = (events: readonly LogEvent[]): string[] => [...new Set(events.map((e) => e.actor))].toSorted();
export const firstOf = (events: readonly LogEvent[]): LogEvent | undefined =>
  events.toSorted((a, b) => timeOf(a) - timeOf(b))[0];
