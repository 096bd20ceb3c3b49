import type { Pool } from '../pool.ts';
import { orderStrings, orderStringsByKernel } from '../segment/string-order.ts';
import { getString, type StringTable } from '../segment/string-table.ts';
import type { RequestScope } from './request-scope.ts';
import type { HeldSegment } from './held-segment.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { TaskMap } from './tasks.ts';

/** Fewer ids than this are sorted as texts: quicker than bringing all ids of a segment in order. */
const FEW = 4_096;

/** All actors of a segment in id order, 4 bytes an actor, made for the first long list and kept as long as its ids. */
const orders = new WeakMap<StringTable, Uint32Array>();

/** Actors (any may be there several times) in the order of their ids, by code units. */
export async function sortById(
  pool: Pool,
  held: HeldSegment,
  actors: Uint32Array,
  scope: RequestScope,
): Promise<Uint32Array> {
  const options = { control: scope.control, segment: { key: held.key, value: held.segment } };
  const ids = held.segment.actorIds;
  if (actors.length > FEW && !orders.has(ids)) orders.set(ids, await pool.run('orderActors', {}, options));
  const order = actors.length > FEW ? (orders.get(ids) ?? null) : null;
  return pool.run('sortActors', { actors, order }, options);
}

/** In a thread: all actors in id order, in shared memory. */
export function orderActors(_: TaskMap['orderActors']['payload'], context: TaskContext): Uint32Array {
  const { memory, actorIds } = getTaskSegment(context);
  const checkpoint = getCheckpoint(context);
  return (memory === null ? orderStrings : orderStringsByKernel)(actorIds, () => checkpoint(0));
}

/** In a thread. `order` null = there are few. */
export function sortActors({ actors, order }: TaskMap['sortActors']['payload'], context: TaskContext): Uint32Array {
  const { actorIds } = getTaskSegment(context);
  if (order !== null) return pickInOrder(actors, order);
  const ids = Array.from(actors, (actor) => ({ actor, id: getString(actorIds, actor) }));
  ids.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return Uint32Array.from(ids, ({ actor }) => actor);
}

function pickInOrder(actors: Uint32Array, order: Uint32Array): Uint32Array {
  const times = new Uint32Array(order.length);
  for (const actor of actors) times[actor] = (times[actor] ?? 0) + 1;
  const sorted = new Uint32Array(actors.length);
  let at = 0;
  for (const actor of order) for (let left = times[actor] ?? 0; left > 0; left--) sorted[at++] = actor;
  return sorted;
}
