import { create } from 'zustand';

/**
 * Whether a hand moves the frame (as of, the range) right now: with a pressed pointer or with keys held down. While it
 * does, answers follow it with counts alone; what is costly waits until it rests.
 */
export const useHand = create<{ readonly moving: boolean }>()(() => ({ moving: false }));
export const isMoving = (): boolean => useHand.getState().moving;

/** So long without another move is rest, also with the pointer still pressed. */
export const REST_MS = 150;
let timer: ReturnType<typeof setTimeout> | undefined;
let movedAt = 0;

/** Call before the change that an event makes; `timeStamp` is the event's. */
export function moveHand(timeStamp: number): void {
  movedAt = timeStamp;
  clearTimeout(timer);
  timer = setTimeout(restHand, REST_MS);
  if (!isMoving()) useHand.setState({ moving: true });
}
/** The hand has let go. */
export function restHand(): void {
  clearTimeout(timer);
  if (isMoving()) useHand.setState({ moving: false });
}
/** `timeStamp` of the event that moved it last. */
export const getMovedAt = (): number => movedAt;
