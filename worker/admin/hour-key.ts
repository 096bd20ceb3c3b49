import { hourOf } from '../source/parse-time.ts';

const HOUR = 3_600_000;

/** `hourOf` that remembers the last hour: most events follow each other closely. */
export function newHourKey(): (ms: number) => string {
  let hour = Number.NaN;
  let key = '';
  return (ms) => {
    const index = Math.floor(ms / HOUR);
    if (index !== hour) {
      key = hourOf(ms);
      hour = index;
    }
    return key;
  };
}
