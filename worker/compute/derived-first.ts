import { getScratch } from '../kernels/scratch.ts';
import { viewU32 } from '../segment/column-memory.ts';
import type { DerivedColumns } from '../segment/derived-column.ts';
import type { ActorIndex, Segment } from '../segment/segment.ts';
import { DERIVE_KERNEL } from './derive-kernel.ts';
import type { DerivedFamily, DerivedTarget, FillActors } from './derived.ts';

/** The value of an actor without such an event. Seconds never reach it: a segment spans less than 136 years. */
export const NO_FIRST = 0xffff_ffff;
/** Types that a byte tells apart. */
const TYPES = 256;
export const getFirstName = (eventName: string): string => `first:${eventName}`;
export const hasFirsts = (columns: DerivedColumns): boolean =>
  [...columns.keys()].some((name) => name.startsWith('first:'));

/**
 * `first:<event>`: the second of an actor's first event of a type, as in `seconds`; NO_FIRST = it has none.
 *
 *   events      a@10 b@10 a@20 | b@5
 *   first:a     10             | NO_FIRST
 *   first:b     10             | 5
 */
export const firstFamily: DerivedFamily = {
  name: 'first',
  per: 'actor',
  shape: ({ eventNames, actorCount }, eventName) =>
    eventNames.includes(eventName) ? { type: 'u32', length: actorCount } : null,
  compile,
};

function compile(segment: Segment, targets: readonly DerivedTarget[]): FillActors {
  const { memory, offsets, types, seconds, eventNames } = segment;
  if (memory === null || !(types instanceof Uint8Array)) return compileTwin(segment, targets);
  const columns = getScratch(memory, 4 * (TYPES + 1));
  const sink = columns + 4 * TYPES;
  viewU32(memory, columns, TYPES)
    .fill(0)
    .set(eventNames.map((name) => targets.find(({ argument }) => argument === name)?.values.byteOffset ?? 0));
  const { firsts } = DERIVE_KERNEL.on(memory);
  return (first, end) => {
    clear(targets, first, end);
    firsts(offsets.byteOffset, types.byteOffset, seconds.byteOffset, first, end, columns, sink);
  };
}

function compileTwin({ offsets, types, seconds, eventNames }: Segment, targets: readonly DerivedTarget[]): FillActors {
  const columns = eventNames.map((name) => targets.find(({ argument }) => argument === name)?.values ?? null);
  return (first, end) => {
    clear(targets, first, end);
    for (let actor = first; actor < end; actor++) {
      // Backwards, so that the first of a type is written last.
      const from = offsets[actor] ?? 0;
      for (let event = (offsets[actor + 1] ?? 0) - 1; event >= from; event--) {
        const column = columns[types[event] ?? 0];
        if (column) column[actor] = seconds[event] ?? 0;
      }
    }
  };
}

/** Here and there an actor alone: then a call of `fill` would be most of the work. */
function clear(targets: readonly DerivedTarget[], first: ActorIndex, end: ActorIndex): void {
  if (end - first > 1) for (const { values } of targets) values.fill(NO_FIRST, first, end);
  else for (const { values } of targets) values[first] = NO_FIRST;
}
