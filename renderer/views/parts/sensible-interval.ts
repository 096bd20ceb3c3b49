import type { Interval, SourceInfo } from '../../../protocol/index.ts';

const DAY = 86_400_000;
/** An interval that gives a chart some ten to a hundred points. */
export function getSensibleInterval(source: Pick<SourceInfo, 'firstTime' | 'lastTime'> | null): Interval {
  if (source === null || source.firstTime === null || source.lastTime === null) return 'day';
  const days = (source.lastTime - source.firstTime) / DAY;
  if (days <= 4) return 'hour';
  if (days <= 120) return 'day';
  return days <= 900 ? 'week' : 'month';
}
