import { expect, it } from 'vitest';
import { randomOf } from '../../tests/support/random-log.ts';
import { getDerivedShape, parseDerivedName } from '../compute/derived.ts';
import { TYPES_BEHIND, TYPES_PRESENT, TYPES_REPEATED } from '../compute/derived-types.ts';
import { createDerived, type DerivedColumn } from '../segment/derived-column.ts';
import { placeRows } from '../segment/place-rows.ts';
import type { Segment } from '../segment/segment.ts';
import { EMPTY_TABLE } from '../segment/string-table.ts';
import { findChanged } from './find-changed.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_123);
const EVENT_NAMES = ['a', 'b', 'c'];
const NAMES = [TYPES_PRESENT, TYPES_REPEATED, TYPES_BEHIND, ...EVENT_NAMES.map((name) => `first:${name}`)];

/** Milliseconds and type. */
type Event = readonly [time: number, type: number];

/** By actor; events of one at equal times in the order given. */
function segmentOf(actors: readonly (readonly Event[])[]): Segment {
  const events = actors.flatMap((own) => own.toSorted(([a], [b]) => a - b));
  const ends = actors.reduce<number[]>((sums, own) => [...sums, (sums.at(-1) ?? 0) + own.length], [0]);
  return {
    memory: null,
    actorCount: actors.length,
    eventCount: events.length,
    offsets: Uint32Array.from(ends),
    baseSeconds: 0,
    seconds: Uint32Array.from(events, ([time]) => Math.floor(time / 1_000)),
    millis: Uint16Array.from(events, ([time]) => time % 1_000),
    types: Uint8Array.from(events, ([, type]) => type),
    eventNames: EVENT_NAMES,
    actorIds: EMPTY_TABLE,
    properties: new Map(),
    recordedAt: null,
  };
}

function derive(segment: Segment, name: string): DerivedColumn {
  const shape = getDerivedShape(segment, name);
  if (shape === null) throw new Error(`no column ${name}`);
  const { family, argument } = parseDerivedName(name);
  const values = createDerived(shape.type, shape.length);
  family.compile(segment, [{ argument, values }])(0, segment.actorCount);
  return values;
}

it(`only actors that are said to have changed have other derived values (TRIBUTARY_SEED=${SEED})`, () => {
  const random = randomOf(SEED);
  const below = (n: number): number => Math.floor(random() * n);
  const eventsOf = (most: number): Event[] => Array.from({ length: below(most) }, () => [below(6) * 500, below(3)]);
  let stayed = 0;
  for (let round = 0; round < 300; round++) {
    const old = Array.from({ length: 1 + below(6) }, () => eventsOf(9));
    const added = Array.from({ length: old.length + below(3) }, (_, actor) => eventsOf(actor < old.length ? 3 : 5));
    const before = segmentOf(old);
    const after = segmentOf(added.map((events, actor) => [...(old[actor] ?? []), ...events]));
    const rows = added.flatMap((events, actor) => events.map(([time, type]) => ({ actor, time, type })));
    const flat = {
      actors: Uint32Array.from(rows, ({ actor }) => actor),
      times: Float64Array.from(rows, ({ time }) => time),
      types: Uint32Array.from(rows, ({ type }) => type),
    };
    const actorOf = Uint32Array.from(added.keys());
    const placed = placeRows(before, flat, { actorOf, typeOf: Uint32Array.of(0, 1, 2), types: 3 });
    const changed = findChanged(placed, before, derive(before, TYPES_REPEATED));
    const all = [...new Set(placed.actors)];
    expect([...findChanged(placed, before, null)]).toEqual(all);
    const others = all.filter((actor) => !changed.includes(actor));
    for (const name of NAMES) {
      const [was, is] = [derive(before, name), derive(after, name)];
      expect(others.map((actor) => is[actor])).toEqual(others.map((actor) => was[actor]));
    }
    stayed += others.length;
  }
  expect(stayed).toBeGreaterThan(10);
});
