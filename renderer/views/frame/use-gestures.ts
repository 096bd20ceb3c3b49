import { useEffect } from 'react';
import { beginGesture, endGesture } from '../../stores/gesture.ts';

/** Tells undo when a pointer is down. What is committed on its release still belongs to it. */
export function useGestures(): void {
  useEffect(() => {
    const stop = new AbortController();
    const options = { capture: true, signal: stop.signal };
    const end = (): void => void setTimeout(endGesture);
    window.addEventListener('pointerdown', beginGesture, options);
    window.addEventListener('pointerup', end, options);
    window.addEventListener('pointercancel', end, options);
    return () => {
      stop.abort();
      endGesture();
    };
  }, []);
}
