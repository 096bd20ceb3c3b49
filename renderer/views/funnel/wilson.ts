/**
 * Wilson score interval of a rate (Wilson 1927), 0..1. Unlike p ± z·se it stays inside 0..1 and is honest for few
 * trials: 1 of 2 gives 9 % to 91 %. `z` = 1.96 for 95 %. Null without trials.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  z = 1.96,
): readonly [low: number, high: number] | null {
  if (trials <= 0) return null;
  const p = successes / trials;
  const z2 = z * z;
  const denominator = 1 + z2 / trials;
  const centre = (p + z2 / (2 * trials)) / denominator;
  const half = (z / denominator) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Wide enough to see and to matter: then the interval is drawn. Five points is about 400 trials at 50 %. */
export const INTERVAL_WORTH_DRAWING = 0.1;

export function drawnInterval(successes: number, trials: number): readonly [low: number, high: number] | null {
  const interval = wilsonInterval(successes, trials);
  if (interval === null || interval[1] - interval[0] < INTERVAL_WORTH_DRAWING) return null;
  return interval;
}
