/** From the press of a pointer to its release: what it changes on the way is one undo step, however slow the hand. */
let current: number | null = null;
let last = 0;

/** The gesture under way; null = none. */
export const getGesture = (): number | null => current;
export function beginGesture(): void {
  last += 1;
  current = last;
}
export function endGesture(): void {
  current = null;
}
