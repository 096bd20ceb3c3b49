import { useEffect, useState, type RefObject } from 'react';
import type { Span } from './strip-bins.ts';
import { clamp, panDomain, reveal, toMs, zoomDomain } from './strip-scale.ts';

export interface StripZoom {
  readonly domain: Span;
  readonly isZoomed: boolean;
  readonly zoomBy: (at: number, factor: number) => void;
  /** Pans so that `ms` can be seen. */
  readonly reveal: (ms: number) => void;
  readonly reset: () => void;
  /** 0..1 across the strip of a pointer's x. */
  readonly shareAt: (clientX: number) => number;
}

const shareIn = (element: HTMLElement | null, clientX: number): number => {
  const box = element?.getBoundingClientRect();
  return box === undefined ? 0 : clamp((clientX - box.left) / box.width, 0, 1);
};
/** All of it is the same as not zoomed, so that a new extent is followed. */
const settle = (domain: Span, full: Span): Span | null =>
  domain.to - domain.from >= full.to - full.from - 1 ? null : domain;

/** The stretch of time that the strip shows: the wheel zooms at the pointer, sideways (or with Shift) it pans. */
export function useStripZoom(strip: RefObject<HTMLElement | null>, full: Span): StripZoom {
  // Belongs to one extent: another source (or the same file anew) is shown whole.
  const [zoomed, setZoomed] = useState<{ readonly full: Span; readonly domain: Span } | null>(null);
  const own = zoomed !== null && zoomed.full === full ? zoomed.domain : null;

  useEffect(() => {
    const element = strip.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault(); // React's own listener is passive and could not
      setZoomed((old) => toZoomed(getWheelDomain(event, old?.full === full ? old.domain : full, full, element), full));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [strip, full]);

  const update = (change: (old: Span) => Span): void => setZoomed(toZoomed(change(own ?? full), full));
  return {
    domain: own ?? full,
    isZoomed: own !== null,
    zoomBy: (at, factor) => update((old) => zoomDomain(old, full, at, factor)),
    reveal: (ms) => update((old) => reveal(old, full, ms)),
    reset: () => setZoomed(null),
    shareAt: (clientX) => shareIn(strip.current, clientX),
  };
}

function toZoomed(domain: Span, full: Span): { readonly full: Span; readonly domain: Span } | null {
  const settled = settle(domain, full);
  return settled === null ? null : { full, domain: settled };
}

function getWheelDomain(event: WheelEvent, domain: Span, full: Span, element: HTMLElement): Span {
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) return panDomain(domain, full, sideways / 800);
  return zoomDomain(
    domain,
    full,
    toMs(shareIn(element, event.clientX), domain),
    Math.exp(clamp(event.deltaY, -100, 100) / 250),
  );
}
