/**
 * Events at exactly the time of another event of the same actor. A time shared by n events of one actor counts n - 1.
 * Sorts event positions by (actor, time) once: no set of pairs, which would need ten times the memory.
 */
export function countEqualTimes(actors: readonly number[], times: readonly number[]): number {
  const starts = new Uint32Array(actors.reduce((max, a) => Math.max(max, a + 1), 0) + 1);
  for (const actor of actors) starts[actor + 1] = (starts[actor + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const byActor = new Float64Array(times.length);
  const next = starts.slice();
  actors.forEach((actor, i) => {
    const at = next[actor] ?? 0;
    byActor[at] = times[i] ?? 0;
    next[actor] = at + 1;
  });
  let equal = 0;
  for (let a = 0; a + 1 < starts.length; a++) {
    const own = byActor.subarray(starts[a], starts[a + 1]).sort();
    for (let i = 1; i < own.length; i++) if (own[i] === own[i - 1]) equal++;
  }
  return equal;
}
