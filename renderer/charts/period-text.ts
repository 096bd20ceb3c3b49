const dayText = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const yearDayText = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const monthText = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' });
const hourText = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

export type PeriodInterval = 'hour' | 'day' | 'week' | 'month' | 'total';
/** A local interval start (`2021-05-01`, `2021-05-01T13:00`) is already in its zone: it is only spelt, never moved. */
const asLocal = (period: string): Date =>
  new Date(`${period.length === 7 ? `${period}-01` : period.slice(0, 10)}T${period.slice(11, 16) || '00:00'}:00Z`);

/** For axes. */
export function getPeriodLabel(period: string, interval: PeriodInterval): string {
  const date = asLocal(period);
  if (Number.isNaN(date.getTime())) return period;
  if (interval === 'month') return monthText.format(date);
  if (interval === 'hour') return period.slice(11, 16) === '00:00' ? dayText.format(date) : hourText.format(date);
  return dayText.format(date);
}
/** For tooltips: unmistakable. */
export function getPeriodTitle(period: string, interval: PeriodInterval): string {
  const date = asLocal(period);
  if (Number.isNaN(date.getTime())) return period;
  if (interval === 'month') return monthText.format(date);
  const day = yearDayText.format(date);
  if (interval === 'hour') return `${day}, ${hourText.format(date)}`;
  return interval === 'week' ? `Week of ${day}` : day;
}
