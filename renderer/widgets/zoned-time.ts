/** Instants (ms since the epoch) and wall-clock text in a named zone. Text is ISO-like, so that it sorts and is the same everywhere. */
const formatters = new Map<string, Intl.DateTimeFormat>();
const FIELDS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  era: 'short',
} as const;

/** A zone that is not known here (a workspace may name anything) is shown as UTC; answers in it fail with E_BAD_TIME_ZONE. */
function makeFormatter(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA-u-hc-h23', { timeZone: zone, ...FIELDS });
  } catch {
    return new Intl.DateTimeFormat('en-CA-u-hc-h23', { timeZone: 'UTC', ...FIELDS });
  }
}
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = makeFormatter(zone);
  formatters.set(zone, made);
  return made;
}

/** `2024-05-01T13:05:09.123`, the wall clock of `zone` at that instant. */
export function toLocalText(ms: number, zone: string): string {
  const offset = keptOffset(ms, zone);
  return offset === null ? formatLocal(ms, zone) : new Date(ms + offset).toISOString().slice(0, 23);
}

/** Clocks have changed at full quarters of an hour only since 1973, and until 9999 a year has four digits. */
const QUARTER = 900_000;
const [FIRST_KEPT, LAST_KEPT] = [Date.UTC(1973, 0), Date.UTC(9999, 0)];
const MOST_KEPT = 20_000;
const offsets = new Map<string, Map<number, number>>();
/** How far the wall clock is ahead, ms: asked of the formatter once a quarter, as a drag asks for it many times. */
function keptOffset(ms: number, zone: string): number | null {
  if (!(ms >= FIRST_KEPT && ms < LAST_KEPT)) return null;
  if (zone === 'UTC') return 0;
  let ofZone = offsets.get(zone);
  if (ofZone === undefined || ofZone.size > MOST_KEPT) offsets.set(zone, (ofZone = new Map()));
  const quarter = Math.floor(ms / QUARTER);
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  const at = quarter * QUARTER;
  const offset = asUtc(formatLocal(at, zone)) - at;
  ofZone.set(quarter, offset);
  return offset;
}

function formatLocal(ms: number, zone: string): string {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(ms)) parts[type] = value;
  return `${(parts['year'] ?? '').padStart(4, '0')}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}.${parts['fractionalSecond']}`;
}
/** `2024-05-01` */
export const formatDate = (ms: number, zone: string): string => toLocalText(ms, zone).slice(0, 10);
/** `2024-05-01 13:05` */
export const formatMinute = (ms: number, zone: string): string => toLocalText(ms, zone).slice(0, 16).replace('T', ' ');
/** `2024-05-01 13:05:09` */
export const formatInstant = (ms: number, zone: string): string => toLocalText(ms, zone).slice(0, 19).replace('T', ' ');
/** `2024-05-01 13:05:09.123 Europe/Berlin`, for tooltips. */
export const formatExactInstant = (ms: number, zone: string): string =>
  `${toLocalText(ms, zone).replace('T', ' ')} ${zone}`;

const asUtc = (local: string): number => {
  const [date = '', time = ''] = local.replace(' ', 'T').split('T');
  const [hour = '00', minute = '00', second = '00'] = time.split(':');
  return Date.parse(`${date}T${hour.padStart(2, '0')}:${minute.padStart(2, '0')}:${second.padEnd(2, '0')}Z`);
};
const offsetAt = (ms: number, zone: string): number => asUtc(toLocalText(ms, zone)) - ms;

/**
 * The instant of a moment as documents write it: wall clock of `zone`, or with an own offset. In the hour that a clock
 * change repeats, the first one; in the hour it skips, the instant after it. NaN for what is no time.
 */
export function fromLocalText(text: string, zone: string): number {
  if (/(Z|[+-]\d{2}:?\d{2})$/.test(text) && text.length > 10) return Date.parse(text.replace(' ', 'T'));
  const wall = asUtc(text);
  if (Number.isNaN(wall)) return Number.NaN;
  const before = wall - offsetAt(wall - 86_400_000, zone);
  if (before + offsetAt(before, zone) === wall) return before;
  const after = wall - offsetAt(wall + 86_400_000, zone);
  return after + offsetAt(after, zone) === wall ? after : before;
}

/** `UTC`, or `Europe/Berlin (UTC+2)` at that instant. */
export function formatZone(zone: string, at: number): string {
  const minutes = Math.round(offsetAt(at, zone) / 60_000);
  if (zone === 'UTC') return 'UTC';
  const sign = minutes < 0 ? '−' : '+';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `${zone} (UTC${sign}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`})`;
}
