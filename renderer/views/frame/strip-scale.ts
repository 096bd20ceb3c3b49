import { DAY, HOUR, type Span } from './strip-bins.ts';

/** 0..1 across the strip ⇄ ms. */
export const toShare = (ms: number, domain: Span): number => (ms - domain.from) / (domain.to - domain.from);
export const toMs = (share: number, domain: Span): number => domain.from + share * (domain.to - domain.from);
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Nothing below one and a half days: hours are then wide enough to be hit. */
const MIN_SPAN = 36 * HOUR;

/** What the strip shows at rest: all partitions, rounded out to whole days of the zone's clock or at least one day. */
export function getFullDomain(extent: Span): Span {
  const short = DAY - (extent.to - extent.from);
  return short <= 0 ? extent : { from: extent.from - short / 2, to: extent.to + short / 2 };
}

/** Zooms around a fixed point; `factor` below 1 goes in. */
export function zoomDomain(domain: Span, full: Span, at: number, factor: number): Span {
  const size = domain.to - domain.from;
  const next = clamp(size * factor, Math.min(MIN_SPAN, full.to - full.from), full.to - full.from);
  return within(at - (at - domain.from) * (next / size), next, full);
}
export function panDomain(domain: Span, full: Span, share: number): Span {
  const size = domain.to - domain.from;
  return within(domain.from + share * size, size, full);
}
/** Moves the domain so that `ms` is visible. */
export function reveal(domain: Span, full: Span, ms: number): Span {
  const size = domain.to - domain.from;
  if (ms >= domain.from && ms <= domain.to) return domain;
  return within(ms < domain.from ? ms - size * 0.05 : ms - size * 0.95, size, full);
}
function within(from: number, size: number, full: Span): Span {
  const start = clamp(from, full.from, full.to - size);
  return { from: start, to: start + size };
}
