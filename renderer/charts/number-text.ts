/** Numbers as chart labels: locale separators, three significant digits; exact numbers belong in tooltips. */
const exact = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 });

export const getExactText = (value: number): string => exact.format(value);
export const getShortText = (value: number): string =>
  Math.abs(value) < 10_000 ? getThreeDigits(value) : short.format(value);

function getThreeDigits(value: number): string {
  return Number.isInteger(value) ? exact.format(value) : exact.format(Number(value.toPrecision(3)));
}

/** One decimal, two under 1 %. `share` is 0..1; nothing of nothing is an en dash. */
export function getShareText(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  const digits = Math.abs(percent) > 0 && Math.abs(percent) < 1 ? 2 : 1;
  return `${percent.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })} %`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;
/** Two units: `3 d 4 h`, `12 s`. */
export function getDurationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return seconds === 0 ? '0 s' : `${Math.round(seconds * 1000)} ms`;
  let rest = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => rest >= size);
  return UNITS.slice(first, first + 2)
    .map(([unit, size]) => {
      const value = Math.floor(rest / size);
      rest -= value * size;
      return value === 0 ? '' : `${getExactText(value)} ${unit}`;
    })
    .filter((part) => part !== '')
    .join(' ');
}

/** `a very long na…e of a thing`: the ends tell names apart, so the middle goes. */
export function truncateMiddle(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  const letters = Array.from(text);
  let low = 0;
  let high = letters.length - 1;
  while (low < high) {
    const keep = Math.ceil((low + high) / 2);
    if (fits(cut(letters, keep))) low = keep;
    else high = keep - 1;
  }
  return low === 0 ? '…' : cut(letters, low);
}
function cut(letters: readonly string[], keep: number): string {
  const head = Math.ceil(keep / 2);
  const tail = keep - head;
  return `${letters.slice(0, head).join('')}…${tail === 0 ? '' : letters.slice(-tail).join('')}`;
}

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
