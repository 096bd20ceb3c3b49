import type { DerivedColumn } from '../segment/derived-column.ts';
import type { Segment } from '../segment/segment.ts';
import { DERIVE_KERNEL } from './derive-kernel.ts';
import type { DerivedFamily, DerivedTarget, FillActors } from './derived.ts';

const MAX_TYPES = 32;
/**
 * Names: bit t of an actor's value = it has an event of type t; = it has several; = its first event of type t comes in
 * the same second as the first one of another type, and some milliseconds after the earliest of them.
 */
export const TYPES_PRESENT = 'types:present';
export const TYPES_REPEATED = 'types:repeated';
export const TYPES_BEHIND = 'types:behind';

/**
 * Which event types an actor has at all, in all of its history:
 *
 *   events     a@1.0 b@1.5 a@2.0  |  c@7.0     types a = 0, b = 1, c = 2
 *   present    0b011                 0b100
 *   repeated   0b001                 0
 *   behind     0b010                 0
 */
export const typesFamily: DerivedFamily = {
  name: 'types',
  per: 'actor',
  shape: ({ eventNames, actorCount }) => {
    const types = eventNames.length;
    if (types > MAX_TYPES) return null;
    return { type: types <= 8 ? 'u8' : types <= 16 ? 'u16' : 'u32', length: actorCount };
  },
  compile,
};

const pick = (targets: readonly DerivedTarget[], wanted: string): DerivedColumn | undefined =>
  targets.find(({ argument }) => argument === wanted)?.values;

function compile(segment: Segment, targets: readonly DerivedTarget[]): FillActors {
  const { memory, offsets, types, seconds, millis, eventNames } = segment;
  if (memory === null || !(types instanceof Uint8Array)) return compileTwin(segment, targets);
  const { types8, types16, types32, behind } = DERIVE_KERNEL.on(memory);
  const fill = eventNames.length <= 8 ? types8 : eventNames.length <= 16 ? types16 : types32;
  const present = pick(targets, 'present')?.byteOffset ?? 0;
  const repeated = pick(targets, 'repeated')?.byteOffset ?? 0;
  const late = pick(targets, 'behind');
  const at = [offsets, types, seconds, millis].map((column) => column.byteOffset);
  const [atOffsets = 0, atTypes = 0, atSeconds = 0, atMillis = 0] = at;
  return (first, end) => {
    if (present !== 0 || repeated !== 0) fill(atOffsets, atTypes, first, end, present, repeated);
    if (late !== undefined)
      behind(atOffsets, atTypes, atSeconds, atMillis, first, end, late.byteOffset, late.BYTES_PER_ELEMENT);
  };
}

function compileTwin({ offsets, types, seconds, millis }: Segment, targets: readonly DerivedTarget[]): FillActors {
  const present = pick(targets, 'present');
  const repeated = pick(targets, 'repeated');
  const behind = pick(targets, 'behind');
  return (first, end) => {
    for (let actor = first; actor < end; actor++) {
      const to = offsets[actor + 1] ?? 0;
      let seen = 0;
      let again = 0;
      let late = 0;
      // The earliest first event of the second that was last reached.
      let second = -1;
      let millisecond = 0;
      for (let event = offsets[actor] ?? 0; event < to; event++) {
        const bit = 1 << (types[event] ?? 0);
        again |= seen & bit;
        if ((seen & bit) === 0) {
          if (seconds[event] !== second) {
            second = seconds[event] ?? 0;
            millisecond = millis[event] ?? 0;
          } else if ((millis[event] ?? 0) > millisecond) late |= bit;
        }
        seen |= bit;
      }
      // Stored into unsigned columns, so that bit 31 is no sign.
      if (present !== undefined) present[actor] = seen;
      if (repeated !== undefined) repeated[actor] = again;
      if (behind !== undefined) behind[actor] = late;
    }
  };
}
