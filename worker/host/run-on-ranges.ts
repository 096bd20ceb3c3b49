import type { Analysis } from '../../protocol/index.ts';
import { getRequiredColumns } from '../plan/required-columns.ts';
import type { Pool } from '../pool.ts';
import { splitActors, type ActorRange } from '../segment/segment.ts';
import { TASK_SLOTS } from './control.ts';
import { settleAll } from './settle-all.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './held-segment.ts';
import type { TaskMap } from './tasks.ts';
import type { ColumnsNeeded } from './windows/windowed-segment.ts';

export const NO_COLUMNS: ColumnsNeeded = { properties: [], recordedAt: false };

/** Columns of a segment that a document looks at, beside those that every question does. */
export const getColumnsNeeded = (analysis: Analysis): ColumnsNeeded => ({
  properties: getRequiredColumns(analysis),
  recordedAt: analysis.knownAt !== null,
});

/**
 * One task for each thread on its share of the actors, in actor order; one on nothing when there are no actors. Of a
 * segment larger than memory: for each thread and window, with the columns `needed` of that window.
 * `takesShare` = of a short task (short-tasks.ts) the first share is done here, which is up, while threads do the others.
 */
export async function runOnRanges<
  K extends 'compute' | 'select' | 'prepare' | 'countEvents' | 'tallyValues' | 'survey' | 'findNewest',
>(
  pool: Pool,
  held: HeldSegment,
  task: K,
  payloadOf: (range: ActorRange, index: number) => TaskMap[K]['payload'],
  scope: RequestScope,
  needed: ColumnsNeeded,
  takesShare = false,
): Promise<TaskMap[K]['result'][]> {
  const { control } = scope;
  if (held.windows !== null)
    return held.windows.forEachRange(needed, scope, (segment, range, index) =>
      pool.run(task, payloadOf(range, index), { control, slot: index % TASK_SLOTS, segment }),
    );
  const split = splitActors(held.segment, pool.size);
  const ranges = split.length === 0 ? [{ from: 0, to: 0 }] : split;
  const segment = { key: held.key, value: held.segment };
  const run = (range: ActorRange, slot: number): Promise<TaskMap[K]['result']> =>
    pool.run(task, payloadOf(range, slot), { control, slot, segment, inline: takesShare && slot === 0 && 'always' });
  const [first, ...others] = ranges;
  // The one here last: it begins at once, and threads take a while to wake.
  const there = others.map((range, i) => run(range, i + 1));
  return settleAll(first === undefined ? there : [run(first, 0), ...there]);
}

export function concat(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
