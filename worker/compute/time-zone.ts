import { EngineError } from '../../protocol/errors.ts';
import type { Milliseconds } from '../segment/segment.ts';

/**
 * Offsets of IANA zones without a time library. Local time is held as "local ms": the ms of the same wall-clock
 * reading taken as if it were UTC, so that `local = instant + offset`.
 *
 * One UTC day of a zone is looked up once and kept: nearly always the offset is the same at both ends, else the
 * instant of the change is found by bisection (one change a day is assumed).
 */
const DAY = 86_400_000;
interface DayOffsets {
  readonly before: Milliseconds;
  readonly after: Milliseconds;
  /** First instant that has the offset `after`. */
  readonly changeAt: Milliseconds;
}
interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly days: Map<number, DayOffsets>;
  readonly midnights: Map<number, Milliseconds>;
}
const zones = new Map<string, Zone>();

function getZone(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = { format: createFormat(name), days: new Map(), midnights: new Map() };
  zones.set(name, zone);
  return zone;
}

function createFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new EngineError('E_BAD_TIME_ZONE', `"${name}" is not a known time zone.`, {
      hint: 'Use an IANA name such as Europe/Berlin or UTC.',
      path: 'timezone',
      cause,
    });
  }
}

/** Throws E_BAD_TIME_ZONE. */
export function checkTimeZone(name: string): void {
  // Loading time zones takes longer than many an answer.
  if (name !== 'UTC') getZone(name);
}

function readOffset(zone: Zone, instant: Milliseconds): Milliseconds {
  const part: Record<string, number> = {};
  for (const { type, value } of zone.format.formatToParts(instant)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

/** Offset at a UTC midnight, looked up once. */
function readMidnight(zone: Zone, day: number): Milliseconds {
  let offset = zone.midnights.get(day);
  if (offset === undefined) zone.midnights.set(day, (offset = readOffset(zone, day * DAY)));
  return offset;
}

function getDay(zone: Zone, day: number): DayOffsets {
  const known = zone.days.get(day);
  if (known !== undefined) return known;
  const before = readMidnight(zone, day);
  const after = readMidnight(zone, day + 1);
  let low = day * DAY;
  let high = low + DAY;
  // Offsets change on whole seconds.
  while (before !== after && high - low > 1000) {
    const mid = low + Math.floor((high - low) / 2000) * 1000;
    if (readOffset(zone, mid) === before) low = mid;
    else high = mid;
  }
  const found = { before, after, changeAt: high };
  zone.days.set(day, found);
  return found;
}

/** Offset of the zone at an instant: `local = instant + offset`. Throws E_BAD_TIME_ZONE. */
export function getOffset(timezone: string, instant: Milliseconds): Milliseconds {
  if (timezone === 'UTC') return 0;
  const day = getDay(getZone(timezone), Math.floor(instant / DAY));
  return instant < day.changeAt ? day.before : day.after;
}

/** First change of offset after `from` and at or before `to` (at most a few days later), or null. */
export function findOffsetChange(timezone: string, from: Milliseconds, to: Milliseconds): Milliseconds | null {
  if (timezone === 'UTC') return null;
  const zone = getZone(timezone);
  for (let day = Math.floor(from / DAY); day * DAY <= to; day++) {
    const { before, after, changeAt } = getDay(zone, day);
    if (before !== after && changeAt > from && changeAt <= to) return changeAt;
  }
  return null;
}

/**
 * The instants that read as this local time: one, two where the clock is put back, none where it is put forward.
 * Then `gapAt` is the instant of the jump.
 */
export function findInstants(
  timezone: string,
  local: Milliseconds,
): { readonly instants: readonly Milliseconds[]; readonly gapAt: Milliseconds } {
  const early = getOffset(timezone, local - DAY);
  const late = getOffset(timezone, local + DAY);
  const instants = [...new Set([early, late])]
    .map((offset) => ({ instant: local - offset, offset }))
    .filter(({ instant, offset }) => getOffset(timezone, instant) === offset)
    .map(({ instant }) => instant)
    .toSorted((a, b) => a - b);
  const gapAt =
    instants.length > 0 ? Number.NaN : (findOffsetChange(timezone, local - DAY, local + DAY) ?? local - early);
  return { instants, gapAt };
}

/** First instant whose local time is at or after `local`. */
export function getFirstInstant(timezone: string, local: Milliseconds): Milliseconds {
  if (timezone === 'UTC') return local;
  const { instants, gapAt } = findInstants(timezone, local);
  return instants[0] ?? gapAt;
}

/** Last instant (whole ms) whose local time is at or before `local`. */
export function getLastInstant(timezone: string, local: Milliseconds): Milliseconds {
  if (timezone === 'UTC') return local;
  const { instants, gapAt } = findInstants(timezone, local);
  return instants.at(-1) ?? gapAt - 1;
}

/** `+05:45`; seconds of historic offsets are cut. */
export function formatOffset(offset: Milliseconds): string {
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Local time with its offset, to the second: `2020-01-01T00:00:00+00:00`. */
export function formatLocal(timezone: string, instant: Milliseconds): string {
  const offset = getOffset(timezone, instant);
  return `${new Date(instant + offset).toISOString().slice(0, 19)}${formatOffset(offset)}`;
}
