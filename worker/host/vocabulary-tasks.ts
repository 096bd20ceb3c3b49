import type { PropertyValues } from '../../protocol/index.ts';
import type { Segment } from '../segment/segment.ts';
import { getString } from '../segment/string-table.ts';
import { getCheckpoint, getTaskSegment, type TaskContext } from './task-context.ts';
import type { TaskMap } from './tasks.ts';

const CHECK_EVERY = 512;

/** Events and unique actors of each type within an actor range, by type code. */
export function countEvents(
  { range }: TaskMap['countEvents']['payload'],
  context: TaskContext,
): TaskMap['countEvents']['result'] {
  const segment = getTaskSegment(context);
  const checkpoint = getCheckpoint(context);
  const events = new Float64Array(segment.eventNames.length);
  const actors = new Float64Array(segment.eventNames.length);
  const lastActor = new Int32Array(segment.eventNames.length).fill(-1);
  for (let actor = range.from; actor < range.to; actor++) {
    if ((actor - range.from) % CHECK_EVERY === 0) checkpoint(actor - range.from);
    const end = segment.offsets[actor + 1] ?? 0;
    for (let e = segment.offsets[actor] ?? 0; e < end; e++) {
      const type = segment.types[e] ?? 0;
      events[type] = (events[type] ?? 0) + 1;
      if (lastActor[type] === actor) continue;
      lastActor[type] = actor;
      actors[type] = (actors[type] ?? 0) + 1;
    }
  }
  return { events, actors };
}

/** Events of a range of actors by value of a property or `$event` (code order); of `$actor`, by actor of the range. */
export function tallyValues({ property, range }: TaskMap['tallyValues']['payload'], context: TaskContext): Uint32Array {
  const { offsets, types, eventNames, properties } = getTaskSegment(context);
  getCheckpoint(context)(0);
  if (property === '$actor')
    return Uint32Array.from(
      { length: range.to - range.from },
      (_, i) => (offsets[range.from + i + 1] ?? 0) - (offsets[range.from + i] ?? 0),
    );
  const [from, to] = [offsets[range.from] ?? 0, offsets[range.to] ?? 0];
  if (property === '$event') return countCodes(types.subarray(from, to), eventNames.length);
  const column = properties.get(property);
  if (column === undefined) return new Uint32Array();
  return countCodes(column.codes.subarray(from, to), column.values.length + 1).subarray(1);
}

/** Most frequent first, ties by value. */
export function rankValues(
  { property, limit, counts }: TaskMap['rankValues']['payload'],
  context: TaskContext,
): PropertyValues {
  const checkpoint = getCheckpoint(context);
  let steps = 0;
  const check = (): void => {
    if (++steps % CHECK_EVERY === 0) checkpoint(0);
  };
  const nameOf = getNames(getTaskSegment(context), property);
  const codes = Array.from(counts.keys()).filter((code) => (counts[code] ?? 0) > 0);
  codes.sort((a, b) => {
    check();
    return (counts[b] ?? 0) - (counts[a] ?? 0);
  });
  // Ties at the cut are settled by value: keep all codes as frequent as the last one, name them, then sort.
  const least = counts[codes[Math.min(limit, codes.length) - 1] ?? 0] ?? 0;
  const values = codes
    .filter((code) => (counts[code] ?? 0) >= least)
    .map((code) => {
      check();
      return { value: nameOf(code), count: counts[code] ?? 0 };
    })
    .sort((a, b) => {
      check();
      return b.count - a.count || (a.value < b.value ? -1 : 1);
    });
  return { property, distinct: codes.length, values: values.slice(0, limit) };
}

function getNames({ actorIds, eventNames, properties }: Segment, property: string): (code: number) => string {
  if (property === '$actor') return (code) => getString(actorIds, code);
  if (property === '$event') return (code) => eventNames[code] ?? '';
  const column = properties.get(property);
  return column === undefined ? () => '' : (code) => getString(column.values, code);
}

function countCodes(codes: Uint8Array | Uint16Array | Uint32Array, size: number): Uint32Array {
  const counts = new Uint32Array(size);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}
