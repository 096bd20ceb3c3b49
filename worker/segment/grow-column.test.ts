import { describe, expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { allocateU16, allocateU32, allocateU8, createColumnMemory, type ColumnMemory } from './column-memory.ts';
import { growColumnsByKernel, growOffsetsByKernel } from './grow-by-kernel.ts';
import { createLike, growColumn } from './grow-column.ts';
import { growOffsets } from './grow-segment.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);
const ALLOCATE = [allocateU8, allocateU16, allocateU32] as const;

/** What stands where, put together value by value. */
function grownBySplices(column: readonly number[], places: Uint32Array, values: Uint32Array): number[] {
  const grown = [...column];
  places.forEach((place, i) => grown.splice(place + i, 0, values[i] ?? 0));
  return grown;
}

function viewOf<T extends Uint8Array | Uint16Array | Uint32Array>(column: T, length: number): T {
  const make = column.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T;
  return new make(column.buffer, column.byteOffset, length);
}

describe(`new values between old ones (TRIBUTARY_SEED=${SEED})`, () => {
  it('stand where they belong: copied, where they lie, and by the kernel', () => {
    const random = randomOf(SEED);
    const below = (n: number): number => Math.floor(random() * n);
    for (let round = 0; round < 200; round++) {
      const old = Array.from({ length: below(40) }, () => below(200));
      const places = Uint32Array.from({ length: below(12) }, () => below(old.length + 1)).sort();
      const values = Uint32Array.from(places, () => below(200));
      const expected = grownBySplices(old, places, values);
      for (const allocate of ALLOCATE) {
        const make = (memory: ColumnMemory) => {
          const roomy = allocate(memory, expected.length);
          roomy.set(old);
          return { column: viewOf(roomy, old.length), grown: viewOf(roomy, expected.length), values };
        };
        const memory = createColumnMemory();
        const [byTwin, first, second] = [make(memory), make(memory), make(memory)];
        const copied = createLike(byTwin.column, expected.length);
        growColumn(byTwin.column, copied, places, values);
        growColumn(byTwin.column, byTwin.grown, places, values);
        growColumnsByKernel(memory, [first, second], places);
        for (const grown of [copied, byTwin.grown, first.grown, second.grown]) expect([...grown]).toEqual(expected);
      }
    }
  });

  it('move where actors begin, of known ones and new ones', () => {
    const random = randomOf(SEED + 1);
    const below = (n: number): number => Math.floor(random() * n);
    for (let round = 0; round < 200; round++) {
      const counts = Array.from({ length: below(60) }, () => below(4));
      // Many in a row without, in some rounds.
      const few = below(2) * 9;
      const added = Array.from({ length: counts.length + below(5) }, (_, actor) =>
        actor < counts.length ? Math.max(0, below(3 + few) - few) : 1 + below(3),
      );
      const sumOf = (sizes: readonly number[]): number[] =>
        sizes.reduce<number[]>((sums, n) => [...sums, (sums.at(-1) ?? 0) + n], [0]);
      const offsets = sumOf(counts);
      const expected = sumOf(added.map((n, actor) => n + (counts[actor] ?? 0)));
      const actors = Uint32Array.from(added.flatMap((n, actor) => Array.from({ length: n }, () => actor)));
      const memory = createColumnMemory();
      const [byTwin, byKernel] = [0, 1].map(() => {
        const roomy = allocateU32(memory, expected.length);
        roomy.set(offsets);
        return roomy;
      });
      if (byTwin === undefined || byKernel === undefined) throw new Error('two');
      const baseOf = (roomy: Uint32Array) => ({
        offsets: viewOf(roomy, offsets.length),
        actorCount: counts.length,
        eventCount: offsets.at(-1) ?? 0,
      });
      growOffsets(baseOf(byTwin), byTwin, actors);
      growOffsetsByKernel(memory, baseOf(byKernel), byKernel, actors);
      expect([...byTwin]).toEqual(expected);
      expect([...byKernel]).toEqual(expected);
    }
  });
});
