import type { Random } from './random.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** How busy people are, by UTC hour, 1 = the busiest. */
const BY_HOUR = [
  0.16, 0.11, 0.09, 0.08, 0.1, 0.18, 0.34, 0.56, 0.78, 0.93, 1, 0.97, 0.9, 0.94, 0.98, 0.95, 0.88, 0.8, 0.74, 0.7, 0.62,
  0.48, 0.34, 0.23,
];
/** Sunday first. */
const BY_WEEKDAY = [0.58, 1, 1, 0.97, 0.95, 0.86, 0.62];
const GROWTH_PER_MONTH = 0.05;

export function activityAt(time: number): number {
  const date = new Date(time);
  return (BY_HOUR[date.getUTCHours()] ?? 1) * (BY_WEEKDAY[date.getUTCDay()] ?? 1);
}

/** Moves a time on by whole hours until somebody would be awake for it: people act by day, machines don't care. */
export function toBusyHour(time: number, random: Random): number {
  let moved = time;
  for (let tries = 0; tries < 12 && !random.chance(activityAt(moved) + 0.15); tries++)
    moved += HOUR * (1 + random.uniform());
  return Math.floor(moved);
}

/**
 * Sign-up times, ascending: `users` of them between `start` and `end`, with growth, weekly and daily rhythm.
 * Each hour gets its share of the total, so memory stays flat whatever the number.
 */
export function* signUpTimes(users: number, start: number, end: number, random: Random): Generator<number> {
  const weight = (hour: number): number => activityAt(hour) * (1 + GROWTH_PER_MONTH) ** ((hour - start) / (30 * DAY));
  let total = 0;
  for (let hour = start; hour < end; hour += HOUR) total += weight(hour);
  let seen = 0;
  let made = 0;
  for (let hour = start; hour < end; hour += HOUR) {
    seen += weight(hour);
    const due = hour + HOUR >= end ? users : Math.round((users * seen) / total);
    const times = Array.from(
      { length: due - made },
      () => hour + Math.floor(random.uniform() * Math.min(HOUR, end - hour)),
    );
    yield* times.sort((a, b) => a - b);
    made = due;
  }
}
