import { describe, expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { allocateU16, allocateU32, createColumnMemory } from './column-memory.ts';
import { placeByKernel } from './place-by-kernel.ts';
import { placeRows, type FlatRows, type RowCodes } from './place-rows.ts';
import type { Segment } from './segment.ts';
import { EMPTY_TABLE } from './string-table.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);
const BASE_SECONDS = -1_000;

/** `actors` with their events at the given milliseconds, ascending. */
function segmentOf(actors: readonly (readonly number[])[]): Segment {
  const memory = createColumnMemory();
  const times = actors.flat();
  const put = <T extends Uint16Array | Uint32Array>(column: T, values: readonly number[]): T => {
    column.set(values);
    return column;
  };
  const ends = actors.reduce<number[]>((sums, events) => [...sums, (sums.at(-1) ?? 0) + events.length], [0]);
  const whole = times.map((time) => Math.floor(time / 1_000));
  return {
    memory,
    actorCount: actors.length,
    eventCount: times.length,
    offsets: put(allocateU32(memory, ends.length), ends),
    baseSeconds: BASE_SECONDS,
    seconds: put(
      allocateU32(memory, times.length),
      whole.map((second) => second - BASE_SECONDS),
    ),
    millis: put(
      allocateU16(memory, times.length),
      times.map((time, i) => time - (whole[i] ?? 0) * 1_000),
    ),
    types: new Uint8Array(times.length),
    eventNames: ['a'],
    actorIds: EMPTY_TABLE,
    properties: new Map(),
    recordedAt: null,
  };
}

/** Row by row: behind all events of its actor at its time or before, and behind the rows that go there before it. */
function placeOneByOne(segment: Segment, actors: readonly (readonly number[])[], rows: FlatRows, codes: RowCodes) {
  const actorOf = (row: number): number => codes.actorOf[rows.actors[row] ?? 0] ?? 0;
  const timeOf = (row: number): number => rows.times[row] ?? 0;
  const order = Array.from(rows.times.keys()).toSorted(
    (a, b) => actorOf(a) - actorOf(b) || timeOf(a) - timeOf(b) || a - b,
  );
  const equal = order.filter((row, i) => {
    const isEqual = (time: number): boolean => time === timeOf(row);
    return (
      actors[actorOf(row)]?.some(isEqual) ||
      (i > 0 && actorOf(order[i - 1] ?? 0) === actorOf(row) && isEqual(timeOf(order[i - 1] ?? 0)))
    );
  });
  return {
    rows: order,
    actors: order.map(actorOf),
    times: order.map(timeOf),
    places: order.map((row) => {
      const own = actors[actorOf(row)];
      const start = own === undefined ? segment.eventCount : (segment.offsets[actorOf(row)] ?? 0);
      return start + (own?.filter((time) => time <= timeOf(row)).length ?? 0);
    }),
    equalTimes: equal.length,
  };
}

describe(`rows in the order of a segment (TRIBUTARY_SEED=${SEED})`, () => {
  it('stand where they belong, by the kernel as by its twin', () => {
    const random = randomOf(SEED);
    const below = (n: number): number => Math.floor(random() * n);
    for (let round = 0; round < 150; round++) {
      // Few different times, so that many are equal; now and then one actor with more rows than the kernel sorts itself.
      const spread = round % 3 === 0 ? 30 : 3_000_000;
      const timeOf = (): number => BASE_SECONDS * 1_000 + below(spread);
      const known = Array.from({ length: below(12) }, () =>
        Array.from({ length: below(9) }, timeOf).toSorted((a, b) => a - b),
      );
      const segment = segmentOf(known);
      const codeCount = 1 + below(10);
      const stride = 2 ** below(28);
      const shuffled = Array.from({ length: known.length + codeCount }, (_, actor) => ({ actor, key: random() }))
        .toSorted((a, b) => a.key - b.key)
        // New actors with numbers of all sizes, as if the segment had millions.
        .map(({ actor }) => (actor < known.length ? actor : known.length + (actor - known.length) * stride));
      const count = round % 10 === 0 ? 400 : below(60);
      const rows: FlatRows = {
        actors: Uint32Array.from({ length: count }, () => below(codeCount)),
        times: Float64Array.from({ length: count }, timeOf),
        types: Uint32Array.from({ length: count }, () => below(3)),
      };
      const codes = {
        actorOf: Uint32Array.from(shuffled.slice(0, codeCount)),
        typeOf: Uint32Array.of(2, 0, 1),
        types: 4,
      };
      const byTwin = placeRows(segment, rows, codes);
      const byKernel = placeByKernel(segment.memory ?? createColumnMemory(), segment, rows, codes);
      expect(byKernel).toEqual(byTwin);
      const { times, ...expected } = placeOneByOne(segment, known, rows, codes);
      expect({
        rows: [...byTwin.rows],
        actors: [...byTwin.actors],
        places: [...byTwin.places],
        equalTimes: byTwin.equalTimes,
      }).toEqual(expected);
      expect([...byTwin.seconds].map((s, i) => (s + BASE_SECONDS) * 1_000 + (byTwin.millis[i] ?? 0))).toEqual(times);
      expect([...byTwin.types]).toEqual(expected.rows.map((row) => codes.typeOf[rows.types[row] ?? 0]));
      expect([...byTwin.typeCounts]).toEqual([0, 1, 2, 3].map((type) => byTwin.types.filter((t) => t === type).length));
    }
  });
});
