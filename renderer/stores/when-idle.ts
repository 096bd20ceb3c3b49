import { useActivity } from './activity.ts';
import { getGesture } from './gesture.ts';
import { getMovedAt, isMoving } from './hand.ts';

/** A hand that moved so lately moves again, most likely. */
const REST_MS = 1_000;
const AGAIN_MS = 200;

/**
 * Neither this thread nor the engine has anything to do, and no hand is at work: code that is fetched beforehand takes tens
 * of ms to evaluate, which would be frames of a drag.
 */
export function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isBusy()) setTimeout(() => requestIdleCallback(look), AGAIN_MS);
      else resolve();
    };
    requestIdleCallback(look);
  });
}

function isBusy(): boolean {
  const isHandThere = isMoving() || getGesture() !== null || performance.now() - getMovedAt() < REST_MS;
  return isHandThere || useActivity.getState().running.length > 0;
}
