import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Segment } from '../segment/segment.ts';
import { ColumnDamaged } from '../store/column-file.ts';
import { ColumnStore, type StoredColumns } from '../store/column-store.ts';
import { cutSlices, SLICE_ACTORS, type OpenColumns } from './derived-slices.ts';

const SOURCE = { name: '/data/shop.db', slot: 'shop', state: '1' };
const actorCount = 2 * SLICE_ACTORS + 1_001;
const firsts = Uint32Array.from({ length: actorCount }, (_, actor) => actor * 65_537);
const masks = Uint8Array.from({ length: actorCount }, (_, actor) => actor * 7);
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-slices-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function keep(): Promise<StoredColumns> {
  const onProblem = (message: string): never => expect.unreachable(message);
  const store = new ColumnStore({ folder, budgetBytes: 1e9, onProblem });
  await store.save(SOURCE, null, 0, [
    { name: 'firsts', values: firsts },
    { name: 'masks', values: masks },
  ]);
  const stored = store.find(SOURCE);
  if (stored === null) throw new Error('nothing is kept');
  return stored;
}
function openBoth(stored: StoredColumns): OpenColumns {
  return new Map(['firsts', 'masks'].map((name) => [name, stored.slices(name)]));
}
/** Of a segment that has actors and nothing else. */
function readAll(columns: OpenColumns): { readonly firsts: number[]; readonly masks: number[] } {
  const read = { firsts: [] as number[], masks: [] as number[] };
  for (const { segment, columns: slice } of cutSlices({ actorCount } as Segment, columns)) {
    for (const name of ['firsts', 'masks'] as const) {
      const values = slice.get(name) ?? [];
      expect(values.length).toBe(segment.actorCount);
      for (const value of values) read[name].push(value);
    }
  }
  for (const column of columns.values()) column.check();
  return read;
}

it('slices have each actor once, in order, in every column', async () => {
  const columns = openBoth(await keep());
  expect(readAll(columns)).toEqual({ firsts: [...firsts], masks: [...masks] });
  for (const column of columns.values()) column.close();
});

it('another value than was written is noticed when all slices were read', async () => {
  const stored = await keep();
  const entry = stored.entry('masks');
  const [where = ''] = readdirSync(folder);
  const file = path.join(folder, where, entry?.file ?? '');
  const bytes = readFileSync(file);
  bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 4;
  writeFileSync(file, bytes);
  const columns = openBoth(stored);
  expect(() => readAll(columns)).toThrow(ColumnDamaged);
  for (const column of columns.values()) column.close();
});
