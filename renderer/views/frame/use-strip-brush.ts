import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';
import { followPointer } from './follow-pointer.ts';
import type { Span } from './strip-bins.ts';
import { clamp, toMs } from './strip-scale.ts';

interface BrushOptions {
  readonly strip: RefObject<HTMLElement | null>;
  readonly domain: Span;
  /** The range there is; null = all. */
  readonly kept: Span | null;
  readonly snapTo: (ms: number) => number;
  /** At every step of the hand; `timeStamp` is the pointer event's. */
  readonly onMove: (span: Span, timeStamp: number) => void;
  /** Called when a drag begins: what it answers takes the drag back. */
  readonly hold: () => () => void;
  readonly onEnd: () => void;
}
interface Drag {
  readonly mode: 'new' | 'move' | 'from' | 'to';
  readonly startX: number;
  readonly startMs: number;
  readonly origin: Span;
}
export interface StripBrush {
  /** The range while it is dragged. */
  readonly draft: Span | null;
  readonly start: (event: PointerEvent<HTMLElement>) => void;
  readonly startEdge: (event: PointerEvent<HTMLElement>, edge: 'from' | 'to') => void;
}

/** Less than this is a click, not a drag. */
const MIN_PX = 4;

/** Where the range is when the pointer is at `ms`. */
export function getDragged(
  drag: Pick<Drag, 'mode' | 'startMs' | 'origin'>,
  ms: number,
  snapTo: (ms: number) => number,
): Span {
  const { mode, startMs, origin } = drag;
  if (mode === 'new') {
    const [a, b] = [snapTo(startMs), snapTo(ms)];
    return { from: Math.min(a, b), to: Math.max(a, b) };
  }
  if (mode === 'move') {
    // Snapping stops at the ends of the data: the range stops there too, and keeps its length.
    const length = origin.to - origin.from;
    const to = snapTo(snapTo(origin.from + ms - startMs) + length);
    return { from: snapTo(to - length), to };
  }
  return mode === 'from'
    ? { from: Math.min(snapTo(ms), origin.to), to: origin.to }
    : { from: origin.from, to: Math.max(snapTo(ms), origin.from) };
}

/** Drag on the strip: a new range, the range moved, or one edge. The range follows the hand; Esc gives up. */
export function useStripBrush({ strip, domain, kept, snapTo, onMove, hold, onEnd }: BrushOptions): StripBrush {
  const [draft, setDraft] = useState<Span | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const begin = (event: PointerEvent<HTMLElement>, mode: Drag['mode']): void => {
    const box = strip.current?.getBoundingClientRect();
    if (event.button !== 0 || box === undefined) return;
    const msAt = (clientX: number): number => toMs(clamp((clientX - box.left) / box.width, 0, 1), domain);
    const drag: Drag = { mode, startX: event.clientX, startMs: msAt(event.clientX), origin: kept ?? domain };
    let latest: Span | null = null;
    stop.current?.abort();
    const end = new AbortController();
    stop.current = end;
    const takeBack = hold();
    const finish = (): void => {
      end.abort();
      setDraft(null);
      if (latest !== null) onEnd();
    };
    const { signal } = end;
    followPointer((move) => {
      if (latest === null && Math.abs(move.clientX - drag.startX) < MIN_PX) return;
      const next = getDragged(drag, msAt(move.clientX), snapTo);
      if (next.from === latest?.from && next.to === latest.to) return;
      latest = next;
      setDraft(next);
      if (next.to > next.from) onMove(next, move.timeStamp);
    }, signal);
    window.addEventListener('pointerup', finish, { signal });
    window.addEventListener('pointercancel', finish, { signal });
    window.addEventListener(
      'keydown',
      (key) => {
        if (key.key !== 'Escape') return;
        key.stopPropagation();
        if (latest !== null) takeBack();
        finish();
      },
      { signal, capture: true },
    );
  };
  return {
    draft,
    start: (event) => {
      const box = strip.current?.getBoundingClientRect();
      const ms = box === undefined ? 0 : toMs((event.clientX - box.left) / box.width, domain);
      begin(event, kept !== null && ms > kept.from && ms < kept.to ? 'move' : 'new');
    },
    startEdge: (event, edge) => begin(event, edge),
  };
}
