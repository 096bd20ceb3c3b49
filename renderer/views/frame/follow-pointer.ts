/**
 * Follows a pressed pointer, before everyone else and for nobody else: what others would measure at every step costs more
 * than the step. Browsers hold moves back until the next frame, and an answer to one is drawn a frame later; so the first of
 * a frame is followed when it comes, where they tell (`pointerrawupdate`), and the last with the frame.
 */
export function followPointer(onMove: (event: PointerEvent) => void, signal: AbortSignal): void {
  let isFirst = true;
  const options = { capture: true, signal };
  window.addEventListener(
    'pointerrawupdate',
    (event) => {
      if (isFirst) onMove(event as PointerEvent);
      isFirst = false;
    },
    options,
  );
  window.addEventListener(
    'pointermove',
    (event) => {
      event.stopPropagation();
      isFirst = true;
      onMove(event);
    },
    options,
  );
}
