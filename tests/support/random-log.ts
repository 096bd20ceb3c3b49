import type { LogEvent } from './timelines.ts';

/** Small deterministic generator (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Few actors and names, many equal times, out of order, ids beyond ASCII. */
export function randomLog(seed: number, events: number): LogEvent[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const actors = Array.from(
    { length: Math.max(1, Math.round(events / 8)) },
    (_, i) => pick(['a', 'B', 'é', '😀', '\uFB00', '0']) + String(i),
  );
  const start = Date.UTC(2024, 0, 28);
  return Array.from({ length: events }, () => {
    const time = start + Math.floor(random() * 40 * 24) * 3_600_000 + pick([0, 0, 1, 999, 60_000]);
    const plan = pick(['basic', 'pro', '', null]);
    return {
      actor: pick(actors),
      event: pick(['open', 'view', 'view', 'buy', 'leave']),
      time,
      recordedAt: time + Math.floor(random() * 5) * 3_600_000,
      props: plan === null ? {} : { plan, country: pick(['DE', 'FR']) },
    };
  });
}
