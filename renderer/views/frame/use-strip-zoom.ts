import { useCallback, useEffect, useState, type RefObject } from 'react';
import type { Span } from './strip-bins.ts';
import { clamp, panDomain, reveal, toMs, zoomDomain } from './strip-scale.ts';

export interface StripZoom {
  readonly domain: Span;
  readonly isZoomed: boolean;
  zoomBy(at: number, factor: number): void;
  /** Pans so that `ms` can be seen. */
  reveal(ms: number): void;
  reset(): void;
  /** 0..1 across the strip of a pointer's x. */
  shareAt(clientX: number): number;
}

/** The stretch of time that the strip shows: the wheel zooms at the pointer, sideways (or with Shift) it pans. */
export function useStripZoom(strip: RefObject<HTMLDivElement | null>, full: Span): StripZoom {
  const [zoomed, setZoomed] = useState<Span | null>(null);
  useEffect(() => setZoomed(null), [full]);
  const shareAt = useCallback(
    (clientX: number): number => {
      const box = strip.current?.getBoundingClientRect();
      return box === undefined ? 0 : clamp((clientX - box.left) / box.width, 0, 1);
    },
    [strip],
  );
  const update = useCallback(
    (change: (old: Span) => Span) => setZoomed((old) => settle(change(old ?? full), full)),
    [full],
  );

  useEffect(() => {
    const element = strip.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault(); // React's own listener is passive and could not
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))
        update((old) => panDomain(old, full, sideways / 800));
      else
        update((old) =>
          zoomDomain(old, full, toMs(shareAt(event.clientX), old), Math.exp(clamp(event.deltaY, -100, 100) / 250)),
        );
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [strip, full, shareAt, update]);

  return {
    domain: zoomed ?? full,
    isZoomed: zoomed !== null,
    zoomBy: (at, factor) => update((old) => zoomDomain(old, full, at, factor)),
    reveal: (ms) => update((old) => reveal(old, full, ms)),
    reset: () => setZoomed(null),
    shareAt,
  };
}

/** All of it is the same as not zoomed, so that a new extent is followed. */
const settle = (domain: Span, full: Span): Span | null =>
  domain.to - domain.from >= full.to - full.from - 1 ? null : domain;
