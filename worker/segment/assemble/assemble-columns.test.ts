import { expect, it } from 'vitest';
import { randomOf } from '../../../tests/support/random-log.ts';
import { assembleProperty } from '../column-builder.ts';
import { createColumnMemory, type ColumnMemory } from '../column-memory.ts';
import type { ScannedSlice } from '../event-rows.ts';
import type { PropertyColumn } from '../segment.ts';
import { SliceWriter } from '../slice-writer.ts';
import { assembleColumns, runColumnStep } from './assemble-columns.ts';

const ROWS = 66_000;
const EMPTY: PropertyColumn = {
  codes: new Uint8Array(),
  values: { length: 0, bytes: new Uint8Array(), offsets: new Uint32Array(1) },
};
/** Few, many and as many values as rows: codes of 1, 2 and 4 bytes, more of them than are gathered at once. */
const PROPERTIES: readonly (readonly [name: string, get: (row: number) => string | null])[] = [
  ['few', (row) => (row % 3 === 0 ? null : `v${row % 100}`)],
  ['own', (row) => `${row}`],
  ['many', (row) => `${(row * 7) % 5_000}`],
  ['none', () => null],
  ['other', (row) => `x${row}`],
  ['one', () => 'same'],
];

function scan(cuts: readonly number[], memory: ColumnMemory | null): ScannedSlice[] {
  return [...cuts, ROWS].map((end, i) => {
    const from = cuts[i - 1] ?? 0;
    const writer = new SliceWriter(
      { events: false, recordedAt: false, properties: PROPERTIES.map(([name]) => name) },
      memory,
    );
    const rows = Array.from({ length: end - from }, (_, at) => from + at);
    writer.append({
      count: rows.length,
      actors: rows.map(() => 'a'),
      events: rows.map(() => 'e'),
      times: new Float64Array(rows.length),
      seqs: Float64Array.from(rows),
      recordedAt: null,
      properties: new Map(PROPERTIES.map(([name, get]) => [name, rows.map(get)])),
    });
    return writer.finish();
  });
}

/** Any order of the rows. */
function shuffle(random: () => number): Uint32Array {
  const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);
  for (let i = ROWS - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [rows[i], rows[j]] = [rows[j] ?? 0, rows[i] ?? 0];
  }
  return rows;
}

const textOf = ({ bytes, offsets, length }: PropertyColumn['values']): readonly [string, string] => [
  Buffer.from(bytes).toString(),
  offsets.subarray(0, length + 1).join(' '),
];

it('columns of all widths are those of the twin', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const scanRows = shuffle(randomOf(seed));
  for (const parts of [1, 3]) {
    const cuts = parts === 1 ? [] : [1_000, 40_000];
    const build = createColumnMemory();
    const columns = await assembleColumns(
      scan(cuts, build),
      PROPERTIES.length,
      ROWS,
      { build, memory: createColumnMemory(), parts },
      (steps) =>
        Promise.resolve(
          steps.map((step) =>
            runColumnStep(
              build,
              step,
              (from, to, into) => into.set(scanRows.subarray(from, to)),
              () => {},
            ),
          ),
        ),
    );
    expect(columns.map(({ codes }) => codes.BYTES_PER_ELEMENT)).toEqual([1, 4, 2, 1, 4, 1]);
    const slices = scan(cuts, null);
    for (const [p, [name]] of PROPERTIES.entries()) {
      const expected = assembleProperty(slices, p, scanRows, null, () => {});
      const actual = columns[p] ?? EMPTY;
      expect(actual.codes.join() === expected.codes.join(), `${name}, seed ${seed}`).toBe(true);
      expect(textOf(actual.values)).toEqual(textOf(expected.values));
    }
  }
});
