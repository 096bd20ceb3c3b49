import { getScratch } from '../kernels/scratch.ts';
import { viewU32 } from '../segment/column-memory.ts';
import type { ActorIndex, ActorRange, Segment } from '../segment/segment.ts';
import { DERIVE_KERNEL, forEachSlice } from './derive-kernel.ts';
import type { DerivedFamily, DerivedTarget } from './derived.ts';

/** The value of an actor without such an event. Seconds never reach it: a segment spans less than 136 years. */
export const NO_FIRST = 0xffff_ffff;
/** Types that a byte tells apart. */
const TYPES = 256;
export const getFirstName = (eventName: string): string => `first:${eventName}`;

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
  fill: fillFirsts,
  compileTwin,
};

function fillFirsts(
  segment: Segment,
  range: ActorRange,
  targets: readonly DerivedTarget[],
  checkpoint: (actorsDone: number) => void,
): void {
  const { memory, offsets, types, seconds, eventNames } = segment;
  if (memory === null || !(types instanceof Uint8Array)) return fillByTwin(segment, range, targets, checkpoint);
  for (const { values } of targets) values.fill(NO_FIRST, range.from, range.to);
  const columns = getScratch(memory, 4 * (TYPES + 1));
  const sink = columns + 4 * TYPES;
  viewU32(memory, columns, TYPES)
    .fill(0)
    .set(eventNames.map((name) => targets.find(({ argument }) => argument === name)?.values.byteOffset ?? 0));
  const { firsts } = DERIVE_KERNEL.on(memory);
  forEachSlice(range, checkpoint, (first, end) => {
    firsts(offsets.byteOffset, types.byteOffset, seconds.byteOffset, first, end, columns, sink);
  });
}

function fillByTwin(
  segment: Segment,
  range: ActorRange,
  targets: readonly DerivedTarget[],
  checkpoint: (actorsDone: number) => void,
): void {
  const fill = compileTwin(segment, targets);
  for (let actor = range.from; actor < range.to; actor++) {
    if ((actor & 4095) === 0) checkpoint(actor - range.from);
    fill(actor);
  }
}

function compileTwin(
  { offsets, types, seconds, eventNames }: Segment,
  targets: readonly DerivedTarget[],
): (actor: ActorIndex) => void {
  const columns = eventNames.map((name) => targets.find(({ argument }) => argument === name)?.values ?? null);
  return (actor) => {
    for (const { values } of targets) values[actor] = NO_FIRST;
    // Backwards, so that the first of a type is written last.
    const from = offsets[actor] ?? 0;
    for (let event = (offsets[actor + 1] ?? 0) - 1; event >= from; event--) {
      const column = columns[types[event] ?? 0];
      if (column) column[actor] = seconds[event] ?? 0;
    }
  };
}
