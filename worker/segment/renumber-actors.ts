import type { ScannedSlice } from './event-rows.ts';
import { pickStrings } from './string-table.ts';

const NONE = 0xffff_ffff;

/**
 * A slice of which rows were dropped after the scan may know actors by a dropped row alone, or first by one. Its dictionary
 * becomes what a scan without those rows had made; codes change in place. `check` may throw.
 */
export function renumberActors(slice: ScannedSlice, check: () => void): ScannedSlice {
  if (slice.dropped.length === 0) return slice;
  const codeOf = new Uint32Array(slice.actorIds.length).fill(NONE);
  const order = new Uint32Array(slice.actorIds.length);
  let next = 0;
  for (const chunk of slice.chunks) {
    check();
    for (let i = 0; i < chunk.rows; i++) {
      const old = chunk.actors[i] ?? 0;
      if (codeOf[old] === NONE) {
        order[next] = old;
        codeOf[old] = next++;
      }
      chunk.actors[i] = codeOf[old] ?? 0;
    }
  }
  return { ...slice, actorIds: pickStrings(slice.actorIds, order.subarray(0, next), slice.memory) };
}
