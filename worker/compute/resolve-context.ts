import { EngineError } from '../../protocol/errors.ts';
import type { Analysis } from '../../protocol/index.ts';
import type { Milliseconds } from '../segment/segment.ts';
import type { ComputeContext } from './compute-module.ts';
import { checkTimeZone, getFirstInstant, getLastInstant } from './time-zone.ts';

/** The moments of a document as instants: spread into a ComputeContext. */
export type ResolvedTimes = Pick<ComputeContext, 'fromMs' | 'toMs' | 'asOfMs' | 'knownAtMs'>;
type Moments = Pick<Analysis, 'timezone' | 'asOf' | 'knownAt' | 'dateRange'>;

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const DAY = 86_400_000;

/**
 * Both ends of the range are inclusive; a bare date as an end (also of asOf and knownAt) means its last millisecond;
 * microseconds are cut. A local time that the clock shows twice means its first showing as a start and its last as
 * an end; one that it skips means the jump. Throws E_BAD_TIME_ZONE, E_BAD_QUERY with the path.
 */
export function resolveContext(query: Moments): ResolvedTimes {
  const { timezone, dateRange } = query;
  checkTimeZone(timezone);
  const asOfMs = resolveEnd(query.asOf, timezone, 'asOf');
  const knownAtMs = resolveEnd(query.knownAt, timezone, 'knownAt');
  const from = dateRange?.from;
  const fromMs =
    from === null || from === undefined
      ? Number.NEGATIVE_INFINITY
      : resolveMoment(from, timezone, 'start', 'dateRange.from');
  const toMs = resolveEnd(dateRange?.to, timezone, 'dateRange.to');
  if (fromMs > toMs) throw badMoment('dateRange', `starts after it ends`, 'Swap the two ends.');
  return { fromMs, toMs: Math.min(toMs, asOfMs), asOfMs, knownAtMs };
}

/** Infinity when absent. */
export function resolveEnd(moment: string | null | undefined, timezone: string, path: string): Milliseconds {
  return moment === null || moment === undefined
    ? Number.POSITIVE_INFINITY
    : resolveMoment(moment, timezone, 'end', path);
}

/** One moment as an instant. `edge` decides what a bare date and an ambiguous local time mean. */
export function resolveMoment(moment: string, timezone: string, edge: 'start' | 'end', path: string): Milliseconds {
  const [, year = '', month = '', day = '', hour, minute = '0', second = '0', fraction = '', zone] =
    MOMENT.exec(moment) ?? [];
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (Number.isNaN(date) || new Date(date).toISOString().slice(0, 10) !== moment.slice(0, 10))
    throw badMoment(path, `"${moment}" is not a date`, 'Write it like 2021-05-31 or 2021-05-31T18:00:00.');
  if (hour === undefined)
    return edge === 'start' ? getFirstInstant(timezone, date) : getFirstInstant(timezone, date + DAY) - 1;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw badMoment(path, `"${moment}" is not a time of day`, 'Hours run to 23, minutes and seconds to 59.');
  const local =
    date +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Number(fraction.slice(0, 3).padEnd(3, '0'));
  if (zone !== undefined) return local - offsetOf(zone);
  return edge === 'start' ? getFirstInstant(timezone, local) : getLastInstant(timezone, local);
}

function offsetOf(zone: string): Milliseconds {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  return (zone.startsWith('-') ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

function badMoment(path: string, what: string, hint: string): EngineError {
  return new EngineError('E_BAD_QUERY', `This analysis cannot be read: ${path}: ${what}.`, { hint, path });
}
