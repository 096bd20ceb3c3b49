import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useActivity } from '../../stores/activity.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { DAY, getBinStart, HOUR, type BinUnit, type Span } from './strip-bins.ts';
import { asOfEnd, toAsOf } from './strip-range.ts';

/** One step, at least: long enough to see the pictures move. */
const STEP_MS = 500;
/** A step waits for the answers, but not for ever. */
const MAX_WAIT_MS = 5000;
const MAX_STEPS = 80;

/** The unit that goes through the span in at most 80 steps. */
export function getPlayUnit(span: Span): BinUnit {
  const length = (span.to - span.from) / MAX_STEPS;
  if (length <= HOUR) return 'hour';
  if (length <= DAY) return 'day';
  return length <= 7 * DAY ? 'week' : 'month';
}

export interface Play {
  readonly isPlaying: boolean;
  readonly toggle: () => void;
}

/** Moves as of through the span, one step after another, as fast as the answers come. At the end it stops, at now. */
export function usePlay(span: Span, extent: Span): Play {
  const [isPlaying, setPlaying] = useState(false);
  // A range that is dragged must not make its buttons anew.
  const through = useRef(span);
  useLayoutEffect(() => {
    through.current = span;
  }, [span]);
  useEffect(() => {
    if (!isPlaying) return;
    let since = performance.now();
    const step = (): void => {
      const waited = performance.now() - since;
      if (useActivity.getState().running.length > 0 && waited < MAX_WAIT_MS) return;
      since = performance.now();
      const { document, setAsOf } = useWorkspace.getState();
      const at = asOfEnd(document.asOf, extent, document.timezone);
      const next = getBinStart(at, getPlayUnit(span), document.timezone, 1);
      setAsOf(toAsOf(next, extent, document.timezone));
      if (next >= extent.to || next >= span.to) setPlaying(false);
    };
    const timer = setInterval(step, STEP_MS);
    return () => clearInterval(timer);
  }, [isPlaying, span, extent]);

  const toggle = useCallback(() => {
    setPlaying((was) => {
      if (was) return false;
      const { document, setAsOf } = useWorkspace.getState();
      const at = asOfEnd(document.asOf, extent, document.timezone);
      // From the end one starts again at the beginning.
      const { current } = through;
      if (at >= current.to) {
        const first = getBinStart(current.from, getPlayUnit(current), document.timezone, 1);
        setAsOf(toAsOf(first, extent, document.timezone));
      }
      return true;
    });
  }, [extent]);
  return useMemo(() => ({ isPlaying, toggle }), [isPlaying, toggle]);
}
