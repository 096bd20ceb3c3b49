import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../tests/support/random-log.ts';
import { assembleProperty } from '../column-builder.ts';
import { allocate, allocateU32, createColumnMemory, type ColumnMemory } from '../column-memory.ts';
import { dropRows } from '../drop-rows.ts';
import type { EventRows, ScannedSlice } from '../event-rows.ts';
import { assembleSegment, TimeSpanTooWide } from '../segment-builder.ts';
import type { PropertyColumn, Segment } from '../segment.ts';
import { SliceWriter } from '../slice-writer.ts';
import { assembleSlices, canAssemble, runAssemblyStep, type RunSteps, type SortedSegment } from './assemble-slices.ts';
import { assembleColumns, runColumnStep, type ReadScanRows } from './assemble-columns.ts';

interface Row {
  readonly actor: string;
  readonly event: string;
  readonly time: number;
  readonly value: string | null;
}

function batchOf(rows: readonly Row[]): EventRows {
  return {
    count: rows.length,
    actors: rows.map((row) => row.actor),
    events: rows.map((row) => row.event),
    times: Float64Array.from(rows, (row) => row.time),
    seqs: Float64Array.from(rows, (_, i) => i),
    recordedAt: null,
    properties: new Map([['value', rows.map((row) => row.value)]]),
  };
}

/** Cut into slices of random sizes, some of them empty; in some, rows are dropped afterwards. */
function scan(
  rows: readonly Row[],
  cuts: readonly number[],
  dropped: ReadonlySet<number>,
  memory: ColumnMemory | null,
): ScannedSlice[] {
  const ends = [...cuts, rows.length].toSorted((a, b) => a - b);
  return ends.map((end, i) => {
    const from = ends[i - 1] ?? 0;
    const writer = new SliceWriter({ events: true, recordedAt: false, properties: ['value'] }, memory);
    for (let at = from; at < end; at += 1000) writer.append(batchOf(rows.slice(at, Math.min(end, at + 1000))));
    const out = [...dropped].filter((row) => row >= from && row < end).map((row) => row - from);
    return dropRows(
      writer.finish(),
      out.toSorted((a, b) => a - b),
    );
  });
}

interface Built extends Omit<SortedSegment, 'segment'> {
  readonly segment: Omit<Segment, 'memory' | 'properties'>;
  readonly scanRows: Uint32Array;
  readonly property: PropertyColumn;
}

function buildByTwin(slices: readonly ScannedSlice[]): Built {
  const { scanOrder, segment, ...rest } = assembleSegment(slices, null, () => {});
  const scanRows = scanOrder.kind === 'memory' ? scanOrder.rows : new Uint32Array();
  const { memory: _, properties: _none, ...columns } = segment;
  return { ...rest, segment: columns, scanRows, property: assembleProperty(slices, 0, scanRows, null, () => {}) };
}

async function buildByKernels(slices: readonly ScannedSlice[], build: ColumnMemory, parts: number): Promise<Built> {
  const scanRows = allocateU32(
    build,
    slices.reduce((sum, slice) => sum + slice.rows, 0),
  );
  const run: RunSteps = (steps) =>
    Promise.resolve(
      steps.map((step) =>
        runAssemblyStep(
          build,
          step,
          (at, rows) => scanRows.set(rows, at),
          () => {},
        ),
      ),
    );
  const memory = createColumnMemory();
  const { segment, ...rest } = await assembleSlices(slices, build, memory, parts, run);
  const { memory: _, properties: _none, ...columns } = segment;
  const readRows: ReadScanRows = (from, to, into) => into.set(scanRows.subarray(from, to));
  const [property] = await assembleColumns(slices, 1, scanRows.length, { build, memory, parts }, (list) =>
    Promise.resolve(list.map((step) => runColumnStep(build, step, readRows, () => {}))),
  );
  if (property === undefined) throw new Error('one property gives one column');
  return { ...rest, segment: columns, scanRows, property };
}

/** Columns as plain arrays of numbers, wherever they lie. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Lone halves of a surrogate pair too: in UTF-8 they all become one letter. */
const LETTERS = [
  'a',
  'b',
  'ab',
  'ü',
  '\u0000',
  '\uFEFF',
  '\uFFFD',
  '字',
  '😀',
  '\uD83D',
  '\uDE00',
  'user-0000',
  ' ',
  '"',
];
function randomText(random: () => number, length: number): string {
  let text = '';
  for (let i = Math.floor(random() * length); i > 0; i--) text += LETTERS[Math.floor(random() * LETTERS.length)] ?? '';
  return text;
}

interface Shape {
  readonly rows: number;
  readonly actors: number;
  readonly types: number;
  /** Around which time, within how many ms. */
  readonly around: number;
  readonly within: number;
}

function randomRows(random: () => number, { rows, actors, types, around, within }: Shape): Row[] {
  const ids = Array.from({ length: actors }, () => randomText(random, 12));
  const names = Array.from({ length: types }, (_, i) => `${randomText(random, 3)}${i}`);
  // Squared: few actors have most of the events, few types are most of them.
  const pick = (list: readonly string[]): string => list[Math.floor(random() ** 2 * list.length)] ?? '';
  return Array.from({ length: rows }, (_, i) => ({
    actor: pick(ids),
    event: pick(names),
    time: around + Math.floor(within * (random() < 0.8 ? i / rows : random())),
    value: random() < 0.3 ? null : randomText(random, 5),
  }));
}

const DAY = 86_400_000;
const SHAPES: Readonly<Record<string, Shape>> = {
  'no rows': { rows: 0, actors: 1, types: 1, around: 0, within: 1 },
  'one row': { rows: 1, actors: 1, types: 1, around: 5, within: 1 },
  'one actor, most times equal': { rows: 3_000, actors: 1, types: 3, around: 1e12, within: 60 },
  'one actor, out of order': { rows: 20_000, actors: 1, types: 3, around: 1e12, within: DAY },
  'many actors': { rows: 20_000, actors: 9_000, types: 6, around: 1.7e12, within: 700 * DAY },
  'two buckets and more': { rows: 70_000, actors: 9_000, types: 7, around: 1.7e12, within: 700 * DAY },
  'before 1970': { rows: 2_000, actors: 200, types: 5, around: -900_000 * 1_000_000, within: 20_000 * DAY },
  '300 types': { rows: 5_000, actors: 50, types: 300, around: 1.7e12, within: DAY },
  '1,024 types': { rows: 5_000, actors: 300, types: 1_024, around: 1.7e12, within: DAY },
  '136 years': { rows: 2_000, actors: 50, types: 3, around: -2e12, within: 4_294_967_295_000 },
};

describe('assembleSlices', () => {
  for (const [name, shape] of Object.entries(SHAPES))
    it(`makes what its twin makes: ${name}`, async () => {
      for (const parts of [1, 2, 5]) {
        const seed = Math.floor(Math.random() * 1e9);
        const random = randomOf(seed);
        const rows = randomRows(random, shape);
        const cuts = Array.from({ length: parts - 1 }, () => Math.floor(random() * rows.length));
        const dropped = new Set(rows.flatMap((_, i) => (parts === 2 && random() < 0.01 ? [i] : [])));
        const expected = plain(buildByTwin(scan(rows, cuts, dropped, null)));
        const build = createColumnMemory();
        const slices = scan(rows, cuts, dropped, build);
        expect(canAssemble(slices)).toBe(true);
        expect(plain(await buildByKernels(slices, build, parts)), `seed ${seed}, ${parts} parts`).toEqual(expected);
        if (dropped.size > 0) continue;
        // However it is cut, but for the landmarks, which are places in slices.
        const whole = plain(buildByTwin(scan(rows, [], dropped, null)));
        expect({ ...(expected as object), landmarks: [] }, `seed ${seed}`).toEqual({
          ...(whole as object),
          landmarks: [],
        });
      }
    });

  it('reaches beyond 2 GiB', async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const rows = randomRows(randomOf(seed), { rows: 5_000, actors: 900, types: 9, around: 1.7e12, within: 90 * DAY });
    const build = createColumnMemory();
    // Untouched pages cost nothing.
    allocate(build, 2 ** 31);
    const actual = plain(await buildByKernels(scan(rows, [2_000], new Set(), build), build, 2));
    expect(actual, `seed ${seed}`).toEqual(plain(buildByTwin(scan(rows, [2_000], new Set(), null))));
  });

  it('knows nothing of dropped rows, though slices did', () => {
    const row = (actor: string, time: number): Row => ({ actor, event: actor, time, value: null });
    const rows = [row('b', 1), row('a', 2), row('c', 3), row('b', 4)];
    const cut = buildByTwin(scan(rows, [2], new Set([0, 2]), null));
    expect(cut.segment).toMatchObject({ actorCount: 2, eventNames: ['a', 'b'] });
    expect(plain(buildByTwin(scan(rows, [], new Set([0, 2]), null)).segment)).toEqual(plain(cut.segment));
  });

  it('refuses more than 136 years, and leaves very many types to the twin', async () => {
    const build = createColumnMemory();
    const row = (time: number): Row => ({ actor: 'a', event: 'x', time, value: null });
    const slices = scan([row(-3e12), row(3e12)], [], new Set(), build);
    await expect(buildByKernels(slices, build, 2)).rejects.toThrow(TimeSpanTooWide);
    const many = randomRows(randomOf(1), { rows: 9_000, actors: 3, types: 1_500, around: 0, within: 9 });
    expect(canAssemble(scan(many, [], new Set(), build))).toBe(false);
  });
});
