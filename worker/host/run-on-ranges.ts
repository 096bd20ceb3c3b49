import type { Pool } from '../pool.ts';
import { splitActors, type ActorRange } from '../segment/segment.ts';
import { settleAll } from './settle-all.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './segment-set.ts';
import type { TaskMap } from './tasks.ts';

/** One task for each thread on its share of the actors, in actor order; one on nothing when there are no actors. */
export function runOnRanges<K extends 'compute' | 'select' | 'prepare' | 'countEvents'>(
  pool: Pool,
  held: HeldSegment,
  task: K,
  payloadOf: (range: ActorRange, index: number) => TaskMap[K]['payload'],
  scope: RequestScope,
): Promise<TaskMap[K]['result'][]> {
  const split = splitActors(held.segment, pool.size);
  const ranges = split.length === 0 ? [{ from: 0, to: 0 }] : split;
  const segment = { key: held.key, value: held.segment };
  return settleAll(
    ranges.map((range, slot) => pool.run(task, payloadOf(range, slot), { control: scope.control, slot, segment })),
  );
}
