import { KEPT_MS, type Arrival } from '../../stores/live.ts';

const SECOND = 1_000;
export const RATE_SECONDS = 10;
export const BARS = 60;
const BAR_MS = KEPT_MS / BARS;

/** Events per second over the last ten, or since the first look when that is later. */
export function getRate(arrivals: readonly Arrival[], now: number): number {
  const [first] = arrivals;
  if (first === undefined) return 0;
  const from = Math.max(now - RATE_SECONDS * SECOND, first.at);
  const events = arrivals.reduce((sum, { at, events: n }) => sum + (at > from ? n : 0), 0);
  return events / Math.max(1, (now - from) / SECOND);
}

/** Events by stretch of two seconds, oldest first; the last one ends `now`. */
export function getBars(arrivals: readonly Arrival[], now: number): readonly number[] {
  const bars = Array.from({ length: BARS }, () => 0);
  for (const { at, events } of arrivals) {
    const bar = BARS - 1 - Math.floor((now - at) / BAR_MS);
    if (bar >= 0 && bar < BARS) bars[bar] = (bars[bar] ?? 0) + events;
  }
  return bars;
}
